"""The command line, a door for operators."""
