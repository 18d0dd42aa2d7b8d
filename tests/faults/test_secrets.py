"""A marked key, and everything on that could leak it: lists, snapshots, captures, alerts, commands, caches, `ps`.

The rows of the other tables stream only. Here all five providers run whole, against the demo's servers, with the key
from a `key_command`: so it is in no environment to begin with, and must be nowhere but in that command's own file.
"""

from __future__ import annotations

import contextlib
import gzip
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.e2e.support import ASK as LEAST
from tests.e2e.support import ENV, FORMS, KEY, PATIENCE, PROVIDERS, Peer, Ran, Running, Server, reply, until
from tests.faults import key_rows
from tests.faults.peer import head

ASK = {
    "oddsjam": ("-l", "NBA", "-b", "DraftKings"),
    "opticodds": ("-s", "basketball", "-l", "NBA", "-b", "DraftKings", "-m", "Moneyline"),
    "parlayapi": ("-s", "basketball_nba", "--watch-health", "1"),
    "rapidodds": ("-s", "NBA", "-b", "DraftKings", "-m", "head_to_head"),
    "boltodds": ("-l", "NBA", "-b", "draftkings"),
}
#: The demo, but for the key that its servers take.
SERVER = "import sys; from oddstail.demo import contract; contract.KEY = sys.argv.pop(1); from oddstail.cli import main; main()"
#: What a user's own command sees: arguments, environment, standard input. It lives long enough to be looked at.
TOOL = """#!/bin/sh
{ echo "$@"; env; tr '\\0' '\\n' < /proc/$$/cmdline; } >> "$0.said"
case "$1" in stdin) cat >> "$0.said";; esac
sleep 0.2
"""


class Home:
    """A home of its own, whose every file is looked into; the key's own file lies elsewhere."""

    def __init__(self, folder: Path, name: str, secret: Path) -> None:
        self.name, self.path = name, folder / name
        for part in (".config/oddstail", "tmp"):
            (self.path / part).mkdir(parents=True)
        config = "".join(f"[{one}]\nkey_command = \"sh -c 'sleep 0.3; cat {secret}'\"\n" for one in PROVIDERS)
        (self.path / ".config/oddstail/config.toml").write_text(config)
        self.tool = self.path / "tool"
        self.tool.write_text(TOOL)
        self.tool.chmod(0o700)
        self.env = {
            "PATH": os.environ["PATH"], "HOME": str(self.path), "TMPDIR": str(self.path / "tmp"), "LC_ALL": "C.UTF-8",
            "TERM": "xterm-256color", "PYTHONPATH": str(Path(__file__).parents[2]),
        }  # fmt: skip

    def run(self, *args: str) -> Ran:
        """To its end, and what it said kept beside the rest."""
        with Running(*args, env=self.env) as running:
            return self.keep(running.end(seconds=PATIENCE * 2))

    def keep(self, ran: Ran) -> Ran:
        with (self.path / "said").open("ab") as file:
            file.write(ran.out + ran.err.encode())
        return ran

    def everything(self) -> dict[str, bytes]:
        """Every file and its name, unpacked."""
        out = {}
        for path in self.path.rglob("*"):
            data = path.read_bytes() if path.is_file() else b""
            out[str(path)] = os.fsencode(path) + (gzip.decompress(data) if data[:2] == b"\x1f\x8b" else data)
        return out


class Watch:
    """Looks at the command line and the environment of every process below some, again and again."""

    def __init__(self) -> None:
        self.pids: list[int] = []
        self.seen: dict[str, bytes] = {}
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look)

    def __enter__(self) -> Watch:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _look(self) -> None:
        while not self._over.wait(0.05):
            parents = {}
            for stat in Path("/proc").glob("[0-9]*/stat"):
                with contextlib.suppress(OSError):
                    parents[int(stat.parent.name)] = int(stat.read_text().rpartition(")")[2].split()[1])
            below = set(self.pids)
            while more := {pid for pid, parent in parents.items() if parent in below} - below:
                below |= more
            for pid in below:
                with contextlib.suppress(OSError):
                    line = Path(f"/proc/{pid}/cmdline").read_bytes()
                    self.seen[f"{pid} {line!r}"] = line + Path(f"/proc/{pid}/environ").read_bytes()


@pytest.fixture(scope="module")
def bases() -> Iterator[dict[str, str]]:
    args = ("demo", "--serve", "--rate", "40")
    env = {"PATH": os.environ["PATH"], "HOME": "/nonexistent", "LC_ALL": "C.UTF-8"}
    with subprocess.Popen([sys.executable, "-c", SERVER, KEY, *args], env=env, stdout=subprocess.PIPE,
                          stderr=subprocess.DEVNULL) as process:  # fmt: skip
        assert process.stdout is not None
        try:
            yield {
                one["provider"]: one["base_url"] for one in (json.loads(process.stdout.readline()) for _ in range(5))
            }
        finally:
            process.kill()


