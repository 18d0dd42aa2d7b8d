"""The real command against real loopback servers that misbehave, one row of the tables a scenario."""

from __future__ import annotations

import datetime
import ssl
from collections.abc import Iterator
from dataclasses import replace
from functools import cache

import pytest
import trustme

from tests.faults import (
    coding_rows,
    exact_rows,
    http_rows,
    key_rows,
    outage_rows,
    refusal_rows,
    socket_rows,
    stream_rows,
    time_rows,
)
from tests.faults.stage import Row, Stage, judge, under_way

ALL = [
    *http_rows.ROWS,
    *stream_rows.ROWS,
    *socket_rows.ROWS,
    *time_rows.ROWS,
    *exact_rows.ROWS,
    *coding_rows.ROWS,
    *key_rows.ROWS,
    *outage_rows.ROWS,
    *refusal_rows.ROWS,
]
#: The first of each provider begins as a new interpreter: nothing that the others do depends on how they began.
FIRST = {row.ask: row.id for row in reversed(ALL)}
ROWS = [replace(row, cold=row.id in FIRST.values()) for row in ALL]


@cache
def certificate(kind: str) -> ssl.SSLContext | None:
    """A server's TLS: of an authority that nobody knows, for the host or another, valid or over."""
    if not kind:
        return None
    long_ago = datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC)
    name = "elsewhere.example" if kind == "elsewhere" else "127.0.0.1"
    made = trustme.CA().issue_cert(name, not_after=long_ago if kind == "expired" else None)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    made.configure_cert(context)
    return context


@pytest.fixture(scope="module")
def stage(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """Every row that was selected, under way."""
    with under_way(request, tmp_path_factory.mktemp("rows"), certificate) as made:
        yield made


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.id)
def test_what_a_server_does(stage: Stage, row: Row) -> None:
    judge(row, stage.outcome(row))


def test_no_two_rows_share_a_name() -> None:
    assert sorted({row.id for row in ROWS}) == sorted(row.id for row in ROWS)
