"""The core of Paperboy: it knows no platform, no HTTP and no SQL."""
