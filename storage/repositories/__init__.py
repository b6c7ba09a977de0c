"""The repositories: bot.ports.memory's promises kept in SQL, one file for each."""
