"""Alerts out of the real command: the record, a command with it on stdin, and a webhook on a real loopback socket."""

from __future__ import annotations

import json
import re
import signal
from pathlib import Path

import pytest
from pytest_httpserver import HTTPServer

from tests.e2e.support import ENV, KEY, Running, run, until

#: `oddstail demo` for so long, at ten times its pace, moves many a price by 10 cents.
DEMO = ("demo", "--rate", "40", "--no-validate", "--json", "--seed", "1", "--for", "4s", "--cooldown", "1s")
RULE = ("--alert", "abs(cents) >= 10")


def test_a_webhook_gets_the_record_and_nothing_else(httpserver: HTTPServer) -> None:
    httpserver.expect_request("/hook/t0ken", method="POST").respond_with_data("ok")
    url = httpserver.url_for("/hook/t0ken")
    ran = run(*DEMO, *RULE, "--webhook", url, env={**ENV, "OPTICODDS_API_KEY": KEY})
    assert ran.code == 0
    told = {(one["rule"], one["key"], one["recv"]) for one in ran.of("alert")}
    posts = [request for request, _ in httpserver.log]
    assert 0 < len(posts) <= 10 + 4, "ten at once and one in two seconds"
    for post in posts:
        record = post.get_json()
        assert (record["rule"], record["key"], record["recv"]) in told
        assert post.content_type == "application/json"
        assert KEY not in str(post.headers)
    # Its path may be all that keeps others out.
    assert b"t0ken" not in ran.out
    assert "t0ken" not in ran.err


@pytest.mark.parametrize(("tries", "status"), [(3, 503), (1, 404), (1, 302)])
def test_a_webhook_that_fails_is_told_once_and_holds_up_nothing(
    httpserver: HTTPServer, tries: int, status: int
) -> None:
    httpserver.expect_request("/").respond_with_data("no", status=status, headers={"Location": "/elsewhere"})
    flags = (
        "--for",
        "9s",
        "--cooldown",
        "1h",
        "--alert",
        "abs(cents) >= 10 and book = 'caesars' and kind = 'moneyline'",
    )
    ran = run(*DEMO, *flags, "--webhook", httpserver.url_for("/"))
    assert ran.code == 0
    assert ran.err.count("oddstail: --webhook localhost: answered") == 1
    posts = [request.data for request, _ in httpserver.log]
    assert posts.count(posts[0]) == tries
    assert {request.path for request, _ in httpserver.log} == {"/"}, "a redirect is not followed"


def test_what_a_webhook_answers_is_said_at_the_first_failure_and_of_what_is_left_at_the_end(
    httpserver: HTTPServer,
) -> None:
    httpserver.expect_request("/").respond_with_data("no", status=500)
    with Running(*DEMO, *RULE, "--for", "60s", "--cooldown", "1h", "--webhook", httpserver.url_for("/")) as running:
        running.says("--webhook localhost: answered 500 Internal Server Error\n")
        assert len(httpserver.log) < 10, "none was given up"
        ran = running.end(signal.SIGTERM)
    assert re.search(
        r"--webhook: \d+ alerts? could not be delivered before the end: localhost: answered 500 Internal", ran.err
    )


def test_a_command_gets_the_record_on_stdin_its_arguments_as_they_are_and_no_key(tmp_path: Path) -> None:
    tool = tmp_path / "tool"
    tool.write_text(
        f'#!/bin/sh\ncat >> "{tmp_path}/in"\necho "$@" >> "{tmp_path}/args"\nenv >> "{tmp_path}/env"\necho noise\n'
    )
    tool.chmod(0o700)
    ran = run(*DEMO, *RULE, "--exec", f"{tool} '$HOME; rm -rf x' two", env={**ENV, "OPTICODDS_API_KEY": KEY})
    assert ran.code == 0
    assert ran.of("alert"), "and nothing of the command's on stdout, or this would not parse"
    records = [json.loads(line) for line in (tmp_path / "in").read_text().splitlines()]
    assert records
    assert {record["type"] for record in records} == {"alert"}
    assert set((tmp_path / "args").read_text().splitlines()) == {"$HOME; rm -rf x two"}
    assert KEY not in (tmp_path / "env").read_text()


