"""Times of day under the program as it is: zones, clocks that change while it runs, and what each output says of them."""

from __future__ import annotations

import json
import math
import re
import time
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from oddstail import words
from oddstail.model import Fixture
from tests.e2e.support import ASK, ENV, KEYS, Running, Server, run, sse
from tests.faults.test_clocks import HOUR, Clocks
from tests.faults.wires import CONNECTED, odds

OPTIC = (*ASK["opticodds"], "--base-url", "http://127.0.0.1:1")
NEW_YORK = {"TZ": "America/New_York"}


@pytest.mark.parametrize(
    ("env", "flags", "now", "hours", "says"),
    [
        pytest.param(
            NEW_YORK, (), "2026-10-31T17:00-04:00", 12, "stops Sun 2026-11-01 04:00 EST, in 12.0 h", id="until-over-dst-end"
        ),
        pytest.param(
            NEW_YORK, (), "2027-03-13T17:00-05:00", 10, "stops Sun 2027-03-14 04:00 EDT, in 10.0 h", id="until-over-dst-start"
        ),
        pytest.param(
            {"TZ": "EST5EDT,M3.2.0,M11.1.0"}, (), "2026-10-31T17:00-04:00", 12, "04:00 EST, in 12.0 h", id="until-with-posix-tz"
        ),
        pytest.param(
            {}, ("--tz", "America/New_York"), "2026-10-31T17:00-04:00", 12, "04:00 EST, in 12.0 h", id="until-with-tz-flag"
        ),
        pytest.param(
            {"ODDSTAIL_TZ": "America/New_York"}, (), "2026-10-31T17:00-04:00", 12, "04:00 EST, in 12.0 h", id="until-with-env"
        ),
        pytest.param(
            NEW_YORK, ("--tz", "utc"), "2026-10-31T17:00-04:00", 7, "stops Sun 2026-11-01 04:00 UTC", id="until-in-utc"
        ),
    ],
)  # fmt: skip
def test_until_is_wall_clock_time(
    tmp_path: Path, env: dict[str, str], flags: Sequence[str], now: str, hours: int, says: str
) -> None:
    clocks = Clocks(tmp_path)
    start = round(datetime.fromisoformat(now).timestamp() - time.time())
    clocks.turn(start, 0)
    with (
        Server([sse(CONNECTED, odds(-101))]) as server,
        Running(
            *ASK["opticodds"], "--base-url", server.url, "--json", "--until", "04:00", *flags,
            env=clocks.env | env, cold=True,
        ) as running,
    ):  # fmt: skip
        running.lines(2)
        # A minute early; the notice that the clock was set comes with the same look as a stop would.
        clocks.turn(start + hours * HOUR - 60, 0)
        running.lines(3)
        assert running.process.poll() is None
        clocks.turn(start + hours * HOUR, 0)
        ran = running.end()
    assert (ran.code, ran.records[-1]["reason"]) == (0, "the time is up")
    assert says in ran.err


def test_lines_follow_a_zone_that_changes_while_they_run(tmp_path: Path) -> None:
    clocks = Clocks(tmp_path)
    start = math.ceil(datetime.fromisoformat("2026-11-01T05:58Z").timestamp() - time.time())
    clocks.turn(start, 0)
    with (
        Server([sse(CONNECTED, odds(-101), hold=False), sse(CONNECTED, odds(-102, entry="2"))]) as server,
        Running(
            *ASK["opticodds"], "--base-url", server.url, "-o", "lines", "-c", "2", env=clocks.env | NEW_YORK, cold=True
        ) as running,
    ):
        running.lines(1)
        clocks.turn(start + 300, 0)
        ran = running.end()
    shown = [re.sub(r":\d\d\.\d{3}", "", line.partition("\t")[0]) for line in ran.out.decode().splitlines()]
    assert shown[0] in ("01:58 EDT", "01:59 EDT")
    assert shown[1] in ("01:03 EST", "01:04 EST", "01:05 EST")


