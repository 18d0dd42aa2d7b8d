"""What the demo asks each imitation for, feed by feed, and how a user's own flags go over that. Knows flags only."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from enum import Enum
from typing import Any, get_args, get_origin

from oddstail.model import UsageError

_NBA: dict[str, Any] = {"sport": ["basketball"], "league": ["NBA"]}
_FOUR = ["basketball_nba,americanfootball_nfl,icehockey_nhl,soccer_epl"]

#: By provider and feed; a provider's first feed is what `oddstail demo -p PROVIDER` shows. Some of everything.
FEEDS: dict[str, dict[str, dict[str, Any]]] = {
    "oddsjam": {
        "odds": {"league": ["NBA,NFL"], "book": ["DraftKings,FanDuel,BetMGM,Caesars,Pinnacle,bet365"]},
    },
    "opticodds": {
        "odds": {**_NBA, "book": ["DraftKings,FanDuel,BetMGM,Caesars,Pinnacle"], "main": True},
        "copilot": _NBA,
        "results": _NBA,
        "futures": {**_NBA, "book": ["DraftKings,FanDuel,BetMGM"]},
    },
    "parlayapi": {
        "odds": {"sport": _FOUR, "market": ["h2h,spreads,totals"]},
        "hot": {"sport": ["basketball_nba"], "market": ["h2h,spreads,totals"]},
        "live": {"sport": ["basketball_nba"]},
        "drops": {"sport": ["all"]},
        "plays": {"sport": ["basketball_nba,soccer_epl"]},
        "sandbox": {"sport": ["basketball_nba"]},
    },
    "rapidodds": {
        "odds": {
            "sport": ["NBA,NFL,NHL"],
            "book": ["DraftKings,FanDuel,BetMGM,Bet365,Pinnacle"],
            "market": ["head_to_head,alternate_lines,alternate_total_points"],
        },
        "results": {"sport": ["MLB,NFL"]},
    },
    "boltodds": {
        "odds": {
            "league": ["NBA,NFL,NHL,EPL"],
            "market": ["Moneyline,Spread,Total,Total Points,3 Way"],
        },
        "plays": {"league": ["NBA,MLB,EPL"]},
        "scores": {"league": ["NBA,MLB,EPL"]},
    },
}
ASKS: dict[str, dict[str, Any]] = {name: next(iter(feeds.values())) for name, feeds in FEEDS.items()}
#: Where a provider has one of the two alone, either flag means it.
_TWINS = {"sport": "league", "league": "sport"}


def asked(
    name: str, ask: Callable[..., Any], feed: str | None, given: Mapping[str, list[str] | None]
) -> dict[str, Any]:
    """What to call a provider's `ask` with. UsageError for a feed or a flag that it does not have."""
    parameters, known = inspect.signature(ask, eval_str=True).parameters, feeds(ask)
    if feed is not None and feed not in known:
        raise UsageError(f"{name} has no feed {feed}; it has: {', '.join(known)}")
    found = dict(FEEDS[name].get(feed, {}) if feed is not None else ASKS[name])
    for flag, values in given.items():
        if values is None:
            continue
        own = flag if flag in parameters else _TWINS.get(flag, flag)
        if own not in parameters:
            raise UsageError(f"{name} has no --{flag}; `oddstail {name} -h` lists what it has")
        found[own] = values
        if flag == "league" and given.get("sport") is None and name == "parlayapi":
            # There a league adds to the sports, which are the demo's own.
            found.pop("sport", None)
        if flag == "sport" and "league" in parameters and own == "sport":
            # Its leagues were those of another sport.
            found.pop("league", None) if given.get("league") is None else None
    if feed is not None:
        found["feed"] = known[feed]
    return found


def feeds(ask: Callable[..., Any]) -> dict[str, Any]:
    """The words that a provider's `--feed` takes, each with its value."""
    annotation = inspect.signature(ask, eval_str=True).parameters["feed"].annotation
    kind = annotation.__origin__ if hasattr(annotation, "__metadata__") else annotation
    kinds = get_args(kind) if get_origin(kind) is not None else (kind,)
    words = next(one for one in kinds if isinstance(one, type) and issubclass(one, Enum))
    return {str(word.value): word for word in words}
