"""Which bet each market of ParlayAPI is: docs/wire/parlayapi.md, 8.5."""

from oddstail.providers.markets import Table

#: Spellings differ by book, so a prop is told by its `player`, not by its key.
MARKETS = Table("parlayapi")
