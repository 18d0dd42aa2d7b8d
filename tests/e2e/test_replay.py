"""What a live run wrote, and what its tape and its records say when they are told again: byte for byte the same."""

from __future__ import annotations

import gzip
import json
import re
import shlex
import signal
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC
from pathlib import Path
from typing import Any

import pytest

from oddstail.cli.replay import span
from oddstail.cli.times import Times
from oddstail.demo.faults import Fault, FaultName
from oddstail.units import micros, stamp
from tests.e2e.support import ASK, ENV, FORMS, KEY, PROVIDERS, Ran, Running, Server, reply, run, sse, until
from tests.e2e.test_the_demo import DEMO, served

#: What breaks a link on each wire. RapidOddsAPI says too little in three seconds for more than a refusal.
CASES: list[tuple[str, FaultName]] = [
    ("oddsjam", "half-frame"),
    ("opticodds", "stall"),
    ("parlayapi", "accept-then-drop"),
    ("rapidodds", "refuse"),
    ("boltodds", "half-frame"),
]
FEEDS = [("parlayapi", "plays"), ("boltodds", "scores")]


@dataclass(frozen=True)
class Taped:
    """A live run, its tape and its records, and both told again."""

    live: Ran
    tape: Ran
    records: Ran
    files: Path


def told(where: Path, live: Ran) -> Taped:
    return Taped(
        live,
        run("replay", str(where / "x.tape.ndjson"), env=ENV),
        run("replay", str(where / "x.ndjson"), env=ENV),
        where,
    )


def flags(where: Path) -> tuple[str, ...]:
    return ("--json", "-w", str(where / "x.ndjson"), "--tape", str(where / "x.tape.ndjson"))


def faulty(provider: str, name: FaultName, where: Path) -> Taped:
    """A run of three seconds against a server that misbehaves twice a second."""
    with served(provider, Fault(name=name, every=0.5, burst=1)) as url:
        silence = "500ms" if name == "stall" else "3s"
        return told(
            where,
            run(*ASK[provider], "--base-url", url, *flags(where), "--for", "3s", "--max-silence", silence, env=DEMO),
        )


def calm(provider: str, feed: str, where: Path) -> Taped:
    """A run of the demo as it is, its look-ups and polls with it."""
    return told(
        where, run("demo", "-p", provider, "--feed", feed, "--rate", "50", *flags(where), "--for", "3s", env=ENV)
    )


@pytest.fixture(scope="module")
def taped(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[tuple[str, str], Future[Taped]]]:
    pool = ThreadPoolExecutor(5)
    under_way: dict[tuple[str, str], Future[Taped]] = {}
    for provider, name in CASES:
        under_way[provider, name] = pool.submit(faulty, provider, name, tmp_path_factory.mktemp(f"{provider}-{name}"))
    for provider, feed in [*((name, "odds") for name in PROVIDERS), *FEEDS]:
        under_way[provider, feed] = pool.submit(calm, provider, feed, tmp_path_factory.mktemp(f"{provider}-{feed}"))
    yield under_way
    pool.shutdown(cancel_futures=True)


@pytest.mark.parametrize("case", [*CASES, *((name, "odds") for name in PROVIDERS), *FEEDS], ids="-".join)
def test_a_tape_and_records_say_what_the_live_run_said(
    taped: dict[tuple[str, str], Future[Taped]], case: tuple[str, str]
) -> None:
    ran = taped[case].result(90)
    assert (ran.live.code, ran.tape.code, ran.records.code) == (0, 0, 0), (ran.live.err, ran.tape.err)
    assert ran.live.out.count(b"\n") > 2, ran.live.err
    if case in CASES:
        assert b'"type":"gap"' in ran.live.out
    assert ran.tape.out == ran.live.out
    assert ran.records.out == ran.live.out


@pytest.mark.parametrize("case", [CASES[0], ("rapidodds", "odds")], ids="-".join)
def test_a_capture_of_a_run_that_ended_is_whole(
    taped: dict[tuple[str, str], Future[Taped]], case: tuple[str, str]
) -> None:
    done = run("verify", str(taped[case].result(90).files), env=ENV)
    records = [json.loads(line) for line in done.out.splitlines()]
    assert (done.code, records[-1]["whole"], records[-1]["files"]) == (0, True, 2), records
    shares = [one["share"] for one in records if one["type"] == "coverage"]
    assert shares
    assert all(0.0 < share <= 1.0 for share in shares)