@pytest.mark.parametrize(
    ("flags", "env", "says"),
    [
        (("--tz", "Foo/Bar"), {}, "--tz: 'Foo/Bar' is not a time zone; use a name such as Europe/London, or local, or utc"),
        (("--tz", "new york"), {}, "--tz: 'new york' is not a time zone; did you mean 'America/New_York'?"),
        ((), {"ODDSTAIL_TZ": "london"}, "--tz: 'london' is not a time zone; did you mean 'Europe/London'? (set by $ODDSTAIL_TZ)"),
        (("--until", "04:00"), {"TZ": "Foo/Bar"}, "--until: '04:00' needs a time zone, and TZ 'Foo/Bar' is not a time zone; use a name"),
        (("--until", "25:00"), {}, "--until: '25:00' is not a time; use 23:30 or 2026-01-31T23:30"),
        (("--until", "2026-01-31T20:00Z", "--tz", "Asia/Kathmandu"), {}, "--until: '2026-01-31T20:00Z' is in the past (Sun 2026-02-01 01:45 UTC+05:45)"),
    ],
    ids=["unknown-zone", "city", "zone-of-the-environment", "until-in-a-bad-tz", "until-that-is-no-time", "until-in-the-past"],
)  # fmt: skip
def test_time_that_cannot_be_read_is_one_sentence(flags: Sequence[str], env: dict[str, str], says: str) -> None:
    ran = run(*OPTIC, *flags, env={**ENV, **KEYS, **env})
    assert (ran.code, ran.out) == (2, b"")
    assert ran.err.startswith(f"oddstail: {says}"), ran.err
    assert ran.err.count("\n") == 1


@pytest.mark.parametrize("args", [("list", "games", "opticodds"), ("verify", "."), ("replay", "."), ("demo",), OPTIC])
def test_bad_zone_of_the_config_file_says_where_it_is(tmp_path: Path, args: Sequence[str]) -> None:
    (tmp_path / "oddstail").mkdir()
    config = tmp_path / "oddstail" / "config.toml"
    config.write_text('[defaults]\ntz = "Europe/Lodon"\n')
    ran = run(*args, env={**ENV, **KEYS, "XDG_CONFIG_HOME": str(tmp_path)}, cwd=tmp_path)
    assert ran.code == 2
    assert ran.err == (
        f"oddstail: --tz: 'Europe/Lodon' is not a time zone; did you mean 'Europe/London'? (set by {config} [defaults])\n"
    )


def test_bad_tz_shows_utc_and_says_so() -> None:
    ran = run(*OPTIC, "--json", "--until", "2099-01-01T00:00Z", "--for", "300ms", env={**ENV, **KEYS, "TZ": "Foo/Bar"})
    assert "TZ 'Foo/Bar' is not a time zone, so times are in UTC; use a name such as Europe/London" in ran.err
    assert "stops Thu 2099-01-01 00:00 UTC" in ran.err


@pytest.mark.parametrize(
    ("flags", "first", "says"),
    [
        (("--tz", "America/New_York"), "01:10:00.000 EDT", ""),
        (("--from", "01:05", "--tz", "America/New_York"), "01:05:00.000 EST", "plays from Sun 2026-11-01 01:05 EST"),
        (("--from", "01:45", "--to", "01:15", "--tz", "America/New_York"), "01:45:00.000 EDT", "plays from Sun 2026-11-01 01:45 EDT to Sun 2026-11-01 01:15 EST"),
        (("--from", "2026-11-01T01:45", "--to", "2026-11-01T01:15", "--tz", "America/New_York"), "01:45:00.000 EDT", "to Sun 2026-11-01 01:15 EST"),
        (("--from", "05:45", "--tz", "utc"), "05:45:00.000 UTC", "plays from Sun 2026-11-01 05:45 UTC"),
        (("--from", "11:30", "--tz", "Asia/Kathmandu"), "11:30:00.000 UTC+05:45", "plays from Sun 2026-11-01 11:30 UTC+05:45"),
        (("--from", "+40m", "--tz", "utc"), "05:50:00.000 UTC", "plays from Sun 2026-11-01 05:50 UTC"),
    ],
    ids=["whole", "from-in-zone", "span-over-dst-end", "dates-over-dst-end", "from-in-utc", "from-in-kathmandu", "from-after-start"],
)  # fmt: skip
def test_replay_reads_and_shows_the_zone(tmp_path: Path, flags: Sequence[str], first: str, says: str) -> None:
    records = tmp_path / "odds.ndjson"
    records.write_bytes(_captured(tmp_path))
    ran = run("replay", str(records), "-o", "lines", *flags, env=ENV)
    assert ran.code == 0, ran.err
    assert ran.out.decode().startswith(first), ran.out
    assert says in ran.err