@pytest.fixture
def secret(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("secret") / "key"
    path.write_text(KEY)
    path.chmod(0o600)
    return path


def nowhere(haystacks: dict[str, bytes]) -> None:
    for form in FORMS:
        for name, data in haystacks.items():
            assert form.encode() not in data, f"{form} in {name}"


def test_a_key_is_nowhere_whatever_is_on(bases: dict[str, str], secret: Path, tmp_path: Path) -> None:
    homes = {name: Home(tmp_path, name, secret) for name in PROVIDERS}
    posts: list[bytes] = []

    def hook(peer: Peer) -> None:
        posts.append(peer.head + (b"" if b'"rule"' in peer.head else peer.receive()))
        reply("200 OK")(peer)

    def flags(home: Home) -> tuple[str, ...]:
        keeps = (
            "-w",
            f"{home.path}/c/",
            "--tape",
            f"{home.path}/t/",
            "--rotate",
            "1s",
            "--compress",
            "gzip",
            "--resume",
        )
        tells = (
            "--log-file",
            f"{home.path}/log",
            "--log-format",
            "json",
            "--summary-json",
            f"{home.path}/summary.json",
        )
        alerts = (
            "--alert",
            "american != prev",
            "--cooldown",
            "1s",
            "--exec",
            f"{home.tool} stdin",
            "--webhook",
            webhook.url,
        )
        base = ("--base-url", bases[home.name])
        return (
            home.name,
            *ASK[home.name],
            *base,
            "-vv",
            "--json",
            *keeps,
            *tells,
            *alerts,
            "--on-rotate",
            f"{home.tool} {{}}",
        )

    with Server([hook]) as webhook, Watch() as watch, contextlib.ExitStack() as stack:
        running = {
            name: stack.enter_context(Running(*flags(home), env=home.env, cold=True)) for name, home in homes.items()
        }
        watch.pids += [one.process.pid for one in running.values()]
        for name, home in homes.items():
            said = Path(f"{home.tool}.said")
            # Files were closed, packed and handed over, and an alert was told both ways.
            until(lambda home=home: list(home.path.glob("[ct]/**/*.gz")), PATIENCE * 2)  # type: ignore[misc]
            until(lambda said=said: said.exists() and '"type":"alert"' in said.read_text(), PATIENCE * 2)  # type: ignore[misc]
            assert running[name].process.poll() is None
        for name, one in running.items():
            ran = homes[name].keep(one.end(signal.SIGTERM))
            assert ran.code == 143, ran.err
            assert ran.of("quote")
    assert b'"rule"' in b"".join(posts)
    # The commands were seen while they ran, and so were those of the key.
    for word in ("stdin", str(secret)):
        assert any(word in name for name in watch.seen)

    def after(home: Home) -> None:
        base = ("--base-url", bases[home.name])
        assert home.run(*flags(home), "-c", "3").code == 0
        assert home.run("list", "books", home.name, *base, "--json").code == 0
        assert home.run(home.name, *ASK[home.name], *base, "--dry-run").code == 0
        home.run("doctor", home.name, *base, "--for", "1s")
        if home.name == "opticodds":
            home.run(home.name, *ASK[home.name], *base, "-b", "Draftkinks", "-vv")
            home.run("config", "show", home.name)
            assert home.run("replay", f"{home.path}/t/", "--json").code == 0
        home.env |= {
            "_ODDSTAIL_COMPLETE": "complete_bash",
            "COMP_WORDS": f"oddstail {home.name} -b d",
            "COMP_CWORD": "3",
        }
        home.run()

    with ThreadPoolExecutor(3) as pool:
        list(pool.map(after, homes.values()))
    nowhere({"ps": b"".join(watch.seen.values()), "webhook": b"".join(posts)})
    for home in homes.values():
        found = home.everything()
        assert {"said", "log", "summary.json", "c", "t", ".local", ".cache"} <= {
            path.name for path in home.path.iterdir()
        }
        nowhere(found)


def test_a_key_that_a_server_throws_back_is_nowhere(secret: Path, tmp_path: Path) -> None:
    """Lists, checks of names and snapshots that fail, with all that was asked in the answer."""
    homes = {name: Home(tmp_path, name, secret) for name in PROVIDERS}

    def echo(peer: Peer) -> None:
        status = "401 Unauthorized" if b"/books" in peer.head else "500 Oops"
        reply(status, b'{"message": "bad: ' + peer.head.replace(b"\r\n", b" ").replace(b'"', b"'") + b'"}')(peer)

    with Server([echo]) as server:

        def told(home: Home) -> None:
            base = ("--base-url", server.url)
            log = (
                "-vv",
                "--log-file",
                f"{home.path}/log",
                "--json",
                "-w",
                f"{home.path}/c/",
                "--tape",
                f"{home.path}/t/",
            )
            home.run("list", "books", home.name, *base)
            home.run(home.name, *ASK[home.name], *base, *log, "--retries", "0")
            if home.name in ("oddsjam", "boltodds"):
                home.run("doctor", home.name, *base, "--no-stream")

        began = time.monotonic()
        with ThreadPoolExecutor(3) as pool:
            list(pool.map(told, homes.values()))
        assert any(form.encode() in head for head in server.heads for form in FORMS), "it was sent, so it could be said"
        assert time.monotonic() - began < PATIENCE * 3
    for home in homes.values():
        nowhere(home.everything())


@pytest.mark.parametrize("output", ["raw", "lines"])
@pytest.mark.parametrize("form", key_rows.FORMS.values(), ids=key_rows.FORMS)
def test_odd_key_is_in_no_output(output: str, form: str) -> None:
    """The table has the same for records, files and the tape."""

    def answer(peer: Peer) -> None:
        peer.send(head() + key_rows.events(form))
        peer.hold()

    with Server([answer]) as server:
        env = {**ENV, "OPTICODDS_API_KEY": key_rows.ODD_KEY}
        with Running(*LEAST["opticodds"], "--base-url", server.url, "-vv", "-o", output, env=env) as running:
            until(lambda: b"Point Spread" in running.out)
            ran = running.end(signal.SIGTERM)
    assert ran.code == 143, ran.err
    key_rows.no_trace({"stdout": ran.out, "stderr": ran.err.encode()})
