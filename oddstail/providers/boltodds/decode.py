"""BoltOdds: frames to events. Facts: wire reference boltodds-rapidodds.md, A4 to A9. Pure.

The vendor warns that shapes change, sends `{}` where strings belong in exactly the message that must
not be missed (book_clear), and errors without an `action`. Nothing here trusts a type.
"""

from __future__ import annotations

from typing import Any

from oddstail import price
from oddstail.model import (
    Decode,
    Event,
    Failure,
    Frame,
    Kind,
    Message,
    Notice,
    Provider,
    Quote,
    Replace,
    Request,
    Scope,
    Selection,
)
from oddstail.price import Price
from oddstail.providers import fields
from oddstail.providers.markets import ENGLISH_PERIODS, Markets
from oddstail.wire.loose import loads

#: Market names are each book's own (A6): these are the ones that were seen.
_MARKETS = Markets(
    exact={
        "Moneyline": "moneyline",
        "3 Way": "moneyline",
        "Spread": "spread",
        "Asian Spread": "spread",
        "Total": "total",
        "Total Points": "total",
        "Total Runs": "total",
        "Total Goals": "total",
        "Total Games": "total",
        "Total Sets": "total",
        "Game Total": "total",
        "Team Total": "team_total",
        "Goals": "prop",
    },
    starts={"Player ": "prop", "Pitcher ": "prop", "Batter ": "prop"},
    before=ENGLISH_PERIODS,
)
_SPORTS = {
    "NBA": "basketball",
    "WNBA": "basketball",
    "NCAAB": "basketball",
    "NFL": "football",
    "NFL Pre": "football",
    "NCAAF": "football",
    "MLB": "baseball",
    "NHL": "hockey",
    "UFC": "mma",
    **dict.fromkeys(("EPL", "MLS", "La Liga", "Serie A", "Ligue 1", "Bundesliga", "Liga MX"), "soccer"),
}
_DATA = frozenset(
    {"initial_state", "game_update", "line_update", "game_added", "game_removed", "book_clear", "sport_clear"}
)
_ACKS = ("socket_connected", "connection_ack")
_SIDES = {"o": "over", "over": "over", "u": "under", "under": "under", "draw": "draw", "tie": "draw"}
_MOST = 200_000


def read(frame: Frame) -> list[Message]:
    """The envelopes of one frame: an object, or an array of them (A4). ValueError if it is no JSON."""
    body = loads(frame.data)
    if type(body) is dict:
        return [_message(body)]
    if type(body) is list:
        return [_message(item) for item in body if isinstance(item, dict)]
    raise ValueError("neither an object nor an array")


def _message(body: dict[str, Any]) -> Message:
    action = body.get("action")
    if type(action) is not str:
        action = "error" if "error" in body else ""
    if action in _DATA:
        return Message(Kind.DATA, action, body)
    if action == "ping":
        return Message(Kind.BEAT, action)
    if action in _ACKS:
        return Message(Kind.ACK, action, body)
    if action == "error":
        failure = _fatal(_said(body))
        return Message(Kind.TALK if failure is None else Kind.REFUSED, action, body, failure=failure)
    return Message(Kind.TALK, action, body)


def decoder(request: Request) -> Decode:
    """A decoder for one connection."""
    return _Decoder().decode


class _Decoder:
    def __init__(self) -> None:
        self._selections: dict[tuple[Any, ...], Selection] = {}

    def decode(self, message: Message) -> list[Event]:
        name = message.name
        if message.kind is Kind.TALK:
            return _talk(name, message.body)
        data = message.body.get("data")
        if not isinstance(data, dict):
            return [Notice(code="unreadable", text=f"{name} without data: {message.body!r:.120}")]
        ts = fields.moment(message.body.get("timestamp"))
        book, game = _name(data.get("sportsbook")), _name(data.get("game"))
        match name:
            case "line_update":
                return self._lines(data, book, game, ts, False)
            case "initial_state" | "game_update" | "game_added":
                snap = name == "initial_state"
                said = self._lines(data, book, game, ts, snap)
                if book is None or game is None:
                    return said
                quotes = tuple(event for event in said if type(event) is Quote)
                rest = [event for event in said if type(event) is not Quote]
                scope = Scope(book=book, game_id=game)
                return [*rest, Replace(scope=scope, quotes=quotes, ts=ts, snap=snap)]
            case _:
                return _cleared(name, data, book, game, ts)

    def _lines(
        self, data: dict[str, Any], book: str | None, game: str | None, ts: int | None, snap: bool
    ) -> list[Event]:
        outcomes = data.get("outcomes")
        if book is None or game is None or not isinstance(outcomes, dict):
            return [Notice(code="unreadable", text=f"lines without a book or a game: {data!r:.120}")]
        out: list[Event] = []
        info = data.get("info")
        page = fields.link(info.get("link")) if isinstance(info, dict) else None
        for key, outcome in outcomes.items():
            if not isinstance(outcome, dict):
                out.append(Notice(code="unreadable", text=f"an outcome that cannot be read: {outcome!r:.120}"))
                continue
            line = fields.number(outcome.get("outcome_line"))
            what = self._selection(key, outcome, data, book, game)
            quoted = _price(outcome.get("odds"), out)
            deep = fields.link(outcome.get("link")) or page
            out.append(
                Quote(what, "suspended" if quoted is None else "open", quoted, line, ts=ts, link=deep, snap=snap)
            )
        return out

    def _selection(self, key: str, outcome: dict[str, Any], data: dict[str, Any], book: str, game: str) -> Selection:
        mark = (book, game, key, _name(outcome.get("outcome_name")), _name(outcome.get("outcome_target")))
        what = self._selections.get(mark)
        if what is None:
            what = self._selections[mark] = _classified(key, outcome, data, book, game)
            if len(self._selections) > _MOST:
                self._selections.clear()
        return what


