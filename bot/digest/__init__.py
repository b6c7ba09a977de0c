"""The digest of a channel on a local day: choose its papers, format them, freeze the messages."""
