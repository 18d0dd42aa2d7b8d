"""BoltOdds."""
