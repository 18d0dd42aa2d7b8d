"""The demo in market time: the market, a provider's imitation, its decoder and the rules, without socket or clock."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from urllib.parse import urlsplit

from oddstail import providers
from oddstail.alerts import Rules
from oddstail.cli.asks import FEEDS
from oddstail.demo.contract import Ask, Knobs, Reply, Session, Shut, Stage
from oddstail.demo.contract import Frame as Sent
from oddstail.demo.market import Market
from oddstail.demo.server import WIRES
from oddstail.market.steam import SteamRule
from oddstail.model import Batch, Frame, Read, Request
from oddstail.reader import Reader
from oddstail.run.alerting import Alerts
from oddstail.run.markets import Markets, state_of_markets
from oddstail.run.plan import Leg, MarketOptions, Plan
from oddstail.transports import Limits

#: The pace of `oddstail demo`.
RATE = 4.0
_START = datetime(2026, 1, 31, 18, 0, tzinfo=UTC)


class Evening:
    """One provider of the demo, watched by rules. Each look gives the batches with the alerts in them."""

    def __init__(
        self,
        seed: int,
        provider: str = "parlayapi",
        *,
        alerts: tuple[str, ...] = (),
        steam: SteamRule | None = None,
        records: bool = False,
        rate: float = RATE,
    ) -> None:
        self.market = Market(seed, start=_START, rate=rate)
        self.seconds = 0.0
        self._wire = WIRES[provider](Stage(market=self.market, knobs=Knobs(), clock=lambda: self.seconds))
        found = providers.provider(provider)
        requests = providers.command(provider)(**next(iter(FEEDS[provider].values()))).requests
        rules = Rules(alerts, 60.0)
        plan = Plan(
            legs=[Leg(provider=found, requests=requests)],
            output="none",
            alerts=Alerts(rules=rules, limits=Limits()),
            markets=MarketOptions(records=records, steam=steam),
        )
        self.rules = rules
        self.markets: Markets = state_of_markets(plan)
        self._lines: list[tuple[Reader, Session, bool]] = []
        for conn, request in enumerate(requests, 1):
            reader = Reader(conn=conn, provider=found)
            reader.began(self._wall(), self.seconds)
            reader.connected(request, self.seconds)
            session = self._wire.accept(_ask(request))
            assert not isinstance(session, Reply | Shut), session
            self._lines.append((reader, session, request.transport == "sse"))
        self._greeted = False

    def watch(self, seconds: float, step: float = 0.25) -> Iterator[Batch]:
        """Let so much time pass; every batch, judged."""
        if not self._greeted:
            self._greeted = True
            for reader, session, sse in self._lines:
                yield from self._read(reader, [*session.greet()], sse)
                for text in reader.life.request.send if reader.life is not None else ():
                    yield from self._read(reader, session.hear(text), sse)
        for _ in range(round(seconds / step)):
            self.seconds += step
            changes = self.market.advance(step)
            self._wire.turn(changes)
            for reader, session, sse in self._lines:
                yield from self._read(reader, session.turn(), sse)

    def _wall(self) -> int:
        return round(self.market.now.timestamp() * 1_000_000)

    def _read(self, reader: Reader, said: list[Sent], sse: bool) -> Iterator[Batch]:
        made = [_frame(one.body, sse) for one in said if one.body]
        frames = [one for one in made if one is not None]
        if not frames:
            return
        for part in reader.read(Read(self._wall(), frames), self.seconds):
            assert part.failure is None, part.failure
            batch = part.batch
            batch = batch._replace(events=[*batch.events, *self.markets.apply(batch)])
            yield batch._replace(events=self.rules.judged(batch))


def _frame(body: bytes, sse: bool) -> Frame | None:
    if not sse:
        return Frame(body)
    fields = dict(line.split(": ", 1) for line in body.decode().strip().split("\n") if ": " in line)
    return Frame(fields["data"].encode(), fields.get("event", ""), fields.get("id", "")) if "data" in fields else None


def _ask(request: Request) -> Ask:
    """What the server would see of a request; with the key of the demo."""
    parts = urlsplit(request.url)
    key = "oa_demo" if request.provider == "rapidodds" else "demo"
    query, headers = list(request.params), {name.lower(): value for name, value in request.headers}
    match request.key_in.name if request.key_in is not None else "":
        case "HEADER":
            headers[request.key_name.lower()] = key
        case "QUERY":
            query.append((request.key_name, key))
        case "":
            pass
        case other:
            raise AssertionError(other)
    return Ask(method="GET", path=parts.path, query=tuple(query), headers=headers, websocket=request.transport == "ws")
