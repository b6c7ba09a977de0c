"""Services that list papers by day, one folder each, and what they share: asking and wording."""
