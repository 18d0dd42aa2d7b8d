"""RapidOddsAPI."""