@pytest.mark.parametrize(
    ("says", "command"),
    [
        ("--exec /nonexistent: No such file", "/nonexistent"),
        ("--exec sh: exit code 3\n", "sh -c 'exit 3'"),
        ("--exec sh: killed by signal 9\n", "sh -c 'kill -9 $$'"),
        ("--exec sh: exit code 3: why", "sh -c 'echo why >&2; exit 3'"),
    ],
)
def test_a_command_that_fails_is_told_once(says: str, command: str) -> None:
    ran = run(*DEMO, *RULE, "--exec", command)
    assert ran.code == 0
    assert ran.err.count(says) == 1


def test_what_comes_too_fast_is_held_back_and_counted_and_the_records_have_it_all(tmp_path: Path) -> None:
    ran = run(*DEMO, "--alert", "american is not null", "--exec", f"tee -a {tmp_path}/in")
    sent = len((tmp_path / "in").read_text().splitlines())
    held = sum(one["value"] for one in ran.of("notice") if one["code"] == "alerts-held")
    assert sent <= 10 + 4
    assert sent + held == len(ran.of("alert"))


def test_beside_raw_payloads_too(tmp_path: Path) -> None:
    flags = ("-o", "raw", "--for", "4s", "--cooldown", "1s")
    run("demo", "--rate", "40", "--no-validate", "--seed", "1", *flags, *RULE, "--exec", f"tee -a {tmp_path}/in")
    assert {json.loads(line)["type"] for line in (tmp_path / "in").read_text().splitlines()} == {"alert"}


def test_what_a_command_started_ends_with_it(tmp_path: Path) -> None:
    tool = tmp_path / "tool"
    tool.write_text(f'#!/bin/sh\nsleep 600 &\necho $! > "{tmp_path}/child"\nwait\n')
    tool.chmod(0o700)
    ran = run(*DEMO, *RULE, "--cooldown", "1h", "--exec", str(tool))
    assert "could not be delivered before the end" in ran.err
    child = Path("/proc") / (tmp_path / "child").read_text().strip() / "cmdline"
    until(lambda: not child.exists() or b"sleep" not in child.read_bytes())


def test_alerts_alone() -> None:
    ran = run(*DEMO, *RULE, "--only", "alert")
    assert {json.loads(line)["type"] for line in ran.out.splitlines()} == {"alert"}
    told = ran.out.count(b"\n")
    assert re.search(rf"the time is up after .*: [\d,]+ quotes seen, {told} alerts, 0 gaps", ran.err.splitlines()[-1])
    assert run(*DEMO, *RULE, "--only", "alert", "--fail-if-empty").code == 0


@pytest.mark.parametrize(
    ("expected", "only"),
    [(["alert", "alert"], "alert"), (["opened", "opened"], "opened,alert"), (["alert", "alert", "end"], "alert,end")],
)
def test_what_only_names_is_what_a_count_counts(expected: list[str], only: str) -> None:
    ran = run(*DEMO, "--for", "30s", *RULE, "--only", only, "-c", "2")
    assert [json.loads(line)["type"] for line in ran.out.splitlines()] == expected
    assert ran.err.splitlines()[-1].startswith("oddstail: 2 records after")


@pytest.mark.parametrize(
    ("says", "flags"),
    [
        ("--alert: there is no field bok; did you mean book?", ["--alert", "bok = 'x'"]),
        ("--webhook is not an address; use https://", [*RULE, "--webhook", "hooks.example/secret"]),
        ("--exec is for alerts; say of what with --alert RULE", ["--exec", "true"]),
        ("--webhook is for alerts", ["--webhook", "https://hooks.example/secret"]),
        ("no closing quotation; quote it as in a shell", [*RULE, "--exec", "'"]),
        ("--exec is empty", [*RULE, "--exec", " "]),
        ("--cooldown '5' is not a duration", [*RULE, "--cooldown", "5"]),
    ],
)
def test_what_cannot_be_is_one_sentence(says: str, flags: list[str]) -> None:
    ran = run("demo", *flags)
    assert ran.code == 2
    assert says in ran.err
    assert "secret" not in ran.err
