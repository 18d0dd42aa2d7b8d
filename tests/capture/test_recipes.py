"""The recipes of the README and docs/captures.md, run: cron's line in cron's environment, the unit's command, the queries over real captures.

What each needs of the world (a vendor, an installed command, tonight) is put there by the test; the recipe itself is
what stands on the page.
"""

from __future__ import annotations

import configparser
import gzip
import json
import os
import re
import shlex
import shutil
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.support import ENV, command, until

ROOT = Path(__file__).parent.parent.parent
PAGES = "".join((ROOT / name).read_text("utf-8") for name in ("README.md", "docs/captures.md"))


def recipe(language: str) -> str:
    """The one block of that language among the recipes."""
    (found,) = re.findall(rf"```{language}\n(.*?)```", PAGES, re.DOTALL)
    text: str = found
    return text


def writing(folder: Path, *flags: str) -> subprocess.Popen[bytes]:
    """A run that writes into `captures/` of a folder, once it has written some."""
    process = subprocess.Popen(
        command("demo", "-o", "none", "-q", "-w", f"{folder}/captures/", "--rate", "50", *flags), env=ENV
    )
    least = 3_000 if "live" in flags else 100_000
    until(lambda: any(path.stat().st_size > least for path in folder.glob("captures/*/*.part*")))
    return process


#: How the newest files are there: of a run that still writes, or that was killed; plain, or packed as it goes.
STATES = ["closed", "writing", "writing-live", "killed", "killed-live"]


