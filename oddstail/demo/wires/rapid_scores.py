"""RapidOddsAPI's results socket: `/results-ws`, a push of every game of a sport at each cycle (B10) [docs D4].

docs/wire/rapidodds.md, B10: the flow is the odds socket's, and a push costs one credit.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from oddstail.demo.contract import Bell, Frame, Stage, Tell
from oddstail.demo.wires import rapid_results as results
from oddstail.demo.wires.rapid_socket import Socket, error, frame


@dataclass(slots=True, kw_only=True)
class _Subscription:
    sport: str
    status: str
    include: list[str]
    bell: Bell
    # Cycles since the market froze: two say all there is to say.
    still: int = 0


class ScoreStream(Socket[_Subscription]):
    """One results socket; several sports on it, each with its own filter."""

    def __init__(self, stage: Stage, charge: Callable[[int], bool], left: Callable[[], int]) -> None:
        super().__init__()
        self._stage, self._charge, self._left = stage, charge, left

    def _subscribe(self, sport: str, asked: dict[str, Any]) -> Frame:
        status, include = asked.get("status") or "all", asked.get("include") or []
        if sport not in results.SPORTS:
            return error(f"Unknown sport: {sport}")
        if status not in results.FILTERS:
            return error(f"Unknown status: {status}")
        if not isinstance(include, list) or any(part not in results.PARTS for part in include):
            return error(f"include holds {' and '.join(results.PARTS)} alone")
        bell = Bell(self._stage.clock, self._stage.knobs.cycle)
        self._held[sport] = _Subscription(sport=sport, status=status, include=include, bell=bell)
        echo = {"event": "subscribed", "sport": sport, "status": status, "include": include}
        return frame({**echo, "credits_per_push": 1}, data=False)

    def calm(self) -> bool:
        """Everything that the frozen market has to tell is told."""
        return all(held.still >= 2 for held in self._held.values())

    def turn(self) -> list[Frame]:
        return [frame for held in self._held.values() if held.bell.rings() for frame in self._push(held)]

    def _push(self, held: _Subscription) -> list[Frame]:
        held.still = held.still + 1 if self._stage.market.frozen else 0
        games = results.games(self._stage, held.sport, held.status, held.include)
        if not games:
            return []
        if not self._charge(1):
            return [error(f"Not enough credits for this push: 1 needed, you have {self._left()} remaining.")]
        body = {
            "event": "results_update",
            "sport": held.sport,
            "timestamp": f"{self._stage.market.now:%Y-%m-%dT%H:%M:%S.%f}",
            "credits_charged": 1,
            "data": {"sport": held.sport, "games": games},
        }
        scores = {str(one["game"]["game_id"]): _score(one["score"]) for one in games if "score" in one}
        return [frame(body, tell=Tell(scores=scores))]


def _score(score: dict[str, Any]) -> tuple[int, int]:
    """Home's and away's, whatever the sport calls them."""
    home, away = (next(one for one in score[side].values() if isinstance(one, int)) for side in ("home", "away"))
    return home, away
