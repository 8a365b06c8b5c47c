"""JSON doors for organisations' systems."""
