"""HTML doors for people."""
