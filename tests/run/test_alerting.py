"""Alerts on their way out: how many may wait for a command that does not end."""

from __future__ import annotations

import asyncio
import os

import pytest

from oddstail.alerts import Rules
from oddstail.model import Batch, Notice
from oddstail.record import Encoder
from oddstail.run import alerting
from oddstail.run.alerting import Alerting, Alerts
from oddstail.sinks.outlet import Outlet
from oddstail.sinks.talk import Talk
from oddstail.text import Redactor
from oddstail.transports import Limits
from tests.support import quote, request


def test_where_commands_do_not_end_no_more_of_them_wait_than_are_worth_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(alerting, "BURST", 100)
    told: list[Notice] = []

    async def main() -> bytes:
        ours, theirs = os.pipe()
        errors = Outlet(theirs, Redactor([]))
        talk, encoder = Talk(errors), Encoder()
        encoder.introduce(1, request())
        rules = Alerts(rules=Rules(["american < 0"], 60), bell=False, command=("sleep", "600"), limits=Limits())
        one = Alerting(
            rules, encoder, errors, talk, lambda batch: told.extend(e for e in batch.events if isinstance(e, Notice))
        )
        batch, hushed = one.judged(Batch(1, 1, [quote(f"price {at}", -110) for at in range(50)]))
        assert len(batch.events) == 100, "the records have them all"
        assert len(hushed) == 30, "people hear of no more than ring, run or post"
        one.tick()
        assert told == [], "there is no room yet"
        one.last()
        await one.finish(0.0)
        await talk.finish(1.0)
        os.close(theirs)
        said = os.read(ours, 4096)
        os.close(ours)
        return said

    said = asyncio.run(main())
    assert [notice.value for notice in told] == [30]
    assert b"20 alerts could not be delivered before the end" in said
