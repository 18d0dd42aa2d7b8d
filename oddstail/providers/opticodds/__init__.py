"""OpticOdds."""
