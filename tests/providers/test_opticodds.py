"""OpticOdds v3, flag by flag and event by event. Facts: docs/wire/opticodds.md."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import orjson
import pytest

from oddstail import price
from oddstail.model import Fixture, Frame, Kind, Notice, Quote, Result, Selection, Where
from oddstail.providers import provider
from oddstail.providers.opticodds.command import Feed, OddsFormat

from .wire import Line, asked, codes, fixture, payload, prices, quotes, refused, said

PROVIDER = provider("opticodds")
FIXTURE = "7C19D2A04EB1"


def line(**flags: Any) -> Line:
    return Line(asked("opticodds", sport=["basketball"], book=["DraftKings"], **flags)[0])


def copilot() -> Line:
    return Line(asked("opticodds", sport=["basketball"], feed=Feed.copilot)[0])


def odd(file: str = "odds.sse", /, **fields: Any) -> dict[str, Any]:
    row: dict[str, Any] = payload("opticodds", file)["data"][0]
    return {**row, **fields}


def odds(*rows: dict[str, Any], entry: str = "1736820670001-0") -> dict[str, Any]:
    return {"entry_id": entry, "data": list(rows)}


# --- events of the books' stream --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "cursor", "name"),
    [
        pytest.param(Kind.ACK, None, "connected.sse", id="connected"),
        pytest.param(Kind.BEAT, None, "ping.sse", id="ping"),
        pytest.param(Kind.DATA, "1736820670001-0", "odds.sse", id="odds"),
        pytest.param(Kind.DATA, "1736820665123-1", "copilot-odds.sse", id="copilot-odds"),
        pytest.param(Kind.DATA, "1736833000777-0", "copilot-settled-odds.sse", id="copilot-settled-odds"),
        pytest.param(Kind.DATA, "1736821000555-0", "fixture-status.sse", id="fixture-status"),
    ],
)
def test_envelopes(kind: Kind, cursor: str | None, name: str) -> None:
    [message] = PROVIDER.read(fixture("opticodds", name))
    assert (kind, cursor) == (message.kind, message.cursor)


SPREAD = Selection(
    competition="nba",
    ways=2,
    subject="game",
    key=f"{FIXTURE}|DraftKings|Point Spread|Boston Celtics -4.5",
    sport="basketball",
    league="NBA",
    game_id=FIXTURE,
    book="DraftKings",
    kind="spread",
    period="game",
    market="Point Spread",
    selection="Boston Celtics",
    group="default:-4.5",
)


@pytest.mark.parametrize("name", ["opticodds", "oddsjam"])
@pytest.mark.parametrize(
    ("data", "read"),
    [
        (b'{"entry_id":"1736820670001-0","type":"odds","data":[{"a":1}]}', False),
        (b'{"entry_id": "1736820670001-0", "data": []}', False),
        (b'{"data":[],"entry_id":"1-0"}', True),
        (b' {"entry_id":"1-0"}', True),
        (b'{"entry_id":"a\\u0031"}', True),
        (b'{"entry_id":"","data":[]}', True),
        (b'{"entry_id":null,"data":[]}', True),
        (b'{"entry_id":7,"data":[]}', True),
    ],
)
@pytest.mark.parametrize("event", ["odds", "locked-odds", "ping", "connected", "fixture-status", "message", ""])
def test_a_peek_tells_what_reading_tells(name: str, event: str, data: bytes, read: bool) -> None:
    spoken = provider(name)
    assert spoken.peek is not None
    frame = Frame(data, event, "9")
    place, (whole,) = spoken.peek(frame), spoken.read(frame)
    # What it costs: nothing is parsed where only the cursor is needed, and it is the same one.
    assert place == (whole.cursor if not read and "odds" in event else None)
    assert place is None or whole.kind is Kind.DATA


@pytest.mark.parametrize("data", [b'{"entry_id":"1-0","data":[', b"[]", b"", b"\xff", b'{"entry_id":"1-0"', b"7"])
def test_a_peek_leaves_what_is_cut_or_no_object_to_who_reads_it(data: bytes) -> None:
    peek = provider("opticodds").peek
    assert peek is not None
    assert peek(Frame(data, "odds")) is None


def test_an_odd_is_a_quote_with_all_that_the_wire_tells() -> None:
    expected = Quote(
        SPREAD,
        "open",
        price.from_american(-110),
        -4.5,
        main=True,
        live=False,
        ts=1_736_820_669_918_000,
        id="1736820670001-0",
    )
    assert [expected] == line().take(fixture("opticodds", "odds.sse"))


def test_a_locked_odd_is_suspended_and_comes_back_under_its_key() -> None:
    # Described in 2.4 [docs M]: the same shape; suspended or removed, the last price kept.
    at = line()
    at.tell(odds(odd()), "odds")
    [locked] = quotes(at.tell(odds(odd(price=-105)), "locked-odds"))
    assert (locked.status, locked.price, locked.prev) == ("suspended", None, -110)
    assert at.held() == {}
    at.tell(odds(odd(price=-112)), "odds")
    assert {SPREAD.key: -112} == at.held()


@pytest.mark.parametrize(
    ("expected", "fields"),
    [
        pytest.param(
            ("LeBron James", "over", "LeBron James", 25.5, "prop"),
            {"name": "LeBron James Over 25.5", "selection": "LeBron James", "selection_line": "over",
             "points": 25.5, "player_id": "C0FFEE000001", "market": "Player Points"},
            id="of a prop the player is the selection and the side the over",
        ),
        pytest.param(
            ("LeBron James", "yes", "LeBron James", None, "prop"),
            {"name": "LeBron James", "selection": "LeBron James", "selection_line": "yes",
             "points": None, "player_id": "C0FFEE000001", "market": "Player To Record A Double Double"},
            id="a prop without a line has a player too",
        ),
        pytest.param(
            ("Boston Celtics", "over", None, 110.5, "team_total"),
            {"name": "Boston Celtics Over 110.5", "selection": "Boston Celtics", "selection_line": "over",
             "points": 110.5, "market": "Team Total"},
            id="of a team total the team is the selection",
        ),
        pytest.param(
            ("Under", "under", None, 221.5, "total"),
            {"name": "Under 221.5", "selection": "", "selection_line": "", "points": 221.5,
             "market": "Total Points", "player_id": "None"},
            id="empty strings and the word None are nothing",
        ),
        pytest.param(
            ("Miami Heat", None, None, 4.5, "spread"),
            {"name": "Miami Heat +4.5", "selection": "Miami Heat", "points": 4.5, "selection_points": 4.5,
             "grouping_key": "default:-4.5"},
            id="a line is the selection's own, not its group's",
        ),
    ],
)  # fmt: skip
def test_selections(expected: tuple[Any, ...], fields: dict[str, Any]) -> None:
    [quote] = quotes(line().say(odds(odd(**fields)), "odds"))
    what = quote.what
    assert expected == (what.selection, what.side, what.player, quote.line, what.kind)


@pytest.mark.parametrize(
    "fields",
    [
        pytest.param({"name": "Boston Celtics +4.5", "points": 4.5}, id="the same team with the opposite sign"),
        pytest.param({"name": "Miami Heat -4.5", "selection": "Miami Heat"}, id="the other team with the same line"),
        pytest.param({"market": "1st Half Point Spread"}, id="another period"),
        pytest.param({"sportsbook": "FanDuel"}, id="another book"),
        pytest.param({"fixture_id": "7C19D2A04EB2"}, id="another game, though the v2 id is one"),
    ],
)
def test_another_price_has_another_key(fields: dict[str, Any]) -> None:
    at = line()
    at.tell(odds(odd(), odd(**fields)), "odds")
    assert len(at.held()) == 2


@pytest.mark.parametrize(
    "fields",
    [
        pytest.param({"id": "another-format"}, id="ids are not guaranteed to keep a format (2.5)"),
        pytest.param({"is_main": False}, id="a main line that becomes an alternate"),
        pytest.param({"grouping_key": "default:4.5", "timestamp": 1736820700}, id="another group"),
        pytest.param({"selection_line": ""}, id="an empty string for null"),
    ],
)
def test_the_same_price_has_the_same_key(fields: dict[str, Any]) -> None:
    at = line()
    at.tell(odds(odd(), odd(price=-120, **fields)), "odds")
    assert {SPREAD.key: -120} == at.held()


@pytest.mark.parametrize(
    ("expected", "deep_link"),
    [
        pytest.param("https://example.invalid/d", {"android": "a://", "ios": "i://", "desktop": "https://example.invalid/d"},
                     id="the desktop's of three"),
        pytest.param(None, {"android": "a://"}, id="none for the desktop"),
        pytest.param(None, {"desktop": "javascript:alert(1)"}, id="what is no web address is no link"),
        pytest.param(None, "", id="an empty string"),
    ],
)  # fmt: skip
def test_deep_links(expected: str | None, deep_link: Any) -> None:
    [quote] = quotes(line().say(odds(odd(deep_link=deep_link)), "odds"))
    assert expected == quote.link


@pytest.mark.parametrize(
    ("expected", "odds_format", "sent"),
    [
        pytest.param(-110, OddsFormat.american, -110, id="american"),
        pytest.param(-110, OddsFormat.decimal, 1.9091, id="decimal"),
        pytest.param(-110, OddsFormat.probability, 52.38, id="probability in percent"),
        pytest.param(150, OddsFormat.hong_kong, 1.5, id="Hong Kong"),
        pytest.param(-200, OddsFormat.malay, 0.5, id="Malay: what a favourite wins"),
        pytest.param(200, OddsFormat.malay, -0.5, id="Malay: what an underdog costs"),
        pytest.param(-150, OddsFormat.indonesian, -1.5, id="Indonesian"),
    ],
)
def test_a_price_is_read_as_it_was_asked_for(expected: float, odds_format: OddsFormat, sent: float) -> None:
    at = line(odds_format=odds_format)
    [quote] = quotes(at.say(odds(odd(price=sent)), "odds"))
    assert quote.price is not None
    assert expected == quote.price.american


def test_a_row_that_cannot_be_read_costs_no_other() -> None:
    events = line().say(odds(odd(market=None), odd(sportsbook={}), odd()), "odds")
    assert codes(events) == ["unreadable", "unreadable"]
    assert prices(events) == [("Boston Celtics", "open", -4.5, -110)]


# --- a game's status --------------------------------------------------------------------------------

DELAYED = Fixture(
    competition="wta",
    game_id="E145B23767AA",
    sport="tennis",
    league="WTA",
    home="Mia Sol",
    away="Lena Hart",
    start="2025-01-14T03:00:00Z",
    status="delayed",
    old_status="unplayed",
    ts=1_736_821_000_551_200,
    id="1736821000555-0",
)


def test_a_status_is_a_fixture() -> None:
    assert line().take(fixture("opticodds", "fixture-status.sse")) == [DELAYED]


def test_a_new_start_is_the_start() -> None:
    # Described in 2.4 [seed]: `new_*` and `old_*` come as a pair, the other pair null.
    body = payload("opticodds", "fixture-status.sse")
    body["data"] |= {
        "new_start_date": "2025-01-14T05:00:00+02:00",
        "old_start_date": "2025-01-14T03:00:00",
        "new_status": None,
        "old_status": None,
    }
    body["data"]["fixture"]["start_date"] = None
    [event] = line().say(body, "fixture-status")
    assert isinstance(event, Fixture)
    assert (event.start, event.old_start, event.status) == ("2025-01-14T03:00:00Z", "2025-01-14T03:00:00Z", None)


@pytest.mark.parametrize(
    ("side", "name"),
    [
        pytest.param("home", "Mia Sol", id="home_team_display is home"),
        pytest.param("away", "Lena Hart", id="away_team_display is away"),
        pytest.param(None, "M. Sol", id="a name that is neither is neither"),
    ],
)
def test_a_status_tells_who_is_at_home_and_no_key_changes_for_it(side: str | None, name: str) -> None:
    at = line()
    row = odd(fixture_id="E145B23767AA", market="Moneyline", name=name, selection=name, points=None)
    [before] = quotes(at.tell(odds(row), "odds"))
    at.tell(payload("opticodds", "fixture-status.sse"), "fixture-status")
    [after] = quotes(at.tell(odds(row), "odds"))
    assert (None, side) == (before.what.side, after.what.side)
    assert (after.what.home, after.what.away) == ("Mia Sol", "Lena Hart")
    assert before.what.key == after.what.key


def test_a_status_without_teams_does_not_unlearn_them() -> None:
    at = line()
    at.tell(payload("opticodds", "fixture-status.sse"), "fixture-status")
    at.tell({"data": {"fixture_id": "E145B23767AA", "new_status": "live"}, "entry_id": "2-0"}, "fixture-status")
    [quote] = quotes(at.say(odds(odd(fixture_id="E145B23767AA")), "odds"))
    assert quote.what.home == "Mia Sol"


@pytest.mark.parametrize("name", ["fixture-results", "fixture-status", "tomorrow"])
def test_what_cannot_be_read_as_a_status_is_a_notice(name: str) -> None:
    assert codes(line().say({"data": {"new": 1}, "entry_id": "1-0"}, name)) == ["unknown"]


# --- Copilot ----------------------------------------------------------------------------------------

UNDER = Selection(
    competition="nba",
    ways=2,
    subject="game",
    stat="points",
    key="7:-1:7C19D2A04EB1:total_points:under_221_5",
    sport="basketball",
    league="NBA",
    game_id=FIXTURE,
    book="Copilot",
    kind="total",
    period="game",
    market="Total Points",
    selection="Under",
    side="under",
    group="default:221.5",
)


def test_a_copilot_odd_is_the_operators_own() -> None:
    expected = Quote(
        UNDER, "open", price.from_american(-112), 221.5, main=True, live=False,
        ts=1_736_820_664_000_000, id="1736820665123-1",
    )  # fmt: skip
    assert [expected] == copilot().take(fixture("opticodds", "copilot-odds.sse"))


def test_an_odd_of_copilot_is_locked_and_settled_under_its_key() -> None:
    # Described in 2.4 [seed]: copilot-locked-odds has the shape of copilot-odds.
    at = copilot()
    at.tell(payload("opticodds", "copilot-odds.sse"), "copilot-odds")
    [locked] = quotes(at.tell(payload("opticodds", "copilot-odds.sse"), "copilot-locked-odds"))
    [settled] = quotes(at.tell(payload("opticodds", "copilot-settled-odds.sse"), "copilot-settled-odds"))
    assert (locked.status, locked.price, locked.prev) == ("suspended", None, -112)
    assert (
        settled.what,
        settled.status,
        settled.price,
        settled.settlement,
        settled.prev,
    ) == (UNDER, "settled", None, "Lost", -112)
    assert len(at.ledger) == 0


@pytest.mark.parametrize("settlement", ["Won", "Lost", "Refunded", "Half Won", "Half Lost"])
def test_settlements_are_the_vendors_words(settlement: str) -> None:
    [quote] = quotes(
        copilot().say(odds(odd("copilot-settled-odds.sse", settlement=settlement)), "copilot-settled-odds")
    )
    assert settlement == quote.settlement


def test_a_settled_odd_that_comes_first_does_not_name_the_open_one() -> None:
    at = copilot()
    at.tell(payload("opticodds", "copilot-settled-odds.sse"), "copilot-settled-odds")
    [quote] = quotes(at.tell(payload("opticodds", "copilot-odds.sse"), "copilot-odds"))
    assert quote.what == UNDER


@pytest.mark.parametrize(
    ("many", "ids"),
    [
        pytest.param(2, ["7:-1:a", "7:2:a"], id="two versions of one odd are two prices"),
        pytest.param(1, ["7:-1:a", "7:-1:a"], id="one id is one price"),
        pytest.param(1, ["", None], id="without an id the words are the identity"),
        pytest.param(1, ["None", "None"], id="and the word None is no id"),
    ],
)
def test_a_copilot_id_is_its_identity(many: int, ids: list[str | None]) -> None:
    at = copilot()
    at.tell(odds(*(odd("copilot-odds.sse", id=value) for value in ids)), "copilot-odds")
    assert many == len(at.held())


def test_a_locked_odd_that_lost_its_words_is_still_known_by_its_id() -> None:
    at = copilot()
    at.tell(payload("opticodds", "copilot-odds.sse"), "copilot-odds")
    at.tell(odds(odd("copilot-odds.sse", market=None, name=None)), "copilot-locked-odds")
    assert at.held() == {}


# --- requests ---------------------------------------------------------------------------------------


def test_the_request() -> None:
    [request] = asked("opticodds", sport=["basketball"], league=["NBA"], book=["DraftKings", "FanDuel"])
    assert (
        request.url,
        request.key_in,
        request.key_name,
        request.heartbeat,
        request.transport,
    ) == ("https://api.opticodds.com/api/v3/stream/odds/basketball", Where.HEADER, "X-Api-Key", 5.0, "sse")
    assert request.params == (
        ("sportsbook", "DraftKings"),
        ("sportsbook", "FanDuel"),
        ("league", "NBA"),
        ("include_fixture_updates", "true"),
    )


def test_copilot_keeps_the_sport_in_the_middle_and_takes_no_book() -> None:
    [request] = asked("opticodds", sport=["basketball"], feed=Feed.copilot, version_id=-1)
    assert request.url == "https://api.opticodds.com/api/v3/stream/copilot/basketball/odds"
    assert request.params == (("include_fixture_updates", "true"), ("version_id", "-1"))


@pytest.mark.parametrize(
    ("expected", "flags"),
    [
        pytest.param((("fixture_id", "A"), ("fixture_id", "B")), {"game": ["A", "B"]}, id="games repeat"),
        pytest.param((("market", "Moneyline"),), {"market": ["Moneyline"]}, id="market"),
        pytest.param((("is_main", "true"),), {"main": True}, id="main"),
        pytest.param((("is_main", "false"),), {"main": False}, id="alternates"),
        pytest.param((("is_live", "true"),), {"live": True}, id="live"),
        pytest.param((("is_live", "false"),), {"live": False}, id="prematch"),
        pytest.param((("odds_format", "HONG_KONG"),), {"odds_format": OddsFormat.hong_kong}, id="format"),
        pytest.param((("include_deep_link", "true"),), {"deep_links": True}, id="deep links"),
        pytest.param((("exclude_fees", "true"),), {"exclude_fees": True}, id="fees"),
    ],
)
def test_each_flag_is_one_parameter(expected: tuple[tuple[str, str], ...], flags: dict[str, Any]) -> None:
    [request] = asked("opticodds", sport=["basketball"], book=["DraftKings"], fixture_updates=False, **flags)
    assert (("sportsbook", "DraftKings"), *expected) == request.params


def test_ten_leagues_and_five_books_to_a_connection() -> None:
    leagues, books = [f"League {at}" for at in range(11)], [f"Book {at}" for at in range(6)]
    requests = asked("opticodds", sport=["soccer"], league=leagues, book=books, validate=False)
    assert [
        tuple(sum(key == name for key, _ in request.params) for name in ("sportsbook", "league"))
        for request in requests
    ] == [(5, 10), (1, 10), (5, 1), (1, 1)]


def test_each_sport_has_a_connection() -> None:
    assert [
        request.url.rpartition("/")[2] for request in asked("opticodds", sport=["Basketball,hockey"], book=["bet365"])
    ] == ["basketball", "hockey"]


@pytest.mark.parametrize(
    ("expected", "flags"),
    [
        pytest.param("OpticOdds needs a sport, for example -s basketball", {"book": ["FanDuel"]}, id="no sport"),
        pytest.param(
            "OpticOdds needs at least one book for --feed odds, for example -b DraftKings",
            {"sport": ["soccer"]},
            id="no book",
        ),
        pytest.param(
            "--book is for --feed odds or futures; remove it with --feed copilot",
            {"sport": ["soccer"], "feed": Feed.copilot, "book": ["FanDuel"]},
            id="a book for copilot",
        ),
        pytest.param(
            "--version-id is for --feed copilot; remove it with --feed odds",
            {"sport": ["soccer"], "book": ["FanDuel"], "version_id": 1},
            id="a version of the books",
        ),
        pytest.param(
            "--deep-links is for --feed odds or futures; remove it with --feed copilot",
            {"sport": ["soccer"], "feed": Feed.copilot, "deep_links": True},
            id="deep links of copilot",
        ),
        pytest.param(
            "--exclude-fees is for --feed odds or futures; remove it with --feed copilot",
            {"sport": ["soccer"], "feed": Feed.copilot, "exclude_fees": True},
            id="fees of copilot",
        ),
        pytest.param(
            "--players is for --feed results; remove it with --feed odds",
            {"sport": ["soccer"], "book": ["FanDuel"], "players": True},
            id="players of the books",
        ),
        *(
            pytest.param(
                f"{flag} is for --feed {feeds}; remove it with --feed results",
                {"sport": ["soccer"], "feed": Feed.results, **given},
                id=f"{flag} of results",
            )
            for flag, given, feeds in (
                ("--market", {"market": ["Moneyline"]}, "odds, copilot or futures"),
                ("--main/--alternates", {"main": False}, "odds, copilot or futures"),
                ("--fixture-updates", {"fixture_updates": False}, "odds or copilot"),
                ("--odds-format", {"odds_format": OddsFormat.american}, "odds, copilot or futures"),
            )
        ),
        pytest.param(
            'OpticOdds has no book "DraftKinks"; did you mean "DraftKings"? (--no-validate to insist)',
            {"sport": ["soccer"], "book": ["DraftKinks"]},
            id="a near miss of a book",
        ),
        pytest.param(
            'OpticOdds has no sport "basketbal"; did you mean "basketball"? (--no-validate to insist)',
            {"sport": ["basketbal"], "book": ["FanDuel"]},
            id="a near miss of a sport",
        ),
        pytest.param("", {"sport": ["basketbal"], "book": ["DraftKinks"], "validate": False}, id="to insist"),
        pytest.param("", {"sport": ["soccer"], "book": ["FanDuel"], "league": ["Eredivisie"]}, id="1,554 leagues"),
    ],
)
def test_usage_errors(expected: str, flags: dict[str, Any]) -> None:
    assert expected == refused("opticodds", **flags)


def test_another_spelling_is_corrected_and_said() -> None:
    ask = said("opticodds", sport=["basketball"], league=["nba"], book=["draftkings"], market=["point_spread"])
    assert ask.notes == [
        "OpticOdds spells the league 'nba' as 'NBA'; using that",
        "OpticOdds spells the book 'draftkings' as 'DraftKings'; using that",
        "OpticOdds spells the market 'point_spread' as 'Point Spread'; using that",
    ]
    assert ask.requests[0].params[:3] == (("sportsbook", "DraftKings"), ("league", "NBA"), ("market", "Point Spread"))


def test_who_asks_for_main_lines_alone_is_told_that_they_go_silent() -> None:
    # 2.5: "with an is_main=true filter the old main just goes silent and stale".
    [note] = said("opticodds", sport=["basketball"], book=["FanDuel"], main=True).notes
    assert note.startswith("OpticOdds does not say when a main line stops being one")


def test_a_replay_is_asked_for_and_not_relied_on() -> None:
    assert PROVIDER.resume is not None
    [request] = asked("opticodds", sport=["basketball"], book=["FanDuel"])
    assert PROVIDER.resume(request, "1-0").params[-1] == ("last_entry_id", "1-0")
    assert (PROVIDER.replays, PROVIDER.rate) == ("unknown", (200, 15.0))


# --- results (2.1, 2.4) -------------------------------------------------------------------------------


def results(*, players: bool = False) -> Line:
    return Line(asked("opticodds", sport=["basketball"], league=["NBA"], feed=Feed.results, players=players)[0])


def test_results_have_a_connection_for_each_league() -> None:
    requests = asked("opticodds", sport=["basketball"], league=["NBA", "WNBA"], feed=Feed.results, live=True)
    assert [(request.url, request.params) for request in requests] == [
        ("https://api.opticodds.com/api/v3/stream/results/basketball", (("league", name), ("is_live", "true")))
        for name in ("NBA", "WNBA")
    ]


GAME = Result(
    competition="nba",
    game_id="7C19D2A04EB1",
    sport="basketball",
    league="NBA",
    home="Boston Celtics",
    away="Miami Heat",
    start="2025-01-14T00:30:00Z",
    status="live",
    live=True,
    period="3",
    clock="11:20",
    home_score=61,
    away_score=55,
    detail='{"home":{"periods":{"period_1":31.0,"period_2":30.0}},"away":{"periods":{"period_1":25.0,"period_2":30.0}},'
    '"extra":{"decision":null}}',
    id="1736822000123-0",
)


def test_a_result() -> None:
    assert results().take(fixture("opticodds", "fixture-results.sse")) == [GAME]


def test_the_players_of_a_result_where_they_were_asked_for() -> None:
    game, player = results(players=True).take(fixture("opticodds", "fixture-results.sse"))
    assert game == GAME
    assert player == replace(
        GAME,
        period=None,
        clock=None,
        home_score=None,
        away_score=None,
        player="A. Guard",
        team="Boston Celtics",
        detail='{"player":{"id":"C0FFEE000001","name":"A. Guard","position":"G","number":7},'
        '"stats":[{"period":"all","stats":{"points":14}}]}',
    )


RESULT = payload("opticodds", "fixture-results.sse")


@pytest.mark.parametrize("score", [None, [], {"scores": None}, {"scores": {"home": 61}}])
def test_a_result_without_a_score_has_none(score: Any) -> None:
    [event] = results().say({**RESULT, "data": {**RESULT["data"], "score": score}}, "fixture-results")
    assert isinstance(event, Result)
    assert (event.game_id, event.home_score, event.status) == ("7C19D2A04EB1", None, None)


@pytest.mark.parametrize("data", [None, [], {}, {"fixture_id": ""}])
def test_a_result_of_no_fixture_is_a_notice(data: Any) -> None:
    assert codes(results().say({"entry_id": "1-0", "data": data}, "fixture-results")) == ["unreadable"]


def test_a_player_that_cannot_be_read_costs_no_other() -> None:
    rows = [7, {}, *RESULT["data"]["player_results"]]
    events = results(players=True).say({"data": {**RESULT["data"], "player_results": rows}}, "fixture-results")
    assert [type(event) for event in events] == [Result, Notice, Notice, Result]


def test_another_event_of_a_results_stream_is_passed_on_whole() -> None:
    body = {"entry_id": "1-0", "data": {"x": 1}}
    [notice] = results().say(body, "player-results")
    assert isinstance(notice, Notice)
    assert (notice.code, orjson.loads(notice.payload or "")) == ("unknown", body)


def test_the_sides_of_a_line_share_a_group() -> None:
    [quote] = quotes(line().take(fixture("opticodds", "odds.sse")))
    assert quote.what.group == "default:-4.5"
