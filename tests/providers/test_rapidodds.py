"""RapidOddsAPI, flag by flag and event by event. Facts: docs/wire/rapidodds.md."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import orjson
import pytest

from oddstail import price, retry
from oddstail.model import Failure, Frame, Kind, Notice, Quote, Replace, Result, Scope, Selection, Send, Where
from oddstail.providers import provider
from oddstail.providers.rapidodds.command import Feed, Push

from .wire import Line, asked, codes, fixture, payload, prices, quotes, refused, said, scopes

PROVIDER = provider("rapidodds")
LAKERS, CELTICS = "Los Angeles Lakers", "Boston Celtics"
GAME = f"NBA: {LAKERS} vs {CELTICS}, 2026-02-25T11:00:00Z"


def line(*books: str, sport: str = "NBA", push: Push = Push.REPLACE) -> Line:
    return Line(
        asked("rapidodds", sport=[sport], book=list(books or ["Pinnacle"]), market=["head_to_head"], push=push)[0]
    )


def outcomes(*items: dict[str, Any], market: str = "head_to_head") -> dict[str, Any]:
    return {"key": market, "outcomes": list(items)}


def book(*markets: dict[str, Any], name: str = "Pinnacle", **fields: Any) -> dict[str, Any]:
    return {"name": name, "last_update": "2026-02-25T09:59:54", "markets": list(markets), **fields}


def game(*books: Any, start: Any = "2026-02-25T11:00:00", **fields: Any) -> dict[str, Any]:
    about = {"commence_time": start, "home_team": LAKERS, "away_team": CELTICS}
    return {"game": {**about, **fields}, "bookmakers": list(books)}


def push(*games: Any, **fields: Any) -> dict[str, Any]:
    """A push of the sample's envelope (B4), free of charge."""
    body: dict[str, Any] = payload("rapidodds", "odds_update.json")
    return {**body, "credits_charged": 0, "data": {"sport": "NBA", "games": list(games)}, **fields}


def priced(at: float = 2.1, name: str = LAKERS, **fields: Any) -> dict[str, Any]:
    return {"name": name, "price": at, **fields}


# --- a push -----------------------------------------------------------------------------------------


def test_a_push_is_the_whole_truth_about_a_sport_at_a_book() -> None:
    def selection(name: str, side: str) -> Selection:
        return Selection(
            key=f"{GAME}|Pinnacle|head_to_head|{name}",
            sport="basketball",
            league="NBA",
            competition="nba",
            ways=2,
            subject="game",
            game_id=GAME,
            home=LAKERS,
            away=CELTICS,
            start="2026-02-25T11:00:00Z",
            book="Pinnacle",
            kind="moneyline",
            period="game",
            market="head_to_head",
            selection=name,
            side=side,
        )

    at = 1_772_013_594_000_000
    replaced = Replace(
        scope=Scope(league="NBA", book="Pinnacle"),
        quotes=(
            Quote(selection(LAKERS, "home"), "open", price.from_decimal(2.1), ts=at, snap=True),
            Quote(selection(CELTICS, "away"), "open", price.from_decimal(1.8), ts=at, snap=True),
        ),
        ts=1_772_013_600_000_000,
        snap=True,
    )
    charged = Notice(code="credits", text="NBA: 1 credit charged", level="info", value=1)
    assert line().take(fixture("rapidodds", "odds_update.json")) == [replaced, charged]


def test_only_the_first_push_with_games_is_a_snapshot() -> None:
    at = line()
    snaps = [
        [event.snap for event in at.say(push(*games)) if isinstance(event, Replace)]
        for games in ((), (game(book(outcomes(priced()))),), (game(book(outcomes(priced()))),))
    ]
    assert snaps == [[], [True], [False]]


def test_prices_that_a_push_lacks_are_gone_though_the_book_is_there() -> None:
    at = line()
    at.tell(push(game(book(outcomes(priced(), priced(1.8, CELTICS))))))
    at.tell(push(game(book(outcomes(priced(2.2))))))
    assert at.held() == {f"{GAME}|Pinnacle|head_to_head|{LAKERS}": 120}
    at.tell(push(game(book())))
    assert at.held() == {}


MISSING = game(book(outcomes(priced()), name="Bet365"))


@pytest.mark.parametrize(
    ("expected", "pushes"),
    [
        pytest.param(1, [()], id="one empty push withdraws nothing (B6)"),
        pytest.param(0, [(), ()], id="two in a row withdraw all"),
        pytest.param(1, [(MISSING,)], id="a book that one push lacks is not withdrawn"),
        pytest.param(0, [(MISSING,), (MISSING,)], id="one that two lack is"),
        pytest.param(0, [(), (MISSING,)], id="an empty push and one without the book are two"),
        pytest.param(1, [(), (game(book(outcomes(priced()))),), ()], id="a push with the book begins anew"),
    ],
)
def test_a_book_is_gone_when_two_pushes_in_a_row_lack_it(expected: int, pushes: list[tuple[Any, ...]]) -> None:
    at = line("Pinnacle")
    at.tell(push(game(book(outcomes(priced())))))
    for games in pushes:
        at.tell(push(*games))
    assert expected == len([key for key in at.held() if "|Pinnacle|" in key])


def test_a_book_that_nobody_asked_for_by_that_name_is_withdrawn_too() -> None:
    at = line("Pinnacle")
    for games in ((MISSING,), (), ()):
        at.tell(push(*games))
    assert at.held() == {}


def test_another_sport_withdraws_nothing() -> None:
    at = line()
    at.tell(push(game(book(outcomes(priced())))))
    for _ in range(3):
        at.tell(push(sport="NFL"))
    assert len(at.held()) == 1


