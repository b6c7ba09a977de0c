"""The memory: tables, repositories and migrations; nothing above it knows SQL."""
