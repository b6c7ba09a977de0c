"""Readers: adapters that let a language model fill in forms."""
