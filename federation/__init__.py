"""Speaks: what organisations and hubs say to each other."""
