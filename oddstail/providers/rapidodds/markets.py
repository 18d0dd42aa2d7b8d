"""Which bet each market of RapidOddsAPI is: wire reference boltodds-rapidodds.md, B9."""

from oddstail.providers.markets import Table

MARKETS = Table("rapidodds")
