"""Which kind each market of ParlayAPI is of: wire reference parlayapi.md, section 8.5. Table only."""

from oddstail.providers.markets import Markets

#: Section 8.5. Spellings differ by book, so a prop is told by its `player`, not by its key.
MARKETS = Markets(
    exact={
        "h2h": "moneyline",
        "h2h_3_way": "moneyline",
        "spreads": "spread",
        "alternate_spreads": "spread",
        "totals": "total",
        "alternate_totals": "total",
        "team_totals": "team_total",
        "alternate_team_totals": "team_total",
        "outrights": "future",
    },
    starts={"player_": "prop", "batter_": "prop", "pitcher_": "prop"},
    after={"_h1": "1h", "_h2": "2h", "_q1": "q1", "_q2": "q2", "_q3": "q3", "_q4": "q4", "_p1": "p1"},
)
