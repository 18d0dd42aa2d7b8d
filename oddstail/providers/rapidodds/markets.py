"""Which kind each market of RapidOddsAPI is of: wire reference boltodds-rapidodds.md, B9. Table only."""

from oddstail.providers.markets import Markets

MARKETS = Markets(
    exact={
        "head_to_head": "moneyline",
        "head_to_head_3_way": "moneyline",
        # The spread is called so: no bare `spreads` or `totals` key was seen (B9).
        "alternate_lines": "spread",
        # Totals of the score. Those of corners, cards and shots are another bet, so `other`.
        "alternate_total_points": "total",
        "alternate_total_goals": "total",
        "alternate_total_runs": "total",
        "alternate_total_games": "total",
        "brownlow_medal_winner": "future",
    },
    starts={
        "alternate_team_total_": "team_total",
        "player_": "prop",
        "batter_": "prop",
        "pitcher_": "prop",
        "goalkeeper_": "prop",
    },
    after={"_1st_half": "1h"},
)
