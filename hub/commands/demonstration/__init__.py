"""The demonstration: a reference network, and the whole journey through the real doors."""
