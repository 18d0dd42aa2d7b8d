"""`oddstail doctor` against the demo's servers and against what goes wrong: a line each, and the right exit code."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator

import pytest
from websockets.sync.server import ServerConnection, serve

from oddstail.doctor import _clock, plan, skewed
from tests.e2e.support import ENV, KEY, Answer, Running, Server, reply, run, sse
from tests.faults.wires import CONNECTED, PING, bolt, event, odds

DEMO_KEYS = {
    f"{name.upper()}_API_KEY": "demo" for name in ("oddsjam", "opticodds", "parlayapi", "rapidodds", "boltodds")
}


@pytest.fixture(scope="module")
def served() -> Iterator[dict[str, str]]:
    with Running("demo", "--serve", "--for", "2m") as demo:
        yield {line["provider"]: line["base_url"] for line in map(json.loads, demo.lines(5))}


#: What the wires tell of the plan, and where.
PLANS = {
    "oddsjam": ["the account reports no limits"],
    "opticodds": ["the account: x-ratelimit-limit 2500, x-ratelimit-remaining 24"],
    "parlayapi": ["the account: tier business, credits_used ", "the stream: tier business, min_push_interval_s 1.0"],
    "rapidodds": [
        "the account: tier pro, status active, ",
        "the stream: tier pro",
        "the stream: credits_per_push 1",
    ],
    "boltodds": ["the account reports no limits", "the stream: plan Pro"],
}


def lines(out: bytes) -> dict[str, tuple[str, str]]:
    """What was looked at: the verdict, and the rest of the line."""
    rows = [line.split(maxsplit=1) for line in out.decode().splitlines()]
    found = {}
    for mark, rest in rows:
        words = rest.split()
        what = words[1] if words[0] in ("opticodds", "parlayapi", "boltodds", "rapidodds", "oddsjam") else words[0]
        found[what] = (mark, rest)
    return found


@pytest.mark.parametrize("name", ["opticodds", "parlayapi", "boltodds", "oddsjam"])
def test_all_is_well(served: dict[str, str], name: str) -> None:
    ran = run("doctor", name, "--base-url", served[name], env={**ENV, "HOME": "/tmp", **DEMO_KEYS})
    found = lines(ran.out)
    assert ran.code == 0, ran.out
    for what in ("key", "dns", "tcp", "clock", "open", "data"):
        assert found[what][0] == "ok", (what, ran.out)
    assert f"found: ${name.upper()}_API_KEY" in found["key"][1]
    assert " ms)" in found["data"][1]


@pytest.mark.parametrize("name", PLANS)
def test_the_limits_of_a_plan_are_told_as_the_provider_tells_them(served: dict[str, str], name: str) -> None:
    args = ["doctor", name, "--base-url", served[name], "--spend", "--for", "5s"]
    told = [line.split("plan ", 1)[1].strip() for line in run(*args, env={**ENV, **DEMO_KEYS}).out.decode().splitlines() if f"{name} " in line and " plan " in line]  # fmt: skip
    assert len(told) == len(PLANS[name])
    assert all(line.startswith(due) for line, due in zip(told, PLANS[name], strict=True)), told


@pytest.mark.parametrize(
    ("mark", "code", "answer", "says"),
    [
        ("warn", 0, reply("200 OK", json.dumps({"tier": "free", "credits_remaining": 0, "of": KEY})),
         "the account: tier free, credits_remaining 0, of ****; nothing remains"),
        ("FAIL", 4, reply("401 Unauthorized", KEY), "the provider's lists cannot be had: "),
        ("warn", 0, reply("500 Oh", KEY), "streams may work all the same"),
    ],
    ids=["used-up", "refused", "broken"],
)  # fmt: skip
def test_a_plan_that_is_used_up_or_cannot_be_asked_for(mark: str, code: int, answer: Answer, says: str) -> None:
    with Server([reply("200 OK"), answer]) as server:
        ran = run("doctor", "rapidodds", "--base-url", server.url, env={**ENV, "RAPIDODDS_API_KEY": KEY})
    found, line = lines(ran.out)["plan"]
    assert (found, ran.code) == (mark, code), ran.out
    assert says in line
    assert KEY not in ran.out.decode()


def test_what_costs_credits_is_not_opened_unasked(served: dict[str, str]) -> None:
    ran = run("doctor", "rapidodds", "--base-url", served["rapidodds"], env={**ENV, **DEMO_KEYS})
    assert "not opened: each push costs credits" in lines(ran.out)["stream"][1]
    assert (
        run("doctor", "opticodds", "--no-stream", "--base-url", served["opticodds"], env={**ENV, **DEMO_KEYS}).code == 0
    )


@pytest.mark.parametrize(
    ("code", "what", "says", "args", "env"),
    [
        (4, "key", "no provider has a key; set OPTICODDS_API_KEY", [], {}),
        (4, "key", "no key for OpticOdds: set OPTICODDS_API_KEY", ["opticodds"], {}),
        (3, "tcp", "connection refused: nothing is listening there", ["opticodds"], DEMO_KEYS),
        (3, "dns", "the host name was not found", ["opticodds", "--base-url", "https://odds.invalid"], DEMO_KEYS),
        (2, "key", "chmod 600", ["opticodds", "--key-file", "/etc/hostname"], {}),
    ],
)  # fmt: skip
def test_what_is_wrong_is_one_line_with_the_remedy(
    code: int, what: str, says: str, args: list[str], env: dict[str, str]
) -> None:
    if args and "--base-url" not in args:
        args = [*args, "--base-url", "http://127.0.0.1:1"]
    ran = run("doctor", *args, env={**ENV, **env})
    assert ran.code == code, ran.out
    mark, line = lines(ran.out)[what]
    assert mark == "FAIL"
    assert says in line
    assert ran.err == ""


@pytest.mark.parametrize(
    ("code", "says", "status"),
    [(4, "check the key", "401 Unauthorized"), (7, "check the plan and the key", "403 Forbidden")],
)
def test_a_refusal_has_the_exit_code_that_a_run_would_have(code: int, says: str, status: str) -> None:
    with Server([reply("200 OK", Date="Sun, 06 Nov 1994 08:49:37 GMT"), reply(status, f"no such key {KEY}")]) as server:
        ran = run("doctor", "opticodds", "--base-url", server.url, env={**ENV, "OPTICODDS_API_KEY": KEY})
    found = lines(ran.out)
    assert ran.code == code
    assert says in found["stream"][1]
    assert found["clock"][0] == "warn"
    assert "ahead of the provider's" in found["clock"][1]
    assert KEY.encode() not in ran.out


def test_a_key_that_the_stream_repeats_is_masked() -> None:
    def refuse(link: ServerConnection) -> None:
        link.send(json.dumps({"action": "error", "message": f"invalid key {KEY}"}))

    with serve(refuse, "127.0.0.1", 0) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        url = f"http://127.0.0.1:{server.socket.getsockname()[1]}"
        ran = run("doctor", "boltodds", "--base-url", url, env={**ENV, "BOLTODDS_API_KEY": KEY})
        server.shutdown()
    assert "refused the key: invalid key ****" in lines(ran.out)["stream"][1]
    assert KEY not in ran.out.decode() + ran.err


@pytest.mark.parametrize(
    ("says", "odd"),
    [
        pytest.param("Expecting value", "<html>", id="html"),
        pytest.param("decode byte", b"\xff\xfe", id="bytes-that-are-not-utf-8"),
        pytest.param("neither an object nor an array", "7", id="number"),
        pytest.param("", "", id="empty-message"),
        pytest.param("nested too deep", "[" * 100_000, id="deep-nesting"),
        pytest.param("more than 500,000 elements", "[" + "{}," * 500_001 + "{}]", id="too-many-elements"),
        pytest.param(None, "[1, null, []]", id="array-of-no-messages"),
        pytest.param(None, '{"action":"tomorrow"}', id="unknown-action"),
        pytest.param(None, '{"action":NaN}', id="nan"),
        pytest.param(None, "[" + "{}," * 100_000 + "{}]", id="many-empty-messages"),
    ],
)
def test_odd_messages_do_not_end_a_diagnosis(says: str | None, odd: str | bytes) -> None:
    def answer(link: ServerConnection) -> None:
        link.send(odd)
        link.send('{"action":"socket_connected"}')
        link.recv()
        link.send(odd)
        link.send(json.dumps([{"action": "ping"}, bolt()]))
        link.recv()

    with serve(answer, "127.0.0.1", 0, compression=None) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        url = f"http://127.0.0.1:{server.socket.getsockname()[1]}"
        ran = run("doctor", "boltodds", "--base-url", url, env={**ENV, "HOME": "/tmp", **DEMO_KEYS})
        server.shutdown()
    found = lines(ran.out)
    assert ran.code == 0, ran.out.decode() + ran.err
    assert ran.err == ""
    assert {"stream", "heartbeat", "data"} <= found.keys()
    assert (says is not None) == ("message" in found)
    if says is not None:
        assert found["message"][0] == "warn"
        assert says in found["message"][1]
        assert ran.out.count(b"cannot be read") == 1


def test_event_that_is_not_json_does_not_end_a_diagnosis() -> None:
    answers = [reply("200 OK"), reply("200 OK", '{"data": []}'), sse(CONNECTED, event("<html>"), PING, odds(-101))]
    with Server(answers) as server:
        ran = run("doctor", "opticodds", "--base-url", server.url, env={**ENV, "HOME": "/tmp", **DEMO_KEYS})
    found = lines(ran.out)
    assert (ran.code, ran.err) == (0, ""), ran.out.decode()
    assert "a message that cannot be read" in found["message"][1]
    assert found["data"][0] == "ok"


def test_a_server_that_does_not_speak_tls_fails_there() -> None:
    with Server([reply("200 OK")]) as server:
        url = server.url.replace("http:", "https:")
        ran = run("doctor", "opticodds", "--base-url", url, "--connect-timeout", "3s", env={**ENV, **DEMO_KEYS})
    assert (ran.code, lines(ran.out)["tls"][0]) == (9, "FAIL")


@pytest.mark.parametrize(
    ("verdict", "seconds", "took"),
    [("ok", 0.0, 0.1), ("ok", 0.9, 0.1), ("ok", 5.9, 4.0), ("ok", -1.9, 0.1), ("warn", 4.0, 0.1), ("warn", -3.0, 0.1)],
)
def test_a_date_is_cut_to_the_second_and_as_old_as_the_answer_took(verdict: str, seconds: float, took: float) -> None:
    assert skewed(seconds, took).verdict == verdict


def test_the_stream_of_a_users_own_flags_is_opened(served: dict[str, str]) -> None:
    env = {**ENV, "HOME": "/tmp", **DEMO_KEYS}
    ran = run("doctor", "parlayapi", "-s", "icehockey_nhl", "-m", "h2h", "--base-url", served["parlayapi"], env=env)
    assert ran.code == 0, ran.out
    assert lines(ran.out)["data"][0] == "ok"


@pytest.mark.parametrize(
    ("says", "args"),
    [
        ('ParlayAPI has no market "moneyline"; its moneyline is "h2h"',
         ["parlayapi", "-s", "basketball_nba", "-m", "moneyline"]),
        ("there is no flag --sport", ["oddsjam", "-s", "basketball"]),
        ("--sport is of one provider's stream; name it: oddstail doctor opticodds --sport ...", ["-s", "soccer"]),
    ],
)  # fmt: skip
def test_flags_that_cannot_be_asked_for_are_one_sentence(says: str, args: list[str]) -> None:
    ran = run("doctor", *args, "--base-url", "http://127.0.0.1:9", env={**ENV, "HOME": "/tmp", **DEMO_KEYS})
    assert (ran.code, ran.out) == (2, b"")
    assert says in ran.err
    assert ran.err.count("\n") == 1


def test_what_is_yes_or_no_of_a_plan_is_said_in_words() -> None:
    assert plan("it", {"resets": False}).text == "it: the credits are given once"
    assert plan("it", {"tier": "pro", "resets": True}).text == "it: tier pro, the credits are renewed"
    used = plan("it", {"x-requests-used": "40", "x-requests-remaining": "0", "x-ratelimit-reset": "1736820675"})
    assert (used.verdict, used.text) == ("warn", "it: x-requests-used 40, x-requests-remaining 0")
    assert plan("it", {"beta": True}).text == "it: beta: yes"


@pytest.mark.parametrize(
    "date", ["Fri, 31 Dec 99999999999 23:59:59 GMT", "Fri, 31 Dec 9999 23:59:59 -2359", "", "\xff", "now"]
)
def test_date_that_cannot_be_read_is_no_time(date: str) -> None:
    finding = _clock(f"HTTP/1.1 200 OK\r\nDate: {date}\r\n\r\n".encode("latin-1"), 0.0, 0.0)
    assert (finding.verdict, finding.text) == ("warn", "the server sends no time")
