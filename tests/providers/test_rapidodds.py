"""RapidOddsAPI, flag by flag and event by event. Facts: docs/wire/rapidodds.md."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import orjson
import pytest

from oddstail import price, retry
from oddstail.model import Failure, Frame, Kind, Notice, Quote, Replace, Result, Scope, Selection, Where
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


def test_a_price_that_may_be_of_either_game_of_a_day_is_held_back() -> None:
    at = line(sport="MLB")
    games = [
        game(book(outcomes(priced())), start=start) for start in ("2026-02-25T11:00:00", "2026-02-25T17:00:00", None)
    ]
    events = at.tell(push(*games, sport="MLB"))
    assert codes(events) == ["unreadable"]
    assert len(at.held()) == 2


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
        pytest.param([], 0, None, id="null is no price"),
        pytest.param(["unreadable"], 0, 1, id="1 wins nothing"),
        pytest.param(["unreadable"], 0, -110, id="an American price where decimal is documented"),
        pytest.param(["unreadable"], 0, "2.10", id="a string where a number is documented"),
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
        pytest.param("RapidOddsAPI needs a sport: -s NBA, for one", {}, id="no sport"),
        pytest.param("RapidOddsAPI needs at least one book: -b Pinnacle, for one", {"sport": ["NBA"]}, id="no book"),
        pytest.param(
            "RapidOddsAPI needs at least one market: -m head_to_head, for one",
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
        "RapidOddsAPI spells the sport 'nba' as 'NBA'; asked for that",
        "RapidOddsAPI spells the book 'PINNACLE' as 'Pinnacle'; asked for that",
        "RapidOddsAPI spells the market 'head-to-head' as 'head_to_head'; asked for that",
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
    [request] = asked("rapidodds", sport=["AFL"], feed=Feed.results, status="live", players=True, days=2)
    [text] = request.send
    assert orjson.loads(text) == {
        "action": "subscribe", "sport": "AFL", "status": "live", "include": ["scores", "players"], "days": 2,
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
            (f"{flag} is for --feed odds; leave it out with --feed results", {"feed": Feed.results, **given})
            for flag, given in (
                ("--book", {"book": ["Pinnacle"]}),
                ("--market", {"market": ["head_to_head"]}),
                ("--push", {"push": Push.REPLACE}),
            )
        ),
        *(
            (
                f"{flag} is for --feed results; leave it out with --feed odds",
                {"book": ["Pinnacle"], "market": ["head_to_head"], **given},
            )
            for flag, given in (
                ("--status", {"status": "all"}),
                ("--players", {"players": True}),
                ("--days", {"days": 1}),
            )
        ),
        ("RapidOddsAPI needs a sport: -s NBA, for one", {"feed": Feed.results, "sport": None}),
    ],
)
def test_what_a_feed_cannot_honour(expected: str, flags: dict[str, Any]) -> None:
    assert expected == refused("rapidodds", **{"sport": ["AFL"], **flags})


#: A push as B10 and B7 describe it; the values are ours, where a type is all that is told.
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
                "score": {"home": 88, "away": 71, "home_by_period": [20, 25], "period_state": "Q4", "totals": None},
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
    period="Q4",
    home_score=88,
    away_score=71,
    detail='{"home_by_period":[20,25],"round_number":3}',
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
    ],
)
def test_a_score_of_another_shape_is_kept_and_not_guessed(expected: tuple[Any, ...], score: Any) -> None:
    about = {**PUSH["data"]["games"][0]["game"], "round_number": None}
    [event] = results().say(with_game(score=score, game=about, players=None))
    assert isinstance(event, Result)
    assert expected == (event.home_score, event.away_score, event.detail)


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