@pytest.mark.parametrize(
    ("flags", "env", "span"),
    [
        ((), {}, "Sun 2026-11-01 01:10 EDT to Sun 2026-11-01 02:00 EST (110 min)"),
        (("--tz", "utc"), {}, "Sun 2026-11-01 05:10 UTC to Sun 2026-11-01 07:00 UTC (110 min)"),
        ((), {"ODDSTAIL_TZ": "Asia/Kathmandu"}, "Sun 2026-11-01 10:55 UTC+05:45 to Sun 2026-11-01 12:45 UTC+05:45 (110 min)"),
    ],
    ids=["local-over-dst-end", "utc", "zone-of-the-environment"],
)  # fmt: skip
def test_verify_shows_the_zone(tmp_path: Path, flags: Sequence[str], env: dict[str, str], span: str) -> None:
    records = tmp_path / "odds.ndjson"
    records.write_bytes(_captured(tmp_path))
    ran = run("verify", str(records), "-o", "table", *flags, env={**ENV, **NEW_YORK, **env})
    assert span in ran.out.decode(), ran.out.decode()


def test_game_that_moves_over_the_change_is_shown_in_its_zone() -> None:
    moved = Fixture(
        game_id="g",
        home="Jets",
        away="Bills",
        old_start="2026-11-01T04:30:00Z",
        start="2026-11-01T18:00:00Z",
        status=None,
    )
    zone = ZoneInfo("America/New_York")
    expected = "start Sun 2026-11-01 00:30 EDT -> Sun 2026-11-01 13:00 EST"
    assert words.life(moved, zone) == f"Bills @ Jets: {expected}"
    assert (words.news(moved, zone) or "").endswith(f"\t{expected}")


def test_run_that_was_never_connected_says_since_when_in_its_zone() -> None:
    env = {**ENV, **KEYS, "TZ": "Asia/Kathmandu"}
    ran = run(*OPTIC, "-o", "none", "--for", "1s", env=env)
    assert ran.code == 3
    assert re.search(r"since \w{3} \d{4}-\d\d-\d\d \d\d:\d\d(:\d\d)? UTC\+05:45: ", ran.err), ran.err


def _captured(folder: Path) -> bytes:
    """Records of one run, moved to the night in which New York's clocks go back: a price at 01:10, then each 20 minutes."""
    with Server([sse(CONNECTED, *(odds(-101 - nth, entry=str(nth)) for nth in range(6)))]) as server:
        run(*ASK["opticodds"], "--base-url", server.url, "-o", "none", "-w", str(folder / "live.ndjson"), "-c", "6")
    lines: list[bytes] = []
    for line in (folder / "live.ndjson").read_bytes().splitlines():
        record = json.loads(line)
        minutes = (
            10 + 20 * (-record["american"] - 101)
            if record["type"] == "quote"
            else 10
            if not lines or record["type"] != "end"
            else 120
        )
        record["recv"] = f"2026-11-01T{5 + minutes // 60:02d}:{minutes % 60:02d}:00.000000Z"
        lines.append(json.dumps(record, separators=(",", ":")).encode() + b"\n")
    return b"".join(lines)