@pytest.fixture(scope="module", params=STATES)
def captures(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder that holds `captures/`: closed files, packed and plain, and some in one of the states."""
    folder = tmp_path_factory.mktemp("captured")
    state = request.param
    for more in (("--compress", "gzip", "--rotate", "2s"), ()):
        to = ("-o", "none", "-q", "-w", f"{folder}/captures/")
        done = subprocess.run(
            command("demo", *to, "--for", "4s", "--rate", "50", *more), env=ENV, timeout=30, check=True
        )
        assert done.returncode == 0
    (folder / "captures" / "date=2026-01-31").mkdir()
    digits(folder / "captures" / "date=2026-01-31" / "digits.ndjson")
    if state == "closed":
        yield folder
        return
    process = writing(folder, *(("--compress", "live") if state.endswith("live") else ()))
    try:
        if state.startswith("killed"):
            process.kill()
            process.wait()
        else:
            # It is read as it is at one moment: stopped, and not ended.
            process.send_signal(signal.SIGSTOP)
        yield folder
    finally:
        process.kill()
        process.wait()


#: Games whose ids are one number to whoever takes them for floats, or drops their zeros.
GAMES = ("72057594038135102", "72057594038135103", "0123456789012345", "123456789012345")


def digits(path: Path) -> None:
    """Records of games whose ids are digits; each has a selection that is suspended when its game starts."""
    schema = {"v": 1, "provider": "opticodds", "feed": "odds", "conn": 1, "recv": "2026-01-31T18:00:00.000000Z"}
    out = [{**schema, "type": "header", "program": "oddstail 0", "run": "d", "part": 1, "seq": 0}]
    for game in GAMES:
        for minute, status, american in ((0, "open", -110), (1, "open", -115), (2, "suspended", None)):
            quote = {
                "type": "quote", "seq": len(out), "recv": f"2026-01-31T18:0{minute}:00.000000Z",
                "start": "2026-01-31T18:05:00Z", "league": "NBA", "game_id": game, "key": game, "book": "DraftKings",
                "kind": "moneyline", "home": "H", "away": "A", "selection": f"S{game}", "line": None,
                "american": american, "decimal": None, "status": status,
            }  # fmt: skip
            out.append({**schema, **quote})
    path.write_text("".join(json.dumps(one) + "\n" for one in out))


def lines(folder: Path) -> list[dict[str, Any]]:
    """Every record of a folder, read by Python alone."""
    out = []
    for path in folder.glob("captures/*/*.ndjson*"):
        data = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
        out += [json.loads(line) for line in data.splitlines() if line.strip()]
    return out


@pytest.fixture
def installed(tmp_path: Path) -> Iterator[Path]:
    """An `oddstail` that talks to the demo's servers instead of the vendors; everything else is the real command."""
    server = subprocess.Popen(command("demo", "--serve"), env=ENV, stdout=subprocess.PIPE, text=True)
    assert server.stdout is not None
    urls = {}
    for _ in range(5):
        said = json.loads(server.stdout.readline())
        urls[said["provider"]] = said["base_url"]
    script = tmp_path / ".local" / "bin" / "oddstail"
    script.parent.mkdir(parents=True)
    cases = "".join(f'{name}) set -- "$@" --base-url {url};;\n' for name, url in urls.items())
    run = shlex.join([sys.executable, "-m", "oddstail"])
    script.write_text(f'#!/bin/sh\ncase "$1" in\n{cases}esac\nexec {run} "$@"\n')
    script.chmod(0o755)
    try:
        yield script
    finally:
        server.kill()
        server.wait()
        server.stdout.close()


def test_the_crontab_line_in_cron_s_environment(installed: Path, tmp_path: Path) -> None:
    line = recipe("crontab").strip()
    assert "%" not in line
    *when, asked = line.split(None, 5)
    assert [re.fullmatch(r"[\d*,/-]+", field) is not None for field in when] == [True] * 5
    assert "--until 04:00" in asked
    config = tmp_path / ".config" / "oddstail" / "config.toml"
    config.parent.mkdir(parents=True)
    config.write_text('[boltodds]\nkey = "demo"\n')
    config.chmod(stat.S_IRUSR)
    done = subprocess.run(
        ["/bin/sh", "-c", asked.replace("--until 04:00", "--for 3s")],
        env={"HOME": str(tmp_path), "LOGNAME": "x", "SHELL": "/bin/sh", "PATH": "/usr/bin:/bin"},
        cwd=tmp_path, stdin=subprocess.DEVNULL, capture_output=True, timeout=30, check=False, start_new_session=True,
    )  # fmt: skip
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
    (packed,) = tmp_path.glob("captures/date=*/boltodds-*.ndjson.gz")
    assert b'"type":"quote"' in gzip.decompress(packed.read_bytes())


def test_the_unit_of_systemd_with_its_credential(installed: Path, tmp_path: Path) -> None:
    unit = configparser.ConfigParser(interpolation=None, delimiters=("=",))
    unit.optionxform = str  # type: ignore[assignment, method-assign]
    unit.read_string(recipe("ini"))
    service = unit["Service"]
    credential, _, source = service["LoadCredential"].partition(":")
    credentials, state = tmp_path / "credentials", tmp_path / "state"
    credentials.mkdir()
    state.mkdir()
    (credentials / credential).write_text("demo\n")
    assert source.startswith("/etc/")
    variable, _, value = service["Environment"].partition("=")
    env = {
        "CREDENTIALS_DIRECTORY": str(credentials),
        "STATE_DIRECTORY": str(state),
        variable: value.replace("%S/oddstail", str(state)),
        "HOME": "/",
    }
    program, *arguments = service["ExecStart"].replace("${STATE_DIRECTORY}", str(state)).split()
    assert program == "/usr/local/bin/oddstail"
    process = subprocess.Popen([str(installed), *arguments], env=env, stderr=subprocess.PIPE)
    try:
        until(lambda: any(path.stat().st_size > 2500 for path in state.glob("nba/*/*.part")))
        assert service["ExecReload"] == "kill -HUP $MAINPID"
        process.send_signal(signal.SIGHUP)
        until(lambda: list(state.glob("nba/*/*.gz")))
        process.send_signal(signal.SIGTERM)
        since = time.monotonic()
        assert process.wait(10) == int(service["SuccessExitStatus"])
        assert time.monotonic() - since < 5
    finally:
        process.kill()
        process.wait()
        assert process.stderr is not None
        process.stderr.close()
    assert list(state.glob("oddstail/resume/*.json"))


def test_the_queries_for_duckdb(captures: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import duckdb

    monkeypatch.chdir(captures)
    view, closing, gaps = [part for part in recipe("sql").split(";") if part.strip()]
    database = duckdb.connect()
    database.execute(view)
    quotes = [one for one in lines(captures) if one["type"] == "quote" and "carried" not in one]
    assert len(quotes) > 1000
    assert database.execute("select count(*) from quotes").fetchone() == (len(quotes),)
    last: dict[str, dict[str, Any]] = {}
    for one in sorted(quotes, key=lambda one: (one["recv"], one["seq"])):
        before = one["start"] and one["recv"][:19] < one["start"][:19]
        if before and one["status"] == "open" and one["american"] is not None:
            last[one["key"]] = one
    expected = sorted((one["book"], one["selection"], one["american"]) for one in last.values())
    # Suspended when it began: what was open last counts.
    assert {("DraftKings", f"S{game}", -115) for game in GAMES} <= set(expected)
    found = database.execute(closing).fetchall()
    assert sorted((row[3], row[5], row[7]) for row in found) == expected
    assert len(database.execute(gaps).fetchall()) == sum(one["type"] == "gap" for one in lines(captures))


def test_the_query_of_the_recipes_page(captures: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import duckdb

    page = (ROOT / "docs" / "recipes.md").read_text("utf-8")
    (query,) = re.findall(r'duckdb -c "(.*?)"\n', page, re.DOTALL)
    monkeypatch.chdir(captures)
    rows = duckdb.connect().execute(query.replace("limit 5", "")).fetchall()
    spreads: dict[tuple[Any, ...], dict[str, list[float]]] = {}
    for one in lines(captures):
        if one["type"] == "quote" and one["status"] == "open" and one["american"] is not None:
            same = one["game_id"], one.get("market"), one["selection"], one["line"]
            spreads.setdefault(same, {}).setdefault(one["book"], []).append(one["american"])
    assert len(rows) == sum(len(books) > 1 for books in spreads.values())
    assert rows


def test_the_line_for_jq(captures: Path) -> None:
    if shutil.which("jq") is None:
        pytest.skip("jq is not installed here")
    done = subprocess.run(
        ["sh", "-c", recipe("sh").strip()], cwd=captures, capture_output=True, text=True, timeout=30, check=True
    )
    rows = [line.split("\t") for line in done.stdout.splitlines()]
    packed = [
        json.loads(line)
        for path in captures.glob("captures/*/*.ndjson.gz")
        for line in gzip.decompress(path.read_bytes()).splitlines()
    ]
    expected = [one for one in packed if one["type"] == "quote" and one["status"] == "open" and "carried" not in one]
    assert sorted((row[0], row[1], row[2]) for row in rows) == sorted(
        (one["recv"], one["book"], one["selection"]) for one in expected
    )


def test_the_lines_for_pandas(captures: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", recipe("python")],
        cwd=captures, capture_output=True, text=True, timeout=60, check=False, env={**os.environ},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    quotes = [
        one
        for one in lines(captures)
        if one["type"] == "quote" and "carried" not in one and one["american"] is not None
    ]
    counted = [int(line.split()[-2]) for line in done.stdout.splitlines()[2:]]
    assert sum(counted) == len(quotes)
    code = recipe("python").replace("print(", "print(sorted(set(quotes[quotes.key == quotes.game_id].game_id))) #")
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code],
        cwd=captures, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.stdout.strip() == str(sorted(GAMES)), done.stderr
