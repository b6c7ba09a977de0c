"""How it stands, for `paperboy status` and `paperboy top`: read, judged, drawn."""
