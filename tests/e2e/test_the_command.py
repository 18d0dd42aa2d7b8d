"""The command as a person and a script meet it: when it stops, what it prints, and what it does when it cannot."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import jsonschema
import pytest

from oddstail import __version__
from tests.e2e.support import ASK, ENV, KEY, KEYS, Peer, Running, Server, checked, command, no_secret, run, sse, until
from tests.faults.wires import CONNECTED, odds

OPTIC = ASK["opticodds"]
TEN = b"".join(odds(-110 - n, entry=f"1-{n}") for n in range(10))


@pytest.fixture(scope="module")
def ten() -> Iterator[str]:
    """A server that sends ten prices, one price moving, in one piece, and then stays quiet."""
    with Server([sse(CONNECTED, TEN)]) as server:
        yield server.url


@pytest.fixture(scope="module")
def quiet() -> Iterator[str]:
    """A server that has nothing to tell."""
    with Server([sse(CONNECTED)]) as server:
        yield server.url


def endless(peer: Peer) -> None:
    """Prices without an end, each a new entry."""
    sse(CONNECTED, hold=False)(peer)
    n = 0
    while peer.send(b"".join(odds(-110 - at % 50, entry=f"{n}-{at}") for at in range(50))):
        n += 1


# --- when to stop ---------------------------------------------------------------------------------


def test_count_is_exact_though_ten_come_at_once(ten: str) -> None:
    ran = run(*OPTIC, "--base-url", ten, "--json", "-c", "3")
    assert (ran.code, len(ran.of("quote"))) == (0, 3)
    assert ran.of("end")[0]["reason"] == "3 records"


def test_the_time_is_up(ten: str) -> None:
    ran = run(*OPTIC, "--base-url", ten, "--json", "--for", "500ms")
    assert (ran.code, len(ran.of("quote")), ran.of("end")[0]["reason"]) == (0, 10, "the time is up")


@pytest.mark.parametrize("more", [(), ("--fail-if-empty",)])
def test_a_night_without_any_link_is_a_failure_with_one_sentence(more: tuple[str, ...]) -> None:
    ran = run(*OPTIC, "--base-url", "http://127.0.0.1:1", "-o", "json", "-q", "--for", "300ms", *more)
    assert ran.code == 3
    (line,) = ran.err.splitlines()
    assert re.fullmatch(
        r"oddstail: OpticOdds: never connected in \d\.\d s, since \w{3} 20\d\d-\d\d-\d\d \d\d:\d\d(:\d\d)? \S+:"
        r" connection refused: nothing is listening there \(\d tr(y|ies)\); `oddstail doctor opticodds` looks for the cause",
        line,
    )
    assert ran.records[-1]["reason"] == "the time is up, never connected"


def test_a_signal_to_a_run_without_any_link_is_no_failure_of_the_network() -> None:
    with Running(*OPTIC, "--base-url", "http://127.0.0.1:1", "-o", "json") as running:
        running.says("no connection")
        assert running.end(signal.SIGTERM).code == 143


def test_until_a_moment(ten: str) -> None:
    moment = datetime.now(UTC) + timedelta(seconds=2)
    ran = run(*OPTIC, "--base-url", ten, "--json", "--until", moment.isoformat())
    assert (ran.code, len(ran.of("quote"))) == (0, 10)
    assert moment - timedelta(seconds=0.1) < datetime.now(UTC) < moment + timedelta(seconds=5)


def test_nothing_matched_is_an_error_only_on_request(quiet: str) -> None:
    ran = run(*OPTIC, "--base-url", quiet, "--json", "--for", "300ms", "--fail-if-empty")
    assert (ran.code, ran.of("end")[0]["reason"]) == (5, "no data (the time is up)")


# --- what to print --------------------------------------------------------------------------------


def test_changes_alone() -> None:
    same = odds(entry="1") + odds(entry="2") + odds(-115, entry="3") + odds(-115, entry="4") + odds(-120, entry="5")
    with Server([sse(CONNECTED, same)]) as server:
        ran = run(*OPTIC, "--base-url", server.url, "--json", "--changes", "-c", "3")
    assert [(one["american"], one["prev"]) for one in ran.of("quote")] == [(-110, None), (-115, -110), (-120, -115)]


def test_only_some_types(ten: str) -> None:
    ran = run(*OPTIC, "--base-url", ten, "--json", "--only", "quote", "-c", "4")
    records = [json.loads(line) for line in ran.out.splitlines()]
    assert [("quote", seq) for seq in range(1, 5)] == [(record["type"], record["seq"]) for record in records]


def test_raw_is_the_payloads_as_received(ten: str) -> None:
    ran = run(*OPTIC, "--base-url", ten, "-o", "raw", "-c", "10")
    assert [
        line.removeprefix(b"data: ") for line in TEN.splitlines() if line.startswith(b"data")
    ] == ran.out.splitlines()


def test_lines_are_for_people(ten: str) -> None:
    ran = run(*OPTIC, "--base-url", ten, "-o", "lines", "-c", "2")
    _, book, _, market, name, told = ran.out.decode().splitlines()[1].split("\t")
    assert (book, market, told) == ("DraftKings", "Point Spread", "-110 -> -111")
    assert "Boston Celtics -4.5" in name


def test_a_table_off_a_terminal_is_printed_once_at_the_end(ten: str) -> None:
    ran = run(*OPTIC, "--base-url", ten, "-o", "table", "--for", "500ms")
    assert (ran.code, ran.out.decode().count("Boston Celtics")) == (0, 1)
    assert b"\x1b" not in ran.out


def test_none_prints_nothing_and_quiet_says_nothing(ten: str) -> None:
    ran = run(*OPTIC, "--base-url", ten, "-o", "none", "-q", "-c", "3")
    assert (ran.code, ran.out, ran.err) == (0, b"", "")


def test_quiet_still_tells_an_error() -> None:
    ran = run(*OPTIC, "--base-url", "http://127.0.0.1:1", "-q", "--retries", "0")
    assert ran.code == 3
    assert ran.err.count("\n") == 1


def test_a_dry_run_makes_no_connection(ten: str) -> None:
    with Server([sse(CONNECTED)]) as server:
        ran = run(*OPTIC, "--base-url", server.url, "--dry-run")
        assert (ran.code, server.heads) == (0, [])
    assert b"X-Api-Key: ****" in ran.out
    no_secret(ran)


def test_each_record_says_by_which_connection_it_came() -> None:
    def answer(peer: Peer) -> None:
        sport = peer.head.split(b"?")[0].rpartition(b"/")[2].decode()
        row = {
            "kind": "game",
            "bookmaker": "pinnacle",
            "event_id": sport,
            "home_team": "A",
            "away_team": "B",
            "market_key": "h2h",
            "home_ml": -110,
            "sport_key": sport,
        }
        body = {"type": "odds_update", "sport_key": sport, "timestamp": 1778214003, "count": 1, "data": [row]}
        sse(b'data: {"type":"connected"}\n\n', f"data: {json.dumps(body)}\n\n".encode())(peer)

    with Server([answer]) as server:
        sports = "basketball_nba,icehockey_nhl,soccer_epl"
        ran = run("parlayapi", "-s", sports, "--base-url", server.url, "--json", "-c", "3")
    names = {record["conn"]: record["label"] for record in ran.of("opened")}
    assert names == {1: "basketball_nba", 2: "icehockey_nhl", 3: "soccer_epl"}
    assert all(names[quote["conn"]] == quote["league"] for quote in ran.of("quote"))


# --- signals --------------------------------------------------------------------------------------


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP], ids=lambda one: one.name)
def test_a_signal_ends_it_with_whole_lines_and_a_last_record(number: signal.Signals) -> None:
    with Server([endless]) as server, Running(*OPTIC, "--base-url", server.url, "--json") as running:
        running.lines(500)
        since = time.monotonic()
        ran = running.end(number)
        assert time.monotonic() - since < 5
    assert ran.code == 128 + number
    assert len(ran.of("quote")) > 400
    assert ran.err.splitlines()[-1].startswith("oddstail: ")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT], ids=lambda one: one.name)
def test_a_signal_while_it_waits_to_retry(number: signal.Signals) -> None:
    with Server([]) as server:
        closed = server.url
    with Running(*OPTIC, "--base-url", closed, "--json") as running:
        running.says("attempt 3")
        ran = running.end(number, 5)
    assert ran.code == 128 + number
    assert [record["type"] for record in ran.records] == ["gap", "end"]


LIST, DOCTOR = ["list", "books", "opticodds", "--refresh"], ["doctor", "opticodds"]
BEGUN = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n["
WAITING = [
    pytest.param(LIST, b"", id="list"),
    pytest.param(LIST, BEGUN, id="list-that-begins"),
    pytest.param(DOCTOR, b"", id="doctor"),
    pytest.param(DOCTOR, BEGUN, id="doctor-whose-answer-begins"),
    pytest.param(["opticodds", "-s", "basketball", "-b", "Draft", "-o", "none"], b"", id="names"),
]


@pytest.mark.parametrize(("args", "begins"), WAITING)
def test_an_interrupt_while_an_answer_is_awaited_leaves_no_trace(
    args: list[str], begins: bytes, tmp_path: Path
) -> None:
    reached = threading.Event()

    def answer(peer: Peer) -> None:
        peer.send(begins)
        reached.set()
        peer.hold()

    env = {**ENV, **KEYS, "XDG_CACHE_HOME": str(tmp_path)}
    with Server([answer] * 4) as server, Running(*args, "--base-url", server.url, env=env) as running:
        assert reached.wait(10)
        since = time.monotonic()
        ran = running.end(signal.SIGINT, 5)
        assert time.monotonic() - since < 3
    assert ran.code == 130
    assert "Traceback" not in ran.err
    assert "generator" not in ran.err


@pytest.mark.parametrize("args", [["--help"], ["demo"], ["list"], ["schema"]], ids=" ".join)
def test_an_interrupt_while_modules_load_leaves_no_trace(args: list[str]) -> None:
    # A cold start, with an import hook that interrupts it in the midst of its imports.
    script = (
        "import os, signal, sys\n"
        "signal.signal(signal.SIGINT, signal.default_int_handler)\n"
        "class Hook:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        "        if name == 'typer':\n"
        "            os.kill(os.getpid(), signal.SIGINT)\n"
        "sys.meta_path.insert(0, Hook())\n"
        f"sys.argv = ['oddstail', *{args!r}]\n"
        "from oddstail.cli import main\n"
        "main()\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=30, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "")


def test_a_second_interrupt_ends_it_at_once_though_stdout_is_not_read() -> None:
    left = threading.Event()

    def answer(peer: Peer) -> None:
        endless(peer)
        left.set()

    with Server([answer]) as server, Running(*OPTIC, "--base-url", server.url, "--json", read=False) as running:
        running.says("connected")
        running.process.send_signal(signal.SIGINT)
        assert left.wait(5)
        since = time.monotonic()
        running.process.send_signal(signal.SIGINT)
        assert running.process.wait(5) == 130
        assert time.monotonic() - since < 1


# --- an output that fails -------------------------------------------------------------------------


@pytest.mark.parametrize("output", ["json", "raw", "lines"])
def test_a_closed_pipe_is_141_and_silent(output: str) -> None:
    with (
        Server([endless]) as server,
        Running(*OPTIC, "--base-url", server.url, "-o", output, "-q", read=False) as running,
    ):
        stdout = running.process.stdout
        assert stdout is not None
        assert stdout.readline()
        stdout.close()
        ran = running.end(seconds=5)
    assert (ran.code, ran.err) == (141, "")


def test_a_closed_pipe_is_noticed_on_a_quiet_market_too(ten: str) -> None:
    with Running(*OPTIC, "--base-url", ten, "--json", read=False) as running:
        stdout = running.process.stdout
        assert stdout is not None
        assert stdout.readline()
        stdout.close()
        ran = running.end(seconds=8)
    assert ran.code == 141
    assert "Traceback" not in ran.err


@pytest.mark.parametrize("output", ["json", "raw", "lines", "table"])
def test_a_full_disk_is_one_sentence(ten: str, output: str) -> None:
    with open("/dev/full", "wb") as full:
        ran = run(*OPTIC, "--base-url", ten, "-o", output, "-q", "--for", "1s", stdout=full)
    assert ran.code == 8
    assert "stdout cannot be written: No space left on device; make room" in ran.err
    assert "Traceback" not in ran.err
    assert ran.err.count("\n") <= 2


def test_a_stdout_that_is_not_read_never_holds_up_the_link() -> None:
    sent: list[int] = []

    def answer(peer: Peer) -> None:
        sse(CONNECTED, hold=False)(peer)
        while len(sent) < 10_000 and peer.send(odds(-110 - len(sent) % 50, entry=f"1-{len(sent)}")):
            sent.append(1)
        peer.hold()

    with Server([answer]) as server, Running(*OPTIC, "--base-url", server.url, "--json", read=False) as running:
        until(lambda: len(sent) == 10_000)
        assert len(server.heads) == 1
        since = time.monotonic()
        running.process.send_signal(signal.SIGTERM)
        code = running.process.wait(PATIENCE_OF_A_SIGNAL)
        assert time.monotonic() - since < PATIENCE_OF_A_SIGNAL
        running.read()
        ran = running.end()
    assert code == 143
    assert "bytes were not written, since stdout was not read" in ran.err


PATIENCE_OF_A_SIGNAL = 5.0


def test_a_reader_that_comes_back_late_loses_nothing() -> None:
    big = [odds(-110 - n, entry=f"1-{n}", pad="x" * (23 << 20)) for n in range(4)]
    with Server([sse(CONNECTED, *big)]) as server:
        with Running(*OPTIC, "--base-url", server.url, "-o", "raw", "-c", "4", read=False) as running:
            running.says("stdout is not read")
            running.read()
            ran = running.end()
        assert len(server.heads) == 1
    assert (ran.code, ran.out.count(b"\n")) == (0, 4)
    assert [json.loads(line)["data"][0]["price"] for line in ran.out.splitlines()] == [-110, -111, -112, -113]
    assert "nothing was dropped" in ran.err


@pytest.mark.parametrize(("code", "closed"), [(8, ">&-"), (0, "2>&-"), (0, "<&-")], ids=["stdout", "stderr", "stdin"])
def test_a_closed_descriptor_is_not_taken_for_a_socket(code: int, closed: str, ten: str) -> None:
    heads: list[bytes] = []

    def answer(peer: Peer) -> None:
        sse(CONNECTED, TEN, hold=False)(peer)
        while data := peer.receive():
            heads.append(data)

    with Server([answer]) as server:
        asked = command(*OPTIC, "--base-url", server.url, "-o", "json", "--for", "1s")
        line = ["sh", "-c", f'exec "$@" {closed}', "sh", *asked]
        done = subprocess.run(line, env={**ENV, "OPTICODDS_API_KEY": KEY}, capture_output=True, timeout=20, check=False)
    assert heads == []
    assert b"Traceback" not in done.stderr
    assert done.returncode == code, done.stderr
    if closed != ">&-":
        assert len(checked(done.stdout)) == 12


# --- the environment ------------------------------------------------------------------------------


def test_a_bare_environment_and_a_key_in_a_pipe(ten: str) -> None:
    read, write = os.pipe()
    os.write(write, b"k-secret-0123456789\n")
    os.close(write)
    try:
        ran = run(
            *OPTIC, "--base-url", ten, "--json", "-c", "1", "--key-file", f"/dev/fd/{read}", env={}, pass_fds=[read]
        )
    finally:
        os.close(read)
    assert (ran.code, len(ran.of("quote"))) == (0, 1)


def test_a_key_file_reaches_the_server_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "key"
    path.write_text(f"{KEY}\n")
    path.chmod(0o600)
    with Server([sse(CONNECTED, odds())]) as server:
        ran = run(*OPTIC, "--base-url", server.url, "--json", "-c", "1", "-vv", "--key-file", str(path), env=ENV)
        assert f"x-api-key: {KEY}\r\n" in server.heads[0].decode().replace("X-Api-Key", "x-api-key")
    assert ran.code == 0
    no_secret(ran)


def test_a_proxy_in_the_environment_is_not_asked_for_loopback(ten: str) -> None:
    with Server([lambda peer: None]) as proxy:
        names = ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY")
        env = {**ENV, "OPTICODDS_API_KEY": KEY, **dict.fromkeys(names, proxy.url)}
        ran = run(*OPTIC, "--base-url", ten, "--json", "-c", "1", env=env)
        assert (ran.code, proxy.heads) == (0, [])


def test_a_certificate_file_that_is_none_is_a_usage_error(tmp_path: Path) -> None:
    path = tmp_path / "ca.pem"
    path.write_text("no certificate\n")
    for ask in ("opticodds", "boltodds"):
        ran = run(*ASK[ask], "--base-url", "https://127.0.0.1:1", "--retries", "0", "--ca-bundle", str(path))
        assert ran.code in (2, 9), ran.err
        assert "--ca-bundle" in ran.err
        assert "bug" not in ran.err


def test_the_version_of_the_module() -> None:
    ran = run("--version")
    assert (0, f"oddstail {__version__}\n".encode()) == (ran.code, ran.out)


def test_the_schema_is_a_json_schema() -> None:
    ran = run("schema")
    assert ran.code == 0
    jsonschema.Draft202012Validator.check_schema(json.loads(ran.out))


SHORT = [("schema",), ("--version",), ("--help",), ("demo", "--dry-run")]


@pytest.mark.parametrize("args", SHORT, ids=" ".join)
def test_a_short_answer_to_a_full_disk_is_one_sentence(args: tuple[str, ...]) -> None:
    with open("/dev/full", "wb") as full:
        ran = run(*args, stdout=full)
    assert "Traceback" not in ran.err
    assert "No space left on device" in ran.err
    assert ran.code == 8


@pytest.mark.parametrize("args", SHORT, ids=" ".join)
def test_a_short_answer_to_a_closed_pipe_is_141_and_silent(args: tuple[str, ...]) -> None:
    read, write = os.pipe()
    os.close(read)
    try:
        ran = run(*args, stdout=write)
    finally:
        os.close(write)
    assert (ran.code, ran.err) == (141, "")


def test_python_is_not_asked_to_be_verbose() -> None:
    done = subprocess.run(
        [sys.executable, "-W", "error", "-X", "dev", "-m", "oddstail", "demo", "-c", "20", "--rate", "20"],
        env=ENV,
        capture_output=True,
        timeout=20,
        check=False,
    )
    assert done.returncode == 0
    assert b"Warning" not in done.stderr
    assert len(checked(done.stdout)) >= 20