def _classified(key: str, outcome: dict[str, Any], data: dict[str, Any], book: str, game: str) -> Selection:
    home, away = _name(data.get("home_team")), _name(data.get("away_team"))
    target = _name(outcome.get("outcome_target"))
    market = _name(outcome.get("outcome_name")) or key
    league = _name(data.get("sport"))
    over_under = (_name(outcome.get("outcome_over_under")) or "").casefold()
    side = _SIDES.get(over_under)
    if side is None and target is not None:
        side = {home: "home", away: "away"}.get(target) or _SIDES.get(target.casefold())
    kind, period = _MARKETS.classify(market)
    player = target if kind == "prop" and target not in (None, home, away) else None
    return Selection(
        key=f"{game}|{book}|{key}",
        sport=_SPORTS.get(league or ""),
        league=league,
        game_id=game,
        home=home,
        away=away,
        # `info.when` has no zone; that it means US Eastern is inferred (A5), so there is no start to tell.
        start=None,
        book=book,
        kind=kind,
        period=period,
        market=market,
        selection=target or (side.capitalize() if side else key),
        side=side,
        player=player,
    )


def _cleared(name: str, data: dict[str, Any], book: str | None, game: str | None, ts: int | None) -> list[Event]:
    """Prices that the provider no longer vouches for: after a back-end drop they are unknown, so not on offer (A7)."""
    league = _name(data.get("sport"))
    if name == "game_removed":
        if game is None:
            return [Notice(code="unreadable", text=f"game_removed without a game: {data!r:.120}")]
        return [Replace(scope=Scope(book=book, game_id=game), ts=ts)]
    if book is None and league is None:
        return [Notice(code="unreadable", text=f"{name} without a book: {data!r:.120}")]
    scope = Scope(book=book, league=league if name == "sport_clear" else None)
    cleared = " ".join(word for word in (scope.book, scope.league) if word)
    text = f"{cleared}: the provider cleared its prices; they are unknown until it sends them again"
    return [Notice(code=name.replace("_", "-"), text=text), Replace(scope=scope, ts=ts)]


def _talk(action: str, body: dict[str, Any]) -> list[Event]:
    if action == "subscription_updated":
        return [Notice(code="subscribed", text="the subscription was changed", level="info")]
    if action == "error":
        return [Notice(code="server", text=f"the provider says: {_said(body):.200}")]
    return [Notice(code="unknown", text=f"action {action!r:.60}", level="info")]


def _said(body: dict[str, Any]) -> str:
    return fields.text(body.get("message")) or fields.text(body.get("error")) or "an error without a text"


def _fatal(said: str) -> Failure | None:
    """Which errors end the link (A8). The texts are not published, so only plain words count."""
    low = said.casefold()
    if "re-subscription" in low or "cannot subscribe" in low or "not supported" in low:
        return None
    if "concurrent" in low or ("too many" in low and "connection" in low):
        return Failure(kind="cap", text=said[:200])
    if "rate limit" in low:
        return Failure(kind="cap", text=said[:200])
    if any(word in low for word in ("api key", "apikey", "token", "unauthorized", "invalid key")):
        return Failure(kind="auth", text=said[:200])
    if "connect again" in low or "connection closed" in low:
        return Failure(kind="closed", text=said[:200])
    return None


def _name(value: Any) -> str | None:
    """A string, and nothing else: a clear has `{}` here (A7)."""
    return value if isinstance(value, str) and value else None


def _price(value: Any, out: list[Event]) -> Price | None:
    """American odds as a string with a sign; null and "" are suspended (A6)."""
    if value is None or value == "":
        return None
    amount = fields.number(value)
    try:
        if amount is not None:
            return price.from_american(amount)
    except ValueError:
        pass
    out.append(fields.odd_field("odds", value))
    return None


PROVIDER = Provider(
    name="boltodds",
    title="BoltOdds",
    read=read,
    decoder=decoder,
    snapshot="burst",
    # 12 connects a minute for an address (A9), and 5 s between them as the vendor's sample waits (A2).
    rate=(12, 60.0),
    floor=5.0,
)
