"""ParlayAPI."""
