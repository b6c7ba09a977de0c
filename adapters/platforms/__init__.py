"""Where people talk: one folder per platform."""