def test_merging_a_push_withdraws_nothing() -> None:
    at = line(push=Push.MERGE)
    at.tell(push(game(book(outcomes(priced(), priced(1.8, CELTICS))))))
    for _ in range(3):
        events = at.say(push(game(book(outcomes(priced(2.2))))))
        assert scopes(events) == []
        at.ledger.apply(events)
    assert sorted(at.held().values(), key=str) == [-125, 120]


def test_the_outer_sport_is_the_id() -> None:
    # B4: the inner one may be the display name.
    [event] = line().say(push(game(book()), data={"sport": "National Basketball Association", "games": [game(book())]}))
    assert isinstance(event, Replace)
    assert event.scope == Scope(league="NBA", book="Pinnacle")


# --- which game -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("games", "sport", "starts"),
    [
        pytest.param(1, "NBA", ["11:00:00", "11:05:00"], id="books differ by minutes"),
        pytest.param(1, "NBA", ["11:00:00", "17:00:00"], id="six hours are one game"),
        pytest.param(2, "NBA", ["11:00:00", "17:00:01"], id="more are two"),
        pytest.param(1, "MLB", ["11:00:00", "12:48:00"], id="baseball: 1.8 hours are one game"),
        pytest.param(2, "MLB", ["11:00:00", "12:48:01"], id="more are a double-header"),
        pytest.param(1, "NBA", ["11:00:00", None], id="a start that is not told is that of the one game known"),
    ],
)
def test_entries_of_the_same_teams_are_one_game_if_they_start_together(
    games: int, sport: str, starts: list[str | None]
) -> None:
    at = line("Bet365", "Pinnacle", sport=sport)
    at.tell(
        push(
            *(
                game(book(outcomes(priced()), name=name), start=None if start is None else f"2026-02-25T{start}")
                for name, start in zip(("Bet365", "Pinnacle"), starts, strict=True)
            ),
            sport=sport,
        )
    )
    assert games == len({quote.what.game_id for quote in at.ledger.known()})


def test_of_two_games_of_a_day_the_nearer_is_meant() -> None:
    at = line(sport="MLB")
    for start in ("11:00:00", "14:00:00", "12:40:00"):
        at.tell(push(game(book(outcomes(priced())), start=f"2026-02-25T{start}"), sport="MLB"))
    [last] = at.ledger.known()
    assert last.what.game_id == f"MLB: {LAKERS} vs {CELTICS}, 2026-02-25T14:00:00Z"


DAY = "2026-02-25T"


def entries(*sent: tuple[str, str | None], sport: str = "NBA") -> dict[str, Any]:
    """A push with an entry for each book and start, each at a price of its own, in this order: 2.00, 2.01 ..."""
    games = [
        game(
            book(outcomes(priced(round(2 + at / 100, 2))), name=name),
            start=None if start is None else DAY + start,
        )
        for at, (name, start) in enumerate(sent)
    ]
    return push(*games, sport=sport)


def ids(at: Line, body: dict[str, Any]) -> dict[float, str]:
    """The game of each price of a push."""
    return {quote.price.decimal: quote.what.game_id for quote in quotes(at.say(body)) if quote.price is not None}


P, B = "Pinnacle", "Bet365"
TWO = [
    pytest.param([(P, "11:00:00"), (P, "12:10:00")], id="70-minutes-apart"),
    pytest.param([(P, "11:00:00"), (P, "11:00:00")], id="one-start"),
    pytest.param([(P, None), (P, None)], id="no-start"),
    pytest.param([(P, "11:00:00"), (P, None)], id="one-without-a-start"),
    pytest.param([(P, "12:10:00"), (P, "11:00:00")], id="later-one-first"),
]


@pytest.mark.parametrize("sport", ["NBA", "MLB"])
@pytest.mark.parametrize("sent", TWO)
def test_two_entries_of_one_book_in_one_push_are_two_games(sent: list[tuple[str, str | None]], sport: str) -> None:
    at = line(P, sport=sport)
    body = entries(*sent, sport=sport)
    first = ids(at, body)
    assert len(set(first.values())) == 2
    at.tell(body)
    for _ in range(3):
        assert ids(at, body) == first
        assert [quote for quote in quotes(at.tell(body)) if quote.changed] == []
    at.reconnect()
    assert ids(at, body) == first


@pytest.mark.parametrize(
    ("sport", "first", "then", "same"),
    [
        pytest.param(
            "MLB", [(P, "11:00:00"), (P, "12:10:00")], [(P, "12:10:00"), (P, "11:00:00")], {2.0: 2.01, 2.01: 2.0},
            id="other-order",
        ),
        pytest.param(
            "MLB", [(P, "11:00:00"), (P, "12:10:00")], [(P, "12:10:00")], {2.0: 2.01}, id="the-first-is-over",
        ),
        pytest.param(
            "MLB", [(P, "11:00:00")], [(P, "12:10:00"), (P, "11:00:00")], {2.01: 2.0}, id="a-second-one-comes",
        ),
        pytest.param(
            "MLB", [(P, "11:00:00"), (P, "14:00:00")], [(P, "13:00:00"), (P, "16:00:00")], {2.0: 2.0, 2.01: 2.01},
            id="both-are-late",
        ),
        pytest.param(
            "MLB", [(P, "11:00:00"), (P, "12:10:00")], [(B, "12:05:00"), (P, "11:00:00"), (P, "12:10:00")],
            {2.0: 2.01, 2.01: 2.0, 2.02: 2.01}, id="another-book-joins-the-nearer",
        ),
        pytest.param("NBA", [(B, "11:00:00"), (P, "11:05:00")], [(P, "11:05:00"), (B, "11:00:00")], {2.0: 2.0, 2.01: 2.0},
                     id="other-book-first"),
        pytest.param("NBA", [(B, "11:00:00")], [(B, "15:00:00")], {2.0: 2.0}, id="a-delay"),
    ],
)  # fmt: skip
def test_a_game_is_the_same_over_pushes_and_connections(
    sport: str, first: list[tuple[str, str]], then: list[tuple[str, str]], same: dict[float, float]
) -> None:
    """`same`: a price of the second push, and the one of the first push that is of the same game."""
    for reconnects in (False, True):
        at = line(P, B, sport=sport)
        before = ids(at, entries(*first, sport=sport))
        if reconnects:
            at.reconnect()
        after = ids(at, entries(*then, sport=sport))
        assert {price: after[price] for price in same} == {price: before[old] for price, old in same.items()}
        assert {after[price] for price in after if price not in same}.isdisjoint(before.values())


