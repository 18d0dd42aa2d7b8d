"""OpticOdds' pages about Copilot: versions, fixtures, odds, how they were settled (section 4).

docs/wire/opticodds.md, 2.4 and 4.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from typing import Any

from oddstail.demo.contract import Ask, Forget, Price, Reply, Stage, Tell, Told
from oddstail.demo.events import Change, Fixture, Settled
from oddstail.demo.rest import optic_asks as asks
from oddstail.demo.rest.answers import ok, paged, wrong
from oddstail.demo.wires import optic_fixtures as fixtures
from oddstail.demo.wires import optic_names as names
from oddstail.demo.wires import optic_odds as shapes

_SETTLED = 5000


class CopilotPages:
    """The pages by their path, and the memory of settlements that they need."""

    def __init__(self, stage: Stage) -> None:
        self._market = stage.market
        self._settled: deque[tuple[Fixture, Settled]] = deque(maxlen=_SETTLED)
        self.pages: dict[str, Callable[[Ask], Reply]] = {
            "/copilot/versions": self._versions,
            "/copilot/fixtures": self._fixtures,
            "/copilot/fixtures/odds": self._odds,
            "/copilot/grader/odds": self._grader,
            "/copilot/fixtures/odds/historical": self._history,
        }

    def turn(self, changes: Sequence[Change]) -> None:
        """Remember how bets came out."""
        for change in changes:
            if isinstance(change, Settled) and (fixture := self._market.fixture(change.offer.fixture)) is not None:
                self._settled.append((fixture, change))

    def _versions(self, ask: Ask) -> Reply:
        asked = ask.many("id")
        rows = [{"id": version, "name": name} for version, (name, _) in shapes.VERSIONS.items()]
        return asks.data([row for row in rows if not asked or str(row["id"]) in asked])

    def _fixtures(self, ask: Ask) -> Reply:
        if ask.one("copilot_version_id") is None:
            return wrong(400, error="copilot_version_id is required")
        found = [one for one in asks.known(self._market) if asks.fits(ask, one)]
        page = paged(ask, [fixtures.row(one, odds=not one.over) for one in found])
        return wrong(400, error="page and cursor exclude each other") if page is None else ok(page)

    def _odds(self, ask: Ask) -> Reply:
        asked = asks.asked(self._market, ask)
        if isinstance(asked, Reply):
            return asked
        versions = [names.version(value) for value in ask.many("version_id")] or [-1]
        if len(versions) > asks.MOST:
            return wrong(400, error=f"maximum {asks.MOST} versions allowed")
        known = [version for version in versions if version in shapes.VERSIONS]
        if ask.flag("settled"):
            return asks.data([{**fixtures.brief(one), "odds": self._settled_odds(one, known)} for one in asked])
        price = names.odds_format(ask.one("odds_format"))
        rows, put = [], dict[Told, Price | None]()
        for one in asked:
            odds = []
            for version in known:
                operator = shapes.VERSIONS[version][1]
                for quote in (quote for quote in asks.open_quotes(self._market, ask, one) if quote.book == operator):
                    odds.append(shapes.copilot_page_odd(one, quote, price, version))
                    put[names.told(one, one.id, "", quote.offer)] = price(quote.last)
            rows.append({**fixtures.brief(one), "odds": odds})
        forget = tuple(
            Forget(games=frozenset((one.id,)), book="", markets=asks.told_markets(ask, one)) for one in asked
        )
        return asks.data(rows, Tell(put=put, forget=forget))

    def _settled_odds(self, fixture: Fixture, versions: Sequence[int]) -> list[dict[str, Any]]:
        return [
            shapes.settled(fixture, one, version)
            for version in versions
            for at, one in self._settled
            if at.id == fixture.id and one.book == shapes.VERSIONS[version][1]
        ]

    def _outcomes(self) -> dict[str, Settled]:
        """The latest settlement by Copilot odd id: an odd may be settled again (2.4) [inferred]."""
        found: dict[str, Settled] = {}
        for version, (_, operator) in shapes.VERSIONS.items():
            for fixture, one in self._settled:
                if one.book == operator:
                    found[shapes.copilot_id(fixture, one.offer, version)] = one
        return found

    def _grader(self, ask: Ask) -> Reply:
        asked, known = ask.many("id"), self._outcomes()
        if not asked:
            return wrong(400, error="id is required")
        return asks.data(
            [
                {"id": one, "status": known[one].settlement, "settled_at": f"{known[one].at:%Y-%m-%dT%H:%M:%S}"}
                if one in known
                else {"id": one, "status": "Pending", "settled_at": None}
                for one in asked
            ]
        )

    def _history(self, ask: Ask) -> Reply:
        """Of the history the demo keeps the end alone: how an odd was settled."""
        asked, known = ask.many("id"), self._outcomes()
        if not asked:
            return wrong(400, error="id is required")
        if len(asked) > 10:
            return wrong(400, error="maximum 10 ids allowed")
        return asks.data([{"id": one, "entries": [_entry(known[one])] if one in known else []} for one in asked])


def _entry(one: Settled) -> dict[str, Any]:
    event = "copilot-settled-odds"
    return {
        "timestamp": one.at.timestamp(),
        "event": event,
        "price": None,
        "is_main": None,
        "settlement": one.settlement,
    }
