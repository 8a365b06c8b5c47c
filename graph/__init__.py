"""Reasons: who may meet, how well they fit, what the best round is, what to do next, and why."""
