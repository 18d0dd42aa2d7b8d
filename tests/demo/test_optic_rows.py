"""Rows of OpticOdds that are easy to mix up: lay prices, one side alone, three ways and two, two players of one name."""

from __future__ import annotations

import functools
from collections import defaultdict
from typing import Any

import orjson
import pytest

from oddstail.demo import odds
from oddstail.demo.wires.opticodds import OpticOdds

from .stage import Seat, Theatre, ask, still

BACK, LAY = "Betfair Exchange", "Betfair Exchange (Lay)"


@functools.cache
def rows(sport: str, *books: str) -> list[dict[str, Any]]:
    """Every odd of a sport's page of odds, with the id of its game."""
    market = still(sport)
    theatre = Theatre(OpticOdds, market=market)
    query = "".join(f"&sportsbook={book}" for book in books)
    found = []
    for fixture in market.fixtures():
        reply = theatre.wire.accept(ask(f"/api/v3/fixtures/odds?key=demo&fixture_id={fixture.id}{query}"))
        [game] = body(reply)
        found += [{**odd, "fixture_id": game["id"]} for odd in game["odds"]]
    return found


def body(reply: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = orjson.loads(reply.body)["data"]
    return found


@pytest.mark.parametrize("sport", ["basketball", "hockey", "soccer"])
def test_a_lay_book_has_a_longer_price_for_every_price_to_back(sport: str) -> None:
    found = rows(sport, BACK, LAY)
    back, lay = (
        {(odd["fixture_id"], odd["market"], odd["name"]): odd["price"] for odd in found if odd["sportsbook"] == book}
        for book in (BACK, LAY)
    )
    assert back.keys() == lay.keys()
    assert len(back) > 20
    assert all(odds.decimal(lay[what]) >= odds.decimal(price) for what, price in back.items())
    assert sum(lay[what] != price for what, price in back.items()) > len(back) / 2


@functools.cache
def streamed(sport: str, *books: str) -> Seat:
    theatre = Theatre(OpticOdds, rate=40, sports=[sport])
    query = "".join(f"&sportsbook={book}" for book in books)
    seat = theatre.open(ask(f"/api/v3/stream/odds/{sport}?key=demo{query}"))
    theatre.run(20, seat)
    return seat


def stream(sport: str, *books: str) -> list[dict[str, Any]]:
    """Every odd that a stream of some books sends in a while."""
    return [odd for entry in streamed(sport, *books).payloads() for odd in entry["data"]]


def test_an_exchange_says_what_it_takes_at_each_price() -> None:
    """`limits.max` is what the first level of `order_book` holds; the next level is worse for whoever bets (2.4)."""
    found = stream("hockey", BACK, LAY)
    assert {odd["sportsbook"] for odd in found} == {BACK, LAY}
    for odd in found:
        (best, size), (worse, _) = odd["order_book"]
        assert (best, size) == (odd["price"], odd["limits"]["max"])
        if odd["sportsbook"] == BACK:
            assert odds.probability(worse) > odds.probability(best)
        else:
            assert odds.probability(worse) < odds.probability(best)


def test_one_book_never_prices_the_other_side() -> None:
    props = [odd for odd in [*stream("basketball", "BetMGM"), *rows("basketball", "BetMGM")] if odd["player_id"]]
    assert props
    assert {odd["selection_line"] for odd in props} == {"over"}


def test_hockey_has_a_three_way_market_next_to_the_two_way_one() -> None:
    sides: dict[tuple[str, str], set[str]] = defaultdict(set)
    for odd in rows("hockey", "FanDuel"):
        if odd["market"].startswith("Moneyline"):
            sides[odd["fixture_id"], odd["market"]].add(odd["selection"])
    assert {market for _, market in sides} == {"Moneyline", "Moneyline 3-Way"}
    for (game, market), chosen in sides.items():
        assert chosen - {"Draw"} == sides[game, "Moneyline"]
        assert ("Draw" in chosen) == (market == "Moneyline 3-Way")


def test_a_three_way_price_is_locked_with_its_game() -> None:
    seat = streamed("hockey", "FanDuel")
    locked = [odd for entry in seat.payloads() if entry["type"] == "locked-odds" for odd in entry["data"]]
    assert "Draw" in {odd["selection"] for odd in locked if odd["market"] == "Moneyline 3-Way"}


def test_two_players_of_one_name_are_told_apart_by_their_ids() -> None:
    ids: dict[tuple[str, str], set[str]] = defaultdict(set)
    for odd in rows("football", "FanDuel"):
        if odd["player_id"]:
            ids[odd["fixture_id"], odd["selection"]].add(odd["player_id"])
    assert {len(found) for found in ids.values()} == {1, 2}