def test_what_filters_and_outputs_make_of_a_stream_they_make_of_its_tape(
    taped: dict[tuple[str, str], Future[Taped]], tmp_path: Path
) -> None:
    ran = taped["parlayapi", "odds"].result(90)
    tape = str(ran.files / "x.tape.ndjson")
    quotes = run("replay", tape, "--only", "quote", "--where", "book == 'pinnacle'", env=ENV)
    books = {json.loads(line)["book"] for line in quotes.out.splitlines()}
    assert books == {"pinnacle"}
    lines = run("replay", tape, "-o", "lines", env=ENV).out.decode()
    assert {line.count("\t") for line in lines.splitlines()} == {5}
    raw = run("replay", tape, "-o", "raw", env=ENV).out.splitlines()
    kept = [json.loads(line) for line in (ran.files / "x.tape.ndjson").read_bytes().splitlines()]
    sent = {one["data"] for one in kept if one["type"] == "frame"}
    assert raw
    assert {line.decode() for line in raw} <= sent
    assert "b'" not in run("replay", tape, "-o", "table", env=ENV).out.decode()
    again = tmp_path / "again"
    made = run("replay", tape, "-o", "none", "-w", f"{again}/", env=ENV)
    assert made.code == 0, made.err
    (written,) = again.rglob("*.ndjson")
    # The store may pad a line so that no page border cuts the next.
    assert [line.strip() for line in written.read_bytes().splitlines()[1:]] == ran.live.out.splitlines()
    assert run("replay", str(ran.files / "x.ndjson"), "-o", "raw", env=ENV).code == 2


def test_a_tape_of_a_killed_run_is_told_to_its_last_line(tmp_path: Path) -> None:
    path = tmp_path / "x.tape.ndjson"
    with Running("demo", "-p", "boltodds", "--rate", "50", "--json", "--tape", str(path), env=ENV) as running:
        running.lines(50)
        part = path.with_name(path.name + ".part")
        until(lambda: part.read_bytes().count(b"\n") > 8)
        running.end(signal.SIGKILL)
        live = bytes(running.out)
    part.write_bytes(part.read_bytes() + b'{"type":"frame","seq":')
    ran = run("replay", str(part), env=ENV)
    # Each was written a moment after it came, and the kill met neither at the same frame.
    both = min(len(live), ran.out.rfind(b'{"v":1,"type":"notice"'))
    assert both > 50 * 300
    assert ran.out[:both] == live[:both]
    assert [json.loads(line)["reason"] for line in ran.out.splitlines()[-1:]] == ["the tape ends here"]
    assert "torn" in ran.err
    done = run("verify", "-o", "table", str(tmp_path), env=ENV)
    assert done.code == 6
    assert "torn (22 bytes)" in done.out.decode()
    assert "INCOMPLETE" in done.out.decode()