def test_the_order_of_the_books_in_a_push_does_not_name_a_game() -> None:
    sent = [(B, "11:00:00"), (P, "11:05:00"), ("TAB", "10:55:00")]
    orders = [set(ids(line(P), entries(*order)).values()) for order in (sent, sent[::-1], [sent[1], *sent[::2]])]
    assert orders == [{f"NBA: {LAKERS} vs {CELTICS}, 2026-02-25T10:55:00Z"}] * 3


def test_after_a_reconnect_with_the_books_in_another_order_no_price_is_removed() -> None:
    at = line(P, B)
    at.tell(entries((B, "11:00:00"), (P, "11:05:00")))
    before = at.held()
    at.reconnect()
    events = at.tell(entries((P, "11:05:00"), (B, "11:00:00")))
    assert [quote.status for quote in quotes(events)] == ["open", "open"]
    assert set(at.held()) == set(before)


@pytest.mark.parametrize("start", [pytest.param(None, id="no-start"), pytest.param("11:00:00", id="one-start")])
def test_an_entry_that_may_be_of_either_of_two_games_is_of_neither(start: str | None) -> None:
    at = line(P, B)
    for _ in range(2):
        found = ids(at, entries((P, start), (P, start), (B, start)))
        assert len(set(found.values())) == 3


def test_addresses_tell_games_of_one_start_apart() -> None:
    at = line()
    two = [game(book(outcomes(priced(2 + n))), game_url=f"https://x.example/{n}") for n in (0, 1)]
    first = ids(at, push(*two))
    assert ids(at, push(*two[::-1])) == first
    assert len(set(first.values())) == 2


def test_a_key_outlives_a_start_that_moves_by_minutes() -> None:
    at = line()
    keys = set()
    for minutes in (0, 10, 5):
        at.tell(push(game(book(outcomes(priced())), start=f"2026-02-25T11:{minutes:02}:00Z")))
        keys |= set(at.held())
    assert len(keys) == 1


@pytest.mark.parametrize(
    ("expected", "start"),
    [
        pytest.param("2026-02-25T11:00:00Z", "2026-02-25T11:00:00", id="without a zone it is UTC (B8)"),
        pytest.param("2026-02-25T11:00:00Z", "2026-02-25T11:00:00.000000Z", id="Z is borne"),
        pytest.param("2026-02-25T11:00:00Z", "2026-02-25T21:00:00+10:00", id="so is an offset"),
        pytest.param(None, "soon", id="what is no time is none"),
    ],
)
def test_starts(expected: str | None, start: str) -> None:
    [quote] = quotes(line().say(push(game(book(outcomes(priced())), start=start))))
    assert expected == quote.what.start


# --- outcomes ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("expected", "market", "fields"),
    [
        pytest.param(("moneyline", "game", LAKERS, "home", None), "head_to_head", {}, id="the first team is home"),
        pytest.param(("moneyline", "game", CELTICS, "away", None), "head_to_head", {"name": CELTICS}, id="away"),
        pytest.param(("moneyline", "game", "Draw", "draw", None), "head_to_head_3_way", {"name": "Draw"}, id="draw"),
        pytest.param(("moneyline", "game", "Tie", "draw", None), "head_to_head_3_way", {"name": "Tie"}, id="tie"),
        pytest.param(("moneyline", "1h", LAKERS, "home", None), "head_to_head_1st_half", {}, id="first half"),
        pytest.param(("spread", "game", LAKERS, "home", None), "alternate_lines", {"point": -3.5}, id="spread"),
        pytest.param(
            ("total", "1h", "Over", "over", None),
            "alternate_total_points_1st_half",
            {"name": "Over", "point": 110.5},
            id="total of a half",
        ),
        pytest.param(
            ("prop", "game", "Over", "over", None),
            "alternate_total_corners",
            {"name": "Over", "point": 9.5},
            id="corners are not the score",
        ),
        pytest.param(
            ("team_total", "game", CELTICS, "under", None),
            "alternate_team_total_points",
            {"name": "Under", "point": 110.5, "team_name": CELTICS},
            id="of a team's total the team is the selection",
        ),
        pytest.param(
            ("prop", "game", "LeBron James", "over", "LeBron James"),
            "player_points",
            {"name": "Over", "point": 25.5, "player_name": "LeBron James"},
            id="of a prop the player is",
        ),
        pytest.param(
            ("prop", "game", f"{LAKERS} 1-10", "home", None),
            "winning_margin",
            {"description": "1-10"},
            id="a description tells outcomes of one name apart",
        ),
    ],
)
def test_outcomes(expected: tuple[Any, ...], market: str, fields: dict[str, Any]) -> None:
    [quote] = quotes(line().say(push(game(book(outcomes(priced(**fields), market=market))))))
    what = quote.what
    assert expected == (what.kind, what.period, what.selection, what.side, what.player)


@pytest.mark.parametrize(
    ("expected", "sent"),
    [
        pytest.param(-3.5, -3.5, id="a favourite's is negative"),
        pytest.param(3.5, "+3.5", id="a string"),
        pytest.param(0.0, -0.0, id="no line is minus nought"),
        pytest.param(None, None, id="null"),
    ],
)
def test_points(expected: float | None, sent: Any) -> None:
    [quote] = quotes(line().say(push(game(book(outcomes(priced(point=sent), market="alternate_lines"))))))
    assert repr(expected) == repr(quote.line)


