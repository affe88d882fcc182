"""The figures, for people."""