def test_stdin_is_a_tape_too_and_may_be_packed(taped: dict[tuple[str, str], Future[Taped]]) -> None:
    ran = taped["opticodds", "odds"].result(90)
    data = (ran.files / "x.tape.ndjson").read_bytes()
    for given in (data, gzip.compress(data)):
        done = subprocess.run(
            [sys.executable, "-m", "oddstail", "replay", "-", "-q"],
            input=given,
            capture_output=True,
            env=ENV,
            check=False,
            timeout=20,
        )
        assert done.stdout == ran.live.out


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (["replay", "nowhere.ndjson"], "there is no file nowhere.ndjson"),
        (["replay", "--speed", "fast", "X"], "use 10x"),
        (["replay", "--from", "noon", "X"], "--from: 'noon' is not a time; use 23:30 or 2026-01-31T23:30 or +10m"),
        (
            ["replay", "--from", "+10m", "--to", "+5m", "X"],
            "--to is before --from, and nothing lies between; swap them",
        ),
        (["replay", "--provider", "acme", "X"], "choose from: oddsjam"),
        (["verify", "nowhere.ndjson"], "there is no file nowhere.ndjson"),
        (["replay", "--max-pause", "soon", "X"], "--max-pause"),
        (["replay", "."], "holds no capture"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_a_mistake_is_one_sentence(
    args: list[str], said: str, taped: dict[tuple[str, str], Future[Taped]], tmp_path: Path
) -> None:
    tape = taped["opticodds", "odds"].result(90).files / "x.tape.ndjson"
    ran = run(*[str(tape) if arg == "X" else arg for arg in args], env=ENV, cwd=tmp_path)
    assert (ran.code, ran.out) == (2, b"")
    assert said in ran.err
    assert ran.err.count("\n") == 1


def kinds(ran: Ran) -> list[Any]:
    return [record["type"] for record in ran.records]


def test_a_part_of_the_time_is_asked_for(taped: dict[tuple[str, str], Future[Taped]]) -> None:
    ran = taped["boltodds", "odds"].result(90)
    tape = str(ran.files / "x.tape.ndjson")
    late = run("replay", tape, "--from", "+2s", env=ENV)
    assert kinds(late)[:2] == ["opened", "quote"]
    assert late.records[1]["snap"] is True
    early = run("replay", tape, "--to", "+2s", env=ENV)
    assert kinds(early)[-1] == "end"
    assert early.out.rsplit(b"\n", 2)[0] in ran.live.out
    assert len(early.records) < len(ran.live.records)


PAGE = (Path(__file__).parents[2] / "docs" / "replay.md").read_text("utf-8")
RECIPES = [line for block in re.findall(r"```bash\n(.*?)```", PAGE, re.DOTALL) for line in block.splitlines()
           if line.startswith(("oddstail replay", "oddstail verify", "jq "))]  # fmt: skip


@pytest.mark.parametrize("recipe", RECIPES)
def test_the_recipes_of_the_page(recipe: str, taped: dict[tuple[str, str], Future[Taped]], tmp_path: Path) -> None:
    files = taped["opticodds", "odds"].result(90).files
    day = tmp_path / "tapes" / "date=2026-01-31"
    day.mkdir(parents=True)
    (tmp_path / "captures/date=2026-01-31").mkdir(parents=True)
    (day / "x.tape.ndjson").write_bytes((files / "x.tape.ndjson").read_bytes())
    (tmp_path / "captures/date=2026-01-31/x.ndjson.gz").write_bytes(gzip.compress((files / "x.ndjson").read_bytes()))
    shell = f'oddstail() {{ {shlex.quote(sys.executable)} -m oddstail "$@"; }}\nset -e\n{recipe}\n'
    done = subprocess.run(
        ["bash", "-o", "pipefail", "-c", shell], cwd=tmp_path, env=ENV, capture_output=True, timeout=20, check=False
    )
    assert done.returncode == 0, done.stderr
    if recipe.startswith("jq"):
        assert done.stdout.count(b"\t") >= 2
    if "verify" in recipe:
        assert b"not whole" not in done.stdout


def test_whole_names_pick_as_they_do_on_a_live_stream(taped: dict[tuple[str, str], Future[Taped]]) -> None:
    tape = str(taped["parlayapi", "odds"].result(90).files / "x.tape.ndjson")
    ran = run("replay", tape, "-b", "Pinnacle,caesars", "-m", "h2h", "-s", "basketball", "-q", env=ENV)
    quotes = ran.of("quote")
    assert {one["book"] for one in quotes} == {"pinnacle", "caesars"}
    assert {(one["market"], one["sport"]) for one in quotes} == {("h2h", "basketball")}


def test_a_key_that_a_server_echoes_is_not_on_the_tape(tmp_path: Path) -> None:
    path = tmp_path / "x.tape.ndjson"
    said = json.dumps({"type": "odds", "entry_id": "1-1", "data": [], "key": KEY, "in": json.dumps({"key": KEY})})
    events = [f"event: odds\nid: {KEY}\ndata: {text}\n\n".encode() for text in (said, said.replace("/", "\\/"), KEY)]
    with Server(
        [sse(b"event: connected\ndata: ok go\n\n", *events, hold=False), reply("401 No", f"no such key {KEY}")]
    ) as server:
        ran = run(*ASK["opticodds"], "--base-url", server.url, "--tape", str(path), "--json", "--retries", "1")
    assert ran.code == 4
    data = path.read_bytes()
    assert data.count(b'"type":"frame"') == 4
    assert data.count(b"****") >= 6
    for form in FORMS:
        for escaped in (form, form.replace("/", "\\/"), form.replace("/", "\\\\/")):
            assert escaped.encode() not in data


def test_it_says_who_tells_it_and_where_it_ends(tmp_path: Path) -> None:
    tape, records = tmp_path / "x.tape.ndjson", tmp_path / "x.ndjson"
    made = run("demo", "--fault", "http-503", "--for", "2s", "--json", "--tape", str(tape), "-w", str(records), env=ENV)
    times = [json.loads(line)["recv"] for line in made.out.splitlines()]
    assert times[-1] >= times[-2]
    lines = records.read_bytes().splitlines(keepends=True)
    records.write_bytes(b"".join(line for line in lines if b'"type":"end"' not in line))
    for path, kind, verb in ((tape, "the tape", "ends"), (records, "the records", "end")):
        ran = run("replay", str(path), "-o", "none", env=ENV)
        assert f": {kind}: connected to 127.0.0.1" in ran.err or f": {kind}: no connection" in ran.err
        late = run("replay", str(path), "--from", "+1h", "-o", "none", env=ENV)
        assert f"nothing to tell: {kind} {verb} before --from after" in late.err
    assert "the records end here after" in run("replay", str(records), "-o", "none", env=ENV).err


@pytest.mark.parametrize(
    ("first", "last", "expected"),
    [
        ("20:00", "22:00", ("31T20:00", "31T22:00")),
        ("23:00", "04:00", ("31T23:00", "01T04:00")),
        ("19:30", "22:00", ("31T19:30", "31T22:00")),
        ("19:30", "04:00", ("31T19:30", "01T04:00")),
        ("20:00", "19:50", ("31T20:00", "01T19:50")),
        ("02:00", "19:50", ("01T02:00", "01T19:50")),
        ("19:30", None, ("01T19:30", None)),
        ("+1h", "+30m", ("31T20:42", "31T20:12")),
    ],
)
def test_a_span_between_two_times_of_day_is_the_one_nearest_the_tapes_start(
    first: str, last: str | None, expected: tuple[str, str | None]
) -> None:
    begin = micros("2026-01-31T19:42:00.000000Z")
    said = [at and stamp(at)[8:16] for at in span(first, last, begin, Times(UTC))]
    assert tuple(said) == expected


def test_verify_quietly_says_nothing_but_what_is_not_whole(tmp_path: Path) -> None:
    good, part = tmp_path / "good.ndjson", tmp_path / "part.ndjson"
    run("demo", "-c", "5", "-o", "none", "-q", "-w", str(good), env=ENV)
    for form in ("json", "table"):
        whole = run("verify", "-q", "-o", form, str(good), env=ENV)
        assert (whole.code, whole.out, whole.err) == (0, b"", "")
    head, *rest = good.read_bytes().splitlines(True)
    head = head.replace(b'"part":1', b'"part":2').replace(b'"run":"', b'"run":"other-')
    part.write_bytes(b"".join([head, *rest]))
    said = run("verify", "-q", str(good), str(part), env=ENV)
    told = [json.loads(line) for line in said.out.splitlines()]
    assert (said.code, said.err, told[-1]["problems"]) == (6, "", 1)
    assert [one.get("path", one["type"]) for one in told] == ["run", "verdict"]
    (tmp_path / "x.ndjson.part").write_bytes(head.replace(b"other-", b"third-") + rest[0][:9])
    said = run("verify", "-q", "-o", "table", str(tmp_path), env=ENV)
    (row,) = [line for line in said.out.decode().splitlines() if line.startswith(("  ok", "  FAIL /"))]
    assert row.startswith(f"  FAIL {tmp_path}/x.ndjson.part")


def test_what_lies_between_two_runs_is_told_by_replay_and_by_verify(tmp_path: Path) -> None:
    records, tapes = tmp_path / "x.ndjson", tmp_path / "tapes"
    for _ in range(2):
        flags = ("-s", "basketball_nba", "-w", str(records), "--append", "--tape", f"{tapes}/")
        assert run("demo", "-p", "parlayapi", *flags, "-o", "none", "-c", "20", env=ENV).code == 0
    for path in (records, tapes):
        ran = run("replay", str(path), env=ENV)
        said = [json.loads(line) for line in ran.out.splitlines()]
        (gap,) = [one for one in said if one["type"] == "gap"]
        assert gap["cause"] == "not running"
        assert ", 1 gap, " in ran.err
        done, strict = run("verify", str(path), env=ENV), run("verify", str(path), "--strict", env=ENV)
        assert (done.code, strict.code) == (0, 6)
        (apart,) = [one for one in map(json.loads, done.out.splitlines()) if one.get("between_runs")]
        assert apart["between_runs"] == pytest.approx(gap["seconds"])
        assert b"1 hole between runs, " in strict.out
        assert b" between runs" in run("verify", str(path), "-o", "table", env=ENV).out


def test_a_capture_that_never_connected_is_said_to_be_one(tmp_path: Path) -> None:
    path = tmp_path / "x.ndjson"
    with Server([reply("401 No", "no such key")] * 2) as server:
        assert run(*ASK["opticodds"], "--base-url", server.url, "-o", "none", "-w", str(path)).code == 4
    done, strict = run("verify", str(path), env=ENV), run("verify", str(path), "--strict", env=ENV)
    assert (done.code, strict.code) == (0, 6)
    assert next(one["opened"] for one in map(json.loads, done.out.splitlines()) if one["type"] == "run") == 0
    assert b"it never connected: no link was ever open" in strict.out
    assert b"never connected" in run("verify", str(path), "-o", "table", env=ENV).out
