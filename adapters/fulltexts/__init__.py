"""Where the full texts of papers can be read."""