@pytest.mark.parametrize(
    ("market", "one", "other"),
    [
        pytest.param("alternate_lines", {"point": -3.5}, {"point": 3.5}, id="the sign of a line"),
        pytest.param("alternate_lines", {"point": -3.5}, {"point": -4.5}, id="an alternate line"),
        pytest.param("alternate_lines", {"point": 12500.25}, {"point": 12500.2}, id="every digit of it"),
        pytest.param("player_points", {"player_name": "A"}, {"player_name": "B"}, id="the player"),
        pytest.param("alternate_team_total_points", {"team_name": LAKERS}, {"team_name": CELTICS}, id="the team"),
        pytest.param("winning_margin", {"description": "1-10"}, {"description": "11+"}, id="the description"),
        pytest.param("brownlow_medal_winner", {"round": 1}, {"round": 2}, id="the round"),
        pytest.param("correct_score", {LAKERS: 1, CELTICS: 0}, {LAKERS: 0, CELTICS: 1}, id="a scoreline (B5)"),
        pytest.param("correct_score_sets", {LAKERS: "2", CELTICS: "0"}, {LAKERS: "2", CELTICS: "1"}, id="in sets"),
        pytest.param("x", {"name": "Over", "point": 5}, {"name": "Over", "player_name": "5"}, id="a line is no player"),
        pytest.param("x", {"player_name": "A"}, {"team_name": "A"}, id="a player is no team"),
    ],
)
def test_another_price_has_another_key(market: str, one: dict[str, Any], other: dict[str, Any]) -> None:
    at = line()
    at.tell(push(game(book(outcomes(priced(**one), priced(**other), market=market)))))
    assert len(at.held()) == 2


@pytest.mark.parametrize(
    ("market", "more"),
    [
        pytest.param("head_to_head", {"size": 100, "liquidity": 200.5, "alt_prices": [{"price": 2.0}]}, id="the depth"),
        pytest.param("head_to_head", {"updated": "2026-02-25T10:00:01"}, id="a field of tomorrow, that changes"),
        pytest.param("head_to_head", {"limits": {"max": 5}, "tags": ["a"]}, id="objects and lists of tomorrow"),
        pytest.param("correct_score", {"size": 3, "tags": ["a"]}, id="also where keys are dynamic"),
        pytest.param("head_to_head", {"point": None, "player_name": "", "description": None}, id="nothing, said"),
    ],
)
def test_the_same_price_has_the_same_key(market: str, more: dict[str, Any]) -> None:
    at = line()
    at.tell(push(game(book(outcomes(priced(), market=market)))))
    [key] = at.held()
    at.tell(push(game(book(outcomes(priced(2.5, **more), market=market)))))
    assert at.held() == {key: 150}


@pytest.mark.parametrize(
    ("notices", "held", "sent"),
    [
        pytest.param([], 0, None, id="null is not a price"),
        pytest.param(["unreadable"], 0, 1, id="1 wins nothing"),
        pytest.param(["unreadable"], 0, -110, id="an American price where decimal is documented"),
        pytest.param(["unreadable"], 0, "two", id="a word"),
        pytest.param(["unreadable"], 0, "-1.91", id="text with a sign that is not an American price"),
        pytest.param(["unreadable"], 0, [], id="a list"),
        pytest.param(["unreadable"], 0, True, id="true is not 1"),
    ],
)
def test_a_price_that_cannot_be_read_takes_the_last_one_off_offer(notices: list[str], held: int, sent: Any) -> None:
    at = line()
    at.tell(push(game(book(outcomes(priced())))))
    events = at.tell(push(game(book(outcomes({"name": LAKERS, "price": sent})))))
    assert notices == codes(events)
    assert held == len(at.held())


@pytest.mark.parametrize(
    ("american", "sent"),
    [
        pytest.param(-110, "1.9091", id="decimal"),
        pytest.param(110, " 2.10 ", id="spaces"),
        pytest.param(-110, "-110", id="american-minus"),
        pytest.param(150, "+150", id="american-plus"),
    ],
)
def test_a_price_as_text_is_the_number(american: int, sent: str) -> None:
    events = line().say(push(game(book(outcomes({"name": LAKERS, "price": sent})))))
    assert codes(events) == []
    assert prices(events) == [(LAKERS, "open", None, american)]


@pytest.mark.parametrize(
    ("line_", "side", "market", "sent"),
    [
        pytest.param(24.5, "over", "player_points_milestones", {"name": "Over", "point": 25}, id="over-25"),
        pytest.param(24.5, "over", "player_points_milestones", {"name": "Yes", "point": 25.0}, id="yes"),
        pytest.param(24.5, "over", "player_points_milestones", {"name": "25+"}, id="name-alone"),
        pytest.param(24.5, "over", "player_points_milestones", {"name": "25+", "point": "25"}, id="text"),
        pytest.param(24.5, "under", "player_points_milestones", {"name": "No", "point": 25}, id="no"),
        pytest.param(24.5, "over", "player_points_milestones", {"name": "Over", "point": 24.5}, id="half-already"),
        pytest.param(25, "over", "player_points", {"name": "Over", "point": 25}, id="no-milestone"),
    ],
)
def test_a_milestone_wins_when_it_is_reached(line_: float, side: str, market: str, sent: dict[str, Any]) -> None:
    outcome = {**priced(), "player_name": "LeBron James", **sent}
    [quote] = quotes(line().say(push(game(book(outcomes(outcome, market=market))))))
    assert (quote.line, quote.what.side, quote.what.kind, quote.what.stat) == (line_, side, "prop", "points")


