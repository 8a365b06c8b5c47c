"""What the hub does: one verb of the domain each. Session, then who, then what; the caller commits."""
