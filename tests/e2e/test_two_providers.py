"""`run --markets` over two providers: one market for both, in which a book that both carry counts once."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from oddstail.words import bare
from tests.e2e.support import ENV, Running, run

WATCHES = """
[watch.optic]
provider = "opticodds"
base-url = "{opticodds}"
sport = "basketball"
league = "NBA"
book = ["DraftKings", "Pinnacle"]
market = ["Moneyline", "Player Points"]

[watch.parlay]
provider = "parlayapi"
base-url = "{parlayapi}"
sport = "basketball_nba"
book = ["draftkings", "fanduel"]
market = "h2h,player_points"
"""


def test_props_of_two_providers_are_one_market_where_a_book_counts_once_by_the_newer_time(tmp_path: Path) -> None:
    with Running("demo", "--serve", "--for", "1m") as demo:
        served = {line["provider"]: line["base_url"] for line in map(json.loads, demo.lines(5))}
        (tmp_path / "oddstail").mkdir()
        (tmp_path / "oddstail" / "config.toml").write_text(WATCHES.format(**served))
        keys = {"OPTICODDS_API_KEY": "demo", "PARLAYAPI_API_KEY": "demo"}
        env = {**ENV, "XDG_CONFIG_HOME": str(tmp_path), "XDG_CACHE_HOME": str(tmp_path / "cache"), **keys}
        ran = run("run", "optic", "parlay", "--markets", "--json", "--for", "4s", env=env)
    #: By game, player, side and line: each book's latest quote at each provider.
    quotes: dict[tuple[Any, ...], dict[tuple[str, str], dict[str, Any]]] = {}
    shared = 0
    for record in ran.records:
        if record["type"] not in ("quote", "market") or record["kind"] != "prop":
            continue
        bet = record["home"], record["player"], record["side"], record["line"]
        if record["type"] == "quote":
            quotes.setdefault(bet, {})[bare(record["book"]), record["provider"]] = record
            continue
        there = quotes[bet]
        if len(there) < 3 or any(quote["status"] != "open" for quote in there.values()):
            continue
        newest = {}
        for (book, _), quote in sorted(there.items(), key=lambda item: item[1]["ts"]):
            newest[book] = quote
        assert (record["books"], record["out"]) == (2, 1)
        assert record["best_decimal"] == max(quote["decimal"] for quote in newest.values())
        assert record["best_key"] in {quote["key"] for quote in newest.values()}
        shared += 1
    assert shared >= 10, ran.err