@pytest.mark.parametrize(
    ("limit", "sent"),
    [
        pytest.param(52.5, {"size": 110, "liquidity": 52.5}, id="dollars"),
        pytest.param(50.0, {"size": 105}, id="contracts-at-their-price"),
        pytest.param(52.5, {"liquidity": "52.5"}, id="text"),
        pytest.param(None, {}, id="no-exchange"),
        pytest.param(None, {"size": None, "liquidity": "deep"}, id="unreadable"),
    ],
)
def test_what_an_exchange_takes_at_a_price(limit: float | None, sent: dict[str, Any]) -> None:
    [quote] = quotes(line("Kalshi").say(push(game(book(outcomes(priced(**sent)), name="Kalshi")))))
    assert quote.limit == limit


@pytest.mark.parametrize(
    ("ways", "side", "market", "names"),
    [
        pytest.param(2, "home", "head_to_head", [LAKERS, CELTICS], id="two"),
        pytest.param(3, "draw", "head_to_head", ["Draw", LAKERS, CELTICS], id="draw"),
        pytest.param(3, "draw", "head_to_head", ["tie", LAKERS, CELTICS], id="tie"),
        pytest.param(3, "home", "head_to_head_3_way", [LAKERS, CELTICS], id="three-by-name"),
        pytest.param(2, "home", "draw_no_bet", [LAKERS, CELTICS], id="draw-no-bet"),
        pytest.param(2, "yes", "both_teams_to_score", ["YES", "No"], id="yes-no"),
    ],
)
def test_the_ways_of_a_market(ways: int, side: str, market: str, names: list[str]) -> None:
    found = quotes(line().say(push(game(book(outcomes(*(priced(name=name) for name in names), market=market))))))
    assert {quote.what.ways for quote in found} == {ways}
    assert found[0].what.side == side


def test_a_market_stays_three_ways_while_its_draw_is_suspended() -> None:
    at = line()
    at.say(push(game(book(outcomes(priced(), priced(name="Draw"))))))
    at.reconnect()
    assert [quote.what.ways for quote in quotes(at.say(push(game(book(outcomes(priced()))))))] == [3]


def test_a_total_of_a_team_says_which() -> None:
    totals = [priced(name="Over", point=110.5, team_name=name) for name in (LAKERS, CELTICS)]
    found = quotes(line().say(push(game(book(outcomes(*totals, market="alternate_team_total_points"))))))
    assert [quote.what.subject for quote in found] == ["home", "away"]


@pytest.mark.parametrize(
    "bad",
    [
        pytest.param(game(book(outcomes(priced(name=""), priced()))), id="an outcome without a name"),
        pytest.param(game(book(outcomes({"name": ["x"], "price": 2.1}, priced()))), id="a list for a name"),
        pytest.param(game(book(outcomes(priced(point="half"), priced()))), id="a price at who knows what line"),
        pytest.param(game(book({"key": "x"}, outcomes(priced()))), id="a market without outcomes"),
        pytest.param(game(book({"key": {}, "outcomes": [priced()]}, outcomes(priced()))), id="a market without a key"),
        pytest.param(game({"name": "B"}, book(outcomes(priced()))), id="a book without markets"),
        pytest.param(game({"name": {}, "markets": []}, book(outcomes(priced()))), id="a book without a name"),
        pytest.param(game(7, book(outcomes(priced()))), id="a number for a book"),
    ],
)
def test_what_cannot_be_read_costs_nothing_else(bad: dict[str, Any]) -> None:
    events = line().say(push(7, game(home_team=None), bad))
    assert codes(events) == ["unreadable"] * 3
    assert prices(events) == [(LAKERS, "open", None, 110)]


# --- what is no push --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("expected", "body"),
    [
        pytest.param((Kind.ACK, "connected"), payload("rapidodds", "connected.json"), id="connected"),
        pytest.param((Kind.DATA, "odds_update"), payload("rapidodds", "odds_update.json"), id="a push"),
        pytest.param((Kind.ECHO, "subscribed"), {"event": "subscribed"}, id="subscribed"),
        pytest.param((Kind.ERROR, "error"), {"event": "error", "message": "no"}, id="error"),
        pytest.param((Kind.ERROR, "error"), {"error": "no"}, id="an error without an event"),
        pytest.param((Kind.TALK, ""), {}, id="nothing"),
    ],
)
def test_envelopes(expected: tuple[Kind, str], body: Any) -> None:
    assert [expected] == [(message.kind, message.name) for message in PROVIDER.read(Frame(orjson.dumps(body)))]


def test_an_array_is_as_many_messages() -> None:
    # B8 [inferred]: accept arrays anyway.
    frame = Frame(b'[{"event":"connected"},7,{"event":"subscribed"}]')
    assert [message.name for message in PROVIDER.read(frame)] == ["connected", "subscribed", ""]


@pytest.mark.parametrize(
    ("code", "level", "value", "body"),
    [
        pytest.param(
            "subscribed",
            "info",
            2,
            # Described in B4 [seed].
            {"event": "subscribed", "sport": "NBA", "bookmakers": ["A"], "market_types": ["b"], "credits_per_push": 2},
            id="subscribed tells the price of a push",
        ),
        pytest.param(
            "credits-out",
            "warning",
            None,
            {"event": "error", "message": "Not enough CREDITS"},
            id="out of credits (B6)",
        ),
        pytest.param("server", "warning", None, {"event": "error", "message": "no such sport"}, id="another error"),
        pytest.param("unknown", "info", None, {"event": "tomorrow"}, id="an unknown event"),
        pytest.param("unreadable", "warning", None, {"event": "odds_update"}, id="a push without a sport"),
    ],
)
def test_notices(code: str, level: str, value: float | None, body: dict[str, Any]) -> None:
    [notice] = line().say(body)
    assert isinstance(notice, Notice)
    assert (code, level, value) == (notice.code, notice.level, notice.value)


