"""Which bet each market of RapidOddsAPI is: docs/wire/rapidodds.md, B9."""

from oddstail.providers.markets import Table

MARKETS = Table("rapidodds")
