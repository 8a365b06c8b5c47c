"""What the hub answers, version 1: one schema for each document that comes back.

Readers ignore keys they do not know, so that a newer hub may say more to an older system; the hub's own tests hold every
answer to these schemas. Values are read from views by attribute or key.
"""