def test_unsubscribed_needs_no_words() -> None:
    assert line().say({"event": "unsubscribed", "sport": "NBA"}) == []


# --- leaving a sport ------------------------------------------------------------------------------


def sends(events: list[Any]) -> list[Any]:
    return [orjson.loads(event.text) for event in events if isinstance(event, Send)]


UNSUBSCRIBE = {"action": "unsubscribe", "sport": "NBA"}


def leaving(leave: bool = True, **flags: Any) -> Line:
    return Line(asked("rapidodds", sport=["NBA"], leave=leave, **flags)[0])


def odds_line(leave: bool = True) -> Line:
    return leaving(leave, book=["Pinnacle"], market=["head_to_head"])


def result_push(*statuses: str) -> dict[str, Any]:
    games = [{"game": {"game_id": at, "status": status}} for at, status in enumerate(statuses)]
    return {**PUSH, "sport": "NBA", "credits_charged": 0, "data": {"sport": "NBA", "games": games}}


@pytest.mark.parametrize(
    ("expected", "pushes"),
    [
        pytest.param([0, 0, 1], [True, False, False], id="two-empty-pushes"),
        pytest.param([0, 0, 0, 0], [True, False, True, False], id="one-empty-push-may-be-a-mistake"),
        pytest.param([0, 0, 0], [False, False, False], id="no-game-yet"),
    ],
)
def test_a_sport_whose_games_are_gone_is_left(expected: list[int], pushes: list[bool]) -> None:
    at, stays = odds_line(), odds_line(leave=False)
    bodies = [push(game(book(outcomes(priced())))) if full else push() for full in pushes]
    assert [sends(at.say(body)) for body in bodies] == [[UNSUBSCRIBE] * count for count in expected]
    assert [sends(stays.say(body)) for body in bodies] == [[] for _ in bodies]
    assert (at.request.converses, stays.request.converses) == (True, False)


def test_a_sport_that_was_left_is_left_again_after_a_reconnect() -> None:
    at = odds_line()
    for body in (push(game(book(outcomes(priced())))), push(), push()):
        events = at.say(body)
    assert codes(events) == ["left"]
    at.reconnect()
    assert sends(at.say({"event": "subscribed", "sport": "NBA"})) == [UNSUBSCRIBE]
    assert sends(at.say({"event": "subscribed", "sport": "NFL"})) == []


@pytest.mark.parametrize(
    ("expected", "pushes"),
    [
        pytest.param([0, 1], [("LIVE", "SCHEDULED"), ("CONCLUDED", "CANCELLED")], id="all-concluded"),
        pytest.param([0, 0], [("LIVE",), ("CONCLUDED", "SCHEDULED")], id="one-is-still-to-come"),
        pytest.param([0, 0], [("CONCLUDED",), ("CONCLUDED",)], id="those-of-yesterday"),
        pytest.param([0, 0], [("LIVE",), ("POSTPONED",)], id="postponed-is-not-over"),
    ],
)
def test_a_sport_whose_results_are_in_is_left(expected: list[int], pushes: list[tuple[str, ...]]) -> None:
    at = leaving(feed=Feed.results)
    assert [sends(at.say(result_push(*one))) for one in pushes] == [[UNSUBSCRIBE] * count for count in expected]


# --- requests ---------------------------------------------------------------------------------------


def test_one_connection_and_a_subscription_for_each_sport() -> None:
    [request] = asked("rapidodds", sport=["NBA,NFL"], book=["Pinnacle"], market=["head_to_head"])
    assert (request.url, request.transport, request.key_in, request.key_name, request.params) == (
        "wss://api.rapidoddsapi.com/ws",
        "ws",
        Where.QUERY,
        "api_key",
        (),
    )
    assert [orjson.loads(message) for message in request.send] == [
        {"action": "subscribe", "sport": sport, "bookmakers": ["Pinnacle"], "market_types": ["head_to_head"]}
        for sport in ("NBA", "NFL")
    ]


@pytest.mark.parametrize(
    ("credits", "markets", "books"),
    [
        pytest.param("1 credit", 1, 1, id="1x1"),
        pytest.param("1 credit", 1, 5, id="1x5"),
        pytest.param("2 credits", 1, 6, id="1x6"),
        pytest.param("4 credits", 2, 10, id="2x10"),
        pytest.param("9 credits", 3, 15, id="3x15"),
    ],
)
def test_the_cost_of_a_push_is_said(credits: str, markets: int, books: int) -> None:
    ask = said(
        "rapidodds",
        sport=["NBA"],
        book=[f"b{at}" for at in range(books)],
        market=[f"m{at}" for at in range(markets)],
        validate=False,
    )
    assert ask.notes == [f"RapidOddsAPI charges {credits} for each push of a sport with games"]


@pytest.mark.parametrize(
    ("expected", "flags"),
    [
        pytest.param("RapidOddsAPI needs a sport, for example -s NBA", {}, id="no sport"),
        pytest.param("RapidOddsAPI needs at least one book, for example -b Pinnacle", {"sport": ["NBA"]}, id="no book"),
        pytest.param(
            "RapidOddsAPI needs at least one market, for example -m head_to_head",
            {"sport": ["NBA"], "book": ["Pinnacle"]},
            id="no market",
        ),
        pytest.param(
            'RapidOddsAPI has no book "Pinacle"; did you mean "Pinnacle"? (--no-validate to insist)',
            {"sport": ["NBA"], "book": ["Pinacle"], "market": ["head_to_head"]},
            id="a near miss",
        ),
        pytest.param(
            "",
            {"sport": ["NBA"], "book": ["Neds"], "market": ["head_to_head"], "validate": False},
            id="to insist",
        ),
        pytest.param(
            "",
            {"sport": ["NBA"], "book": ["Pinnacle"], "market": ["quarter_winner"]},
            id="some 440 markets exist",
        ),
    ],
)
def test_usage_errors(expected: str, flags: dict[str, Any]) -> None:
    assert expected == refused("rapidodds", **flags)


