"""What a key press offers out of what was kept and of the user's own names; nobody is asked for it."""

from __future__ import annotations

import shlex
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.e2e.support import ENV, Server, reply
from tests.test_shelf import INFO, World

CONFIG = '[opticodds.alias]\ndk = "DraftKings"\n[boltodds.alias]\ndrafty = "draftkings"\n[watch.nba-night]\nprovider = "boltodds"\n'


@pytest.fixture
def env(tmp_path: Path) -> dict[str, str]:
    """A machine on which BoltOdds' lists were kept some time ago."""
    World(tmp_path / "cache" / "oddstail", {"get_info": INFO}, now=time.time()).listed("books")
    (tmp_path / "oddstail").mkdir()
    (tmp_path / "oddstail" / "config.toml").write_text(CONFIG)
    return {**ENV, "XDG_CONFIG_HOME": str(tmp_path), "XDG_CACHE_HOME": str(tmp_path / "cache")}


def offered(line: str, env: dict[str, str], shell: str = "bash") -> list[str]:
    words = line.split(" ")
    asks = {
        "bash": {"COMP_WORDS": line, "COMP_CWORD": str(len(words) - 1)},
        "fish": {"_TYPER_COMPLETE_ARGS": line, "_TYPER_COMPLETE_FISH_ACTION": "get-args"},
    }[shell]
    env = {**env, **asks, "_ODDSTAIL_COMPLETE": f"complete_{shell}"}
    code = "from oddstail.cli import main; main()"
    done = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True, timeout=20, check=True)
    return done.stdout.split("\n")[:-1]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("oddstail boltodds -b d", ["drafty", "draftkings"]),
        ("oddstail boltodds -b fan", ["fanduel"]),
        ("oddstail boltodds -b fanduel,draftk", ["fanduel,draftkings"]),
        ("oddstail boltodds --league M", ["MLB", "mls"]),
        ("oddstail parlayapi -s basketball_n", ["basketball_nba", "basketball_ncaab"]),
        ("oddstail run nba", ["nba-night"]),
        ("oddstail run bolt", ["boltodds"]),
        ("oddstail config show nba", ["nba-night"]),
        ("oddstail doctor bolt", ["boltodds"]),
        ("oddstail boltodds --layout la", ["ladder"]),
        ("oddstail doc", ["doctor"]),
        ("oddstail list books opt", ["opticodds"]),
        ("oddstail list books opticodds --ref", ["--refresh"]),
        ("oddstail boltodds --json -c 5 -l M", ["MLB", "mls"]),
    ],
)
def test_offers(env: dict[str, str], line: str, expected: list[str]) -> None:
    assert offered(line, env) == expected


@pytest.mark.parametrize("line", ["oddstail ", "oddstail boltodds --", "oddstail boltodds -b d", "oddstail run nba"])
def test_a_key_press_loads_nothing_that_takes_long(env: dict[str, str], line: str) -> None:
    env |= {"COMP_WORDS": line, "COMP_CWORD": str(line.count(" ")), "_ODDSTAIL_COMPLETE": "complete_bash"}
    code = (
        "import atexit, sys; from oddstail.cli import main; "
        "atexit.register(lambda: print(*{name.partition('.')[0] for name in sys.modules}, file=sys.stderr)); main()"
    )
    done = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True, timeout=20, check=True)
    assert done.stdout
    assert not {"pydantic", "httpx", "websockets", "rich", "jsonschema"} & set(done.stderr.split())


def test_nobody_is_asked_and_a_broken_config_is_no_matter(env: dict[str, str], tmp_path: Path) -> None:
    with Server([reply("200 OK")]) as proxy:
        env |= dict.fromkeys(("HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY"), proxy.url)
        began = time.monotonic()
        assert offered("oddstail opticodds -b dk", env) == ["dk"]
        took = time.monotonic() - began
        (tmp_path / "oddstail" / "config.toml").write_text("[broken")
        assert offered("oddstail boltodds -b fan", env) == ["fanduel"]
        assert proxy.heads == []
    # A quarter of a second here; a loaded machine may take some more, a network more than that.
    assert took < 3


def test_the_scripts_go_where_the_shells_look(tmp_path: Path) -> None:
    root = Path(__file__).parent.parent.parent
    subprocess.run(
        shlex.split(f"make -s install-completions XDG_DATA_HOME={tmp_path}"), cwd=root, check=True, timeout=60
    )
    found = sorted(str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*") if path.is_file())
    assert found == [
        "bash-completion/completions/oddstail",
        "fish/vendor_completions.d/oddstail.fish",
        "zsh/site-functions/_oddstail",
    ]
