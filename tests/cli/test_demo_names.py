"""Names on the demo's command line: common words for markets, and names that it does not have."""

from __future__ import annotations

from typing import Any

import pytest

from oddstail import providers
from oddstail.cli.asks import ASKS
from oddstail.cli.common import Common
from oddstail.cli.demo_names import common_markets, strangers
from oddstail.demo.market import Market
from oddstail.providers.names import checked

MARKET = Market(1)


@pytest.mark.parametrize("name", sorted(ASKS))
@pytest.mark.parametrize("words", ["moneyline,spread,total", "h2h,spreads,totals", "Moneyline,Point Spread,Over/Under"])
def test_common_words_are_markets_of_every_provider(name: str, words: str) -> None:
    markets, _ = common_markets(name, "Title", [words])
    assert markets is not None
    flags = {"market": [part for one in markets for part in one.split(",")]}
    out, _ = checked(flags, providers.catalogue(name), {}, "Title", name)
    kinds = {providers.catalogue(name).bet(market, None).kind for market in out["market"]}
    assert kinds == {"moneyline", "spread", "total"}


def test_the_provider_s_own_word_is_no_news() -> None:
    assert common_markets("parlayapi", "ParlayAPI", ["h2h", "player_points"]) == (["h2h", "player_points"], [])
    assert common_markets("parlayapi", "ParlayAPI", ["moneyline"])[1] == [
        "ParlayAPI spells the market 'moneyline' as 'h2h'; using that"
    ]


def told(name: str = "parlayapi", team: list[str] | None = None, where: list[str] | None = None, **given: Any) -> str:
    asked = {**ASKS[name], **given}
    return "\n".join(strangers(name, asked, given, Common(team=team, where=where), MARKET))


@pytest.mark.parametrize(
    ("expected", "given"),
    [
        ('no league "NBBA"; did you mean "basketball_nba"?', {"league": ["NBBA"]}),
        ('no league "NHLL"; did you mean "NHL"?', {"name": "oddsjam", "league": ["NHLL"]}),
        ('no sport "curling"; known: ', {"sport": ["curling"]}),
        ('no book "kalshi"; known: ', {"book": ["kalshi"]}),
        ('no book "draftking"; did you mean "draftkings"?', {"book": ["pinnacle,draftking"]}),
        ('lists no book "pinacle", which a condition asks for; did you mean "pinnacle"?', {"where": ["book = 'pinacle'"]}),
        ('--team "Atlantis" plays in none of the 21 games', {"team": ["Atlantis"]}),
    ],
)  # fmt: skip
def test_a_name_that_the_demo_does_not_have_is_told(expected: str, given: dict[str, Any]) -> None:
    assert expected in told(**given)
    assert told(**given).count("\n") == 0


@pytest.mark.parametrize("name", sorted(ASKS))
def test_names_that_are_there_are_no_news(name: str) -> None:
    given = {flag: values for flag, values in ASKS[name].items() if flag in ("sport", "league", "book")}
    home = MARKET.fixtures()[0].home.rsplit(" ", 1)[-1].lower()
    assert told(name, team=[home], where=["american > 100"], **given) == ""
