"""The state of OddsJam's and OpticOdds' games over REST, for their streams tell changes alone. Pure.

Facts: docs/wire/oddsjam.md, 1.6; docs/wire/opticodds.md, 2.5 and 4: games are listed, and their odds asked for five
games a call. What an answer of `game-odds` (v2) looks like is not documented: it is read as public clients read it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import orjson

from oddstail.lookup import Get, Steps, entries, inner
from oddstail.model import Event, Failure, Fixture, Frame, Notice, Replace, Request, Scope
from oddstail.providers import fields
from oddstail.providers.flags import chunks

ODDS, END = "rest odds", "rest end"
#: Games to a call (section 4), calls at once, and the most games that are asked for on one connection.
_GAMES, _AT_ONCE, _MOST = 5, 4, 300

After = Callable[[Get, Any], Get | None]


def steps(
    request: Request,
    ids: list[str],
    listing: Get | None,
    after: After,
    odds: Callable[[list[str]], Get],
    *,
    what: str = "game",
) -> Steps:
    """List the games unless they are named, then ask for their odds; say at the end how much of it came.

    `what` is what has odds: a game, or a future.
    """
    failures: list[Failure] = []
    left = 0
    if listing is not None:
        games: list[dict[str, Any]] = []
        page: Get | None = listing
        while page is not None:
            [answer] = yield (page,)
            if (failure := _failed(answer)) is not None:
                failures.append(failure)
                break
            games += [item for item in entries(answer, "data") if isinstance(item, dict)]
            page = after(page, answer)
        # What is in play first, then what begins soonest.
        games.sort(key=lambda game: (game.get("is_live") is not True, str(game.get("start_date") or "~")))
        names = (fields.text(game.get("id")) for game in games)
        ids = list(dict.fromkeys(name for name in names if name is not None))
        ids, left = ids[:_MOST], max(0, len(ids) - _MOST)
    calls = [odds(some) for some in chunks(ids, _GAMES) if some]
    for at in range(0, len(calls), _AT_ONCE):
        answers = yield tuple(calls[at : at + _AT_ONCE])
        for answer in answers:
            if (failure := _failed(answer)) is not None:
                failures.append(failure)
            else:
                yield Frame(orjson.dumps(answer), ODDS)
    told = {"label": request.label, "games": len(ids), "left": left, "failed": len(failures), "what": what}
    if failures:
        first = failures[0]
        told["why"] = " ".join(str(part) for part in (first.code or first.kind, first.text) if part)[:200]
    yield Frame(orjson.dumps(told), END)


def _failed(answer: Any) -> Failure | None:
    """Why an answer says nothing. One that cannot be read is not taken for one that lists nothing."""
    if isinstance(answer, Failure):
        return answer
    listed = isinstance(answer.get("data") if isinstance(answer, dict) else answer, list)
    return None if listed else Failure(kind="an answer", text="without data")


def picked(request: Request, *names: str) -> tuple[tuple[str, str], ...]:
    """The parameters of a request by these names, in its order."""
    return tuple(pair for pair in request.params if pair[0] in names)


def ended(body: Mapping[str, Any]) -> list[Event]:
    """The end of a snapshot. Only where all of it came, what nothing confirmed is known to be gone."""
    label, games, left, failed = (body.get(name) for name in ("label", "games", "left", "failed"))
    what = body.get("what", "game")
    if failed or left:
        text = f"{label}: the current prices could not all be requested"
        text += f" ({body.get('why')})" if failed else f": {games} {what}s were, {left} were not"
        return [Notice(code="snapshot", text=f"{text}; others appear when they move")]
    text = f"{label}: the current prices of {games} {what}{'' if games == 1 else 's'} were requested"
    return [
        Replace(scope=Scope(), snap=True, late=True),
        Notice(code="snapshot", text=text, level="info", value=float(games) if isinstance(games, int) else None),
    ]


def fixture(item: Mapping[str, Any]) -> Fixture | None:
    """Who plays, and when."""
    game = fields.text(item.get("id"))
    if game is None:
        return None
    return Fixture(
        game_id=game,
        sport=fields.text(inner(item.get("sport"))),
        league=fields.text(inner(item.get("league"), "name")),
        home=fields.text(item.get("home_team_display") or item.get("home_team")),
        away=fields.text(item.get("away_team_display") or item.get("away_team")),
        start=fields.start(item.get("start_date")),
        status=fields.text(item.get("status")),
    )


#: v2's names in REST -> on the stream (1.3; the former as public clients have them).
_RENAMED = {"sports_book_name": "sportsbook", "market_name": "bet_type", "market": "bet_type", "name": "bet_name",
            "price": "bet_price", "points": "bet_points"}  # fmt: skip


def rows(item: Mapping[str, Any], about: Fixture, game: str) -> Iterator[dict[str, Any]]:
    """A game's odds as the stream would send them. `game` is the name of the field with the game's id there."""
    odds = item.get("odds")
    base = {"sport": about.sport, "league": about.league, "is_live": item.get("is_live"), game: about.game_id}
    for odd in odds if isinstance(odds, list) else ():
        if not isinstance(odd, dict):
            yield {}
            continue
        if game == "game_id":
            odd = {**{_RENAMED[name]: value for name, value in odd.items() if name in _RENAMED}, **odd}
        row = {**base, **{name: value for name, value in odd.items() if value is not None}}
        row[game] = about.game_id
        if game == "game_id":
            # Of another form than on the stream, as far as anybody knows: it would make two prices of one.
            row.pop("id", None)
        if type(row.get("timestamp")) is not float:
            at = fields.moment(row.get("timestamp") or row.get("checked_date"))
            row["timestamp"] = None if at is None else at / 1_000_000
        yield row
