"""OddsJam."""