def test_a_brand_that_is_no_feed_is_refused_for_it_would_bring_silence() -> None:
    assert refused("rapidodds", sport=["NBA"], book=["Neds"], market=["x"]).startswith(
        'RapidOddsAPI has no book "Neds"'
    )


def test_another_spelling_is_corrected_and_said() -> None:
    ask = said("rapidodds", sport=["nba"], book=["PINNACLE"], market=["head-to-head"])
    assert ask.notes[:3] == [
        "RapidOddsAPI spells the sport 'nba' as 'NBA'; using that",
        "RapidOddsAPI spells the book 'PINNACLE' as 'Pinnacle'; using that",
        "RapidOddsAPI spells the market 'head-to-head' as 'head_to_head'; using that",
    ]


@pytest.mark.parametrize(
    ("expected", "failure"),
    [
        pytest.param(4, Failure(kind="status", code=403), id="a bad key, or a plan without WebSocket: final (B2)"),
        pytest.param(4, Failure(kind="status", code=401), id="401: final too"),
        pytest.param(4, Failure(kind="ws-close", code=4001), id="a bad key, after accepting: final"),
        pytest.param(None, Failure(kind="ws-close", code=1006), id="a link that broke is tried again"),
        pytest.param(None, Failure(kind="status", code=502), id="a server that is down too"),
    ],
)
def test_verdicts(expected: int | None, failure: Failure) -> None:
    _, rule = retry.rule_for(failure, PROVIDER.rules)
    first = retry.after(failure, retry.History(), retry.Policy(), rule=rule)
    assert first.exit == expected


# --- results (B7, B10) --------------------------------------------------------------------------------


def test_the_results_stream_is_an_endpoint_of_its_own() -> None:
    """B1, results stream; B10, its subscription."""
    [request] = asked("rapidodds", sport=["AFL,NFL"], feed=Feed.results)
    assert (request.url, request.key_name) == ("wss://api.rapidoddsapi.com/results-ws", "api_key")
    assert [orjson.loads(text) for text in request.send] == [
        {"action": "subscribe", "sport": sport, "status": "all", "include": ["scores"]} for sport in ("AFL", "NFL")
    ]


def test_what_is_asked_of_results() -> None:
    [request] = asked("rapidodds", sport=["AFL"], feed=Feed.results, status="upcoming", players=True, days=2, round_=3)
    [text] = request.send
    assert orjson.loads(text) == {
        "action": "subscribe", "sport": "AFL", "status": "upcoming", "include": ["scores", "players"], "days": 2, "round": 3,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("expected", "sport"),
    [
        (["RapidOddsAPI charges 1 credit for each push of results"], "AFL"),
        (
            [
                "RapidOddsAPI is known to have results of AFL, MLB, WNBA, NRL, NFL; not of NBA",
                "RapidOddsAPI charges 1 credit for each push of results",
            ],
            "NBA",
        ),
    ],
)
def test_what_results_cost_and_of_what_there_are_any(expected: list[str], sport: str) -> None:
    assert expected == said("rapidodds", sport=[sport], feed=Feed.results).notes


@pytest.mark.parametrize(
    ("expected", "flags"),
    [
        *(
            (f"{flag} is for --feed odds; remove it with --feed results", {"feed": Feed.results, **given})
            for flag, given in (
                ("--book", {"book": ["Pinnacle"]}),
                ("--market", {"market": ["head_to_head"]}),
                ("--push", {"push": Push.REPLACE}),
            )
        ),
        *(
            (
                f"{flag} is for --feed results; remove it with --feed odds",
                {"book": ["Pinnacle"], "market": ["head_to_head"], **given},
            )
            for flag, given in (
                ("--status", {"status": "all"}),
                ("--players", {"players": True}),
                ("--days", {"days": 1}),
                ("--round", {"round_": 3}),
            )
        ),
        ("RapidOddsAPI needs a sport, for example -s NBA", {"feed": Feed.results, "sport": None}),
    ],
)
def test_what_a_feed_cannot_honour(expected: str, flags: dict[str, Any]) -> None:
    assert expected == refused("rapidodds", **{"sport": ["AFL"], **flags})


#: A push as B10 and B7 describe it, in the shapes of the vendor's SDK; the values are ours.
PUSH: dict[str, Any] = {
    "event": "results_update",
    "sport": "AFL",
    "timestamp": "2026-02-25T10:00:00.000000",
    "credits_charged": 1,
    "data": {
        "sport": "AFL",
        "games": [
            {
                "game": {
                    "game_id": 77,
                    "commence_time": "2026-02-25T08:00:00",
                    "last_update": "2026-02-25T09:59:54",
                    "concluded_at": None,
                    "home_team": "Melbourne",
                    "away_team": "Carlton",
                    "status": "CONCLUDED",
                    "round_number": 3,
                },
                "score": {
                    "home": {"team": "Melbourne", "points": 88, "goals": 13},
                    "away": {"team": "Carlton", "points": 71, "goals": 10},
                    "home_by_period": [{"period": 1, "points": 20}],
                    "period_state": [
                        {"period": 3, "completed": True, "period_seconds_elapsed": 1500},
                        {"period": 4, "completed": True, "period_seconds_elapsed": 1520},
                    ],
                    "totals": None,
                },
                "players": [{"player_name": "A. Guard", "team_name": "Carlton", "disposals": 21}],
            }
        ],
    },
}
OF_GAME = Result(
    game_id="77",
    sport="aussie_rules",
    league="AFL",
    competition="afl",
    home="Melbourne",
    away="Carlton",
    start="2026-02-25T08:00:00Z",
    status="CONCLUDED",
    live=False,
    period="4",
    home_score=88,
    away_score=71,
    detail=(
        '{"home":{"team":"Melbourne","points":88,"goals":13},"away":{"team":"Carlton","points":71,"goals":10},'
        '"home_by_period":[{"period":1,"points":20}],"period_state":[{"period":3,"completed":true,'
        '"period_seconds_elapsed":1500},{"period":4,"completed":true,"period_seconds_elapsed":1520}],"round_number":3}'
    ),
    ts=1_772_013_594_000_000,
)


def results() -> Line:
    return Line(asked("rapidodds", sport=["AFL"], feed=Feed.results)[0])


def test_a_push_of_results() -> None:
    game, player, charged = results().say(PUSH)
    assert game == OF_GAME
    assert player == replace(
        OF_GAME,
        period=None,
        home_score=None,
        away_score=None,
        player="A. Guard",
        team="Carlton",
        detail='{"player_name":"A. Guard","team_name":"Carlton","disposals":21}',
    )
    assert (codes([charged]), getattr(charged, "value", None)) == (["credits"], 1)


def with_game(**changes: Any) -> dict[str, Any]:
    entry = {**PUSH["data"]["games"][0], **changes}
    return {**PUSH, "credits_charged": 0, "data": {"sport": "AFL", "games": [entry]}}


@pytest.mark.parametrize(
    ("expected", "score"),
    [
        ((None, None, None), None),
        ((None, None, '{"home":{"goals":1}}'), {"home": {"goals": 1}}),
        ((7, 3, '{"home":{"points":7},"away":{"runs":3}}'), {"home": {"points": 7}, "away": {"runs": 3}}),
        ((1, None, '{"period_state":{"q":4}}'), {"home": "1", "period_state": {"q": 4}}),
        ((1, None, '{"period_state":"Q4"}'), {"home": "1", "period_state": "Q4"}),
    ],
)
def test_a_score_of_another_shape_is_kept_and_not_guessed(expected: tuple[Any, ...], score: Any) -> None:
    about = {**PUSH["data"]["games"][0]["game"], "round_number": None}
    [event] = results().say(with_game(score=score, game=about, players=None))
    assert isinstance(event, Result)
    assert expected == (event.home_score, event.away_score, event.detail)


def period(number: Any, *, completed: bool = False, **fields: Any) -> dict[str, Any]:
    return {"period": number, "completed": completed, **fields}


@pytest.mark.parametrize(
    ("live", "at", "clock", "status", "state"),
    [
        pytest.param(
            True, "2", "7:41", "LIVE",
            [period(1, completed=True), period(2, display_clock="7:41", period_seconds_remaining=461)],
            id="quarter",
        ),
        pytest.param(True, "3", None, "LIVE", [period(3, half="top"), period(4)], id="baseball-has-no-clock"),
        pytest.param(
            True, "1", "12:00", "LIVE", [period(1, display_clock="12:00", period_seconds_elapsed=720)], id="one-period"
        ),
        pytest.param(True, "2", None, "LIVE", [period(n, completed=True) for n in (1, 2)], id="in-a-break"),
        pytest.param(
            False, "4", None, "CONCLUDED", [period(n, completed=True) for n in (1, 2, 3, 4)], id="concluded"
        ),
        pytest.param(False, "1", None, "SCHEDULED", [period(1)], id="scheduled"),
        pytest.param(True, "1", "3:00", "Q1", [period(1, display_clock="3:00")], id="unknown-status-with-a-clock"),
        pytest.param(True, "2", None, None, [period(1, completed=True), period(2)], id="no-status-second-period"),
        pytest.param(None, "1", None, None, [period(1)], id="no-status-nothing-begun"),
        pytest.param(True, None, None, "LIVE", None, id="no-state"),
        pytest.param(True, None, None, "LIVE", [], id="empty-state"),
        pytest.param(True, "OT", "1:02", "LIVE", [7, period("OT", display_clock="1:02")], id="overtime-and-a-number"),
        pytest.param(True, "2", None, "LIVE", [{}, period(1, completed=True), period(2)], id="an-empty-row-first"),
        pytest.param(None, "1", None, None, [{"display_clock": "9:00"}, period(1)], id="a-row-without-its-period"),
        pytest.param(True, "2", ":32", "live", [{"period": 1, "completed": "true"}, period(2, display_clock=":32")], id="true-as-text"),
        pytest.param(True, "2", None, "Live", [{"period": 1, "completed": 1}, period(2, display_clock="Half Time")], id="true-as-a-number"),
    ],
)  # fmt: skip
def test_the_period_is_the_first_that_is_not_completed(
    live: bool | None, at: str | None, clock: str | None, status: str | None, state: Any
) -> None:
    about = {**PUSH["data"]["games"][0]["game"], "status": status, "concluded_at": None}
    [event] = results().say(with_game(score={"home": 1, "away": 0, "period_state": state}, game=about, players=None))
    assert isinstance(event, Result)
    assert (event.live, event.period, event.clock) == (live, at, clock)
    # What has no field of its own is in `detail`.
    assert (state is None) == ("period_state" not in (event.detail or ""))


@pytest.mark.parametrize(
    ("expected", "body"),
    [
        (["unreadable"], {**PUSH, "data": None}),
        (["unreadable"], {**PUSH, "sport": None}),
        (["unreadable"], with_game(game=7)),
        (["unreadable"], with_game(game={"home_team": "Melbourne"})),
        (["unknown", "unknown"], with_game(players=[7, {"disposals": 21}])),
        (["server"], {"event": "error", "message": "no"}),
        (["subscribed"], {"event": "subscribed", "sport": "AFL"}),
        ([], {"event": "unsubscribed", "sport": "AFL"}),
    ],
)
def test_notices_of_results(expected: list[str], body: Any) -> None:
    assert expected == codes(results().say(body))
