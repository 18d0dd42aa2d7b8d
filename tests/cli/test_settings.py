"""Flags over the environment over the config file; what nobody understands is said; who set a value is told."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from oddstail import config, file_safety
from oddstail.cli.app import app

KEY = "k-secret-0123456789"
FILE = """
[defaults]
odds = "decimal"
for = "30s"
rotate = "1h"
json = true

[opticodds]
key_file = "key"
sport = "basketball"
league = "NBA"
book = ["dk", "FanDuel"]
max_silence = "20s"

[opticodds.alias]
dk = "DraftKings"
sharp = ["Pinnacle", "Caesars"]

[watch.nba]
provider = "opticodds"
live = true
no-validate = true
"""


@pytest.fixture
def run(tmp_path: Path) -> Callable[..., Result]:
    """Writes the config file, and runs a command line with it alone."""

    def run(line: str, text: str = FILE, mode: int = 0o600, **env: str) -> Result:
        folder = tmp_path / "oddstail"
        folder.mkdir(exist_ok=True)
        (folder / "key").write_text(KEY)
        (folder / "key").chmod(0o600)
        (folder / "config.toml").write_text(text)
        (folder / "config.toml").chmod(mode)
        bare: dict[str, str | None] = dict.fromkeys(
            name for name in os.environ if "API_KEY" in name or "CRED" in name or name.startswith("ODDSTAIL")
        )
        places = {"XDG_CONFIG_HOME": str(tmp_path), "XDG_CACHE_HOME": str(tmp_path / "cache"), "HOME": "/nonexistent"}
        return CliRunner().invoke(app, line.split(), env={**bare, **places, **env})

    return run


@pytest.mark.parametrize(
    ("sent", "line", "env"),
    [
        ("sportsbook=DraftKings&sportsbook=FanDuel&", "opticodds -n", {}),
        ("sportsbook=Pinnacle&sportsbook=Caesars&", "opticodds -n -b SHARP", {}),
        ("sportsbook=Pinnacle&sportsbook=Caesars&sportsbook=BetMGM&", "opticodds -n -b sharp,BetMGM", {}),
        ("sportsbook=BetMGM&", "opticodds -n", {"ODDSTAIL_BOOK": "BetMGM"}),
        ("sportsbook=Pinnacle&", "opticodds -n -b Pinnacle", {"ODDSTAIL_BOOK": "BetMGM"}),
    ],
    ids=["file", "flag-with-an-alias", "alias-in-a-list", "environment-over-file", "flag-over-environment"],
)
def test_flags_win_over_the_environment_and_that_over_the_file(
    run: Callable[..., Result], sent: str, line: str, env: dict[str, str]
) -> None:
    done = run(line, **env)
    assert done.exit_code == 0, done.output
    assert sent in done.output.replace("\n", "&")


@pytest.mark.parametrize(
    ("code", "says", "line", "text", "env"),
    [
        (0, "[opticodds] boook is not an option and is ignored (did you mean book?)", "opticodds -n", FILE.replace("book =", "book = 'DraftKings'\nboook ="), {}),
        (0, "[defaults] thme is not an option and is ignored (did you mean theme?)", "opticodds -n", FILE.replace("odds =", "thme ="), {}),
        (0, "[defalts] is not a known table and is ignored (did you mean defaults?)", "opticodds -n", f"{FILE}\n[defalts]\n", {}),
        (0, "[defaults] key is ignored: a key belongs in its provider's table", "opticodds -n", FILE.replace("odds =", "key ="), {}),
        (2, "--for '5' is not a duration; use 90s, 5m or 1h30m (set by ", "opticodds -n", FILE.replace("30s", "5"), {}),
        (2, "(set by $ODDSTAIL_MAX_SILENCE)", "opticodds -n", FILE, {"ODDSTAIL_MAX_SILENCE": "soon"}),
        (2, "--layout: 'lader' is not valid (did you mean ladder?); choose from screen, list, ladder (set by $ODDSTAIL_LAYOUT)", "opticodds -n", FILE, {"ODDSTAIL_LAYOUT": "lader"}),
        (2, "--count: 'x' is not a whole number (set by ", "opticodds -n", FILE.replace("sport =", 'count = "x"\nsport ='), {}),
        (2, "--spark must be true or false, not 'perhaps' (set by ", "opticodds -n", FILE.replace("sport =", 'spark = "perhaps"\nsport ='), {}),
        (2, "--market takes names; True is not one (set by ", "opticodds -n", FILE.replace("sport =", "market = true\nsport ="), {}),
        (2, "[watch.x] is not a table", "opticodds -n", "[watch]\nx = 1\n", {}),
        (2, "is a name or a list of names", "opticodds -n", FILE.replace('dk = "DraftKings"', "dk = 7"), {}),
        (2, "is not valid TOML", "demo -n", "[defaults", {}),
    ],
)  # fmt: skip
def test_what_nobody_understands_is_said_with_the_nearest_word_and_who_said_it(
    run: Callable[..., Result], code: int, says: str, line: str, text: str, env: dict[str, str]
) -> None:
    done = run(line, text, **env)
    assert done.exit_code == code, done.output
    assert says in done.output
    assert "Traceback" not in done.output


def test_what_is_typed_is_not_blamed_on_the_file(run: Callable[..., Result]) -> None:
    done = run("opticodds -n --for 5")
    assert "--for '5' is not a duration" in done.output
    assert "set by" not in done.output


def test_a_default_gives_way_where_a_run_makes_it_senseless(run: Callable[..., Result]) -> None:
    assert run("opticodds -n").exit_code == 0, "--rotate is for files, and no file is written"
    assert run("opticodds -n -o table").exit_code == 0, "json = true is a default, and -o contradicts it"
    refused = run("opticodds -n --rotate 1h")
    assert (refused.exit_code, "--rotate is for files" in refused.output) == (2, True)


def test_quiet_keeps_warnings_to_itself_and_help_asks_no_file(run: Callable[..., Result]) -> None:
    strange = f"{FILE}\n[defalts]\n"
    assert "defalts" not in run("opticodds -n -q", strange).output
    assert run("opticodds --help", "[broken").exit_code == 0
    assert run("schema", "[broken").exit_code == 0


@pytest.mark.parametrize("line", ["opticodds -n", "demo -n", "list", "config show", "config check"])
def test_a_file_with_a_key_that_others_can_read_is_refused_by_whatever_reads_it(
    run: Callable[..., Result], line: str
) -> None:
    done = run(line, f'[boltodds]\nkey = "{KEY}"\n', 0o644)
    assert done.exit_code == 2
    assert "is readable by other users; fix it with: chmod 600 " in done.output
    assert KEY not in done.output


def directory(path: Path) -> None:
    path.mkdir()


def fifo(path: Path) -> None:
    os.mkfifo(path, 0o600)


def endless(path: Path) -> None:
    path.symlink_to("/dev/zero")


@pytest.mark.parametrize(
    ("says", "make"),
    [
        pytest.param("is a directory; name a file", directory, id="directory"),
        pytest.param("did not end within 0.2 s", fifo, id="fifo-without-a-writer"),
        pytest.param("has more than 1024 KiB; use a smaller file", endless, id="dev-zero"),
    ],
)
def test_config_that_is_no_file_is_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, says: str, make: Callable[[Path], None]
) -> None:
    monkeypatch.setattr(file_safety, "MOST_SECONDS", 0.2)
    (tmp_path / "oddstail").mkdir()
    make(tmp_path / "oddstail" / "config.toml")
    if make is fifo:
        # With a writer that stays: without one a pipe is at its end.
        held = os.open(tmp_path / "oddstail" / "config.toml", os.O_RDWR)
    done = CliRunner().invoke(app, ["opticodds", "-n"], env={"XDG_CONFIG_HOME": str(tmp_path)})
    if make is fifo:
        os.close(held)
    assert done.exit_code == 2
    assert says in done.output


def test_byte_order_mark_of_the_config_is_skipped(run: Callable[..., Result]) -> None:
    assert run("config show opticodds", "\ufeff" + FILE).output == run("config show opticodds", FILE).output


def test_config_show_says_what_holds_and_why_and_never_a_key(run: Callable[..., Result]) -> None:
    out = run("config show opticodds", FILE.replace("key_file", f'key = "{KEY}"\n#'), ODDSTAIL_THEME="light").output
    rows = {
        line.split("  ")[1]: line.split("  ")[-1].split("oddstail/")[-1] for line in out.splitlines() if "  " in line
    }
    assert rows == {
        "key = ****": "config.toml [opticodds] key",
        'odds = "decimal"': "config.toml [defaults]",
        'for = "30s"': "config.toml [defaults]",
        'rotate = "1h"': "config.toml [defaults]",
        'output = "json"': "config.toml [defaults]",
        'theme = "light"': "$ODDSTAIL_THEME",
        'sport = ["basketball"]': "config.toml [opticodds]",
        'league = ["NBA"]': "config.toml [opticodds]",
        'book = ["dk", "FanDuel"]': "config.toml [opticodds]",
        'max-silence = "20s"': "config.toml [opticodds]",
        "alias dk = DraftKings": "config.toml [opticodds.alias]",
        "alias sharp = Pinnacle, Caesars": "config.toml [opticodds.alias]",
    }
    assert KEY not in out
    watch = run("config show nba").output
    assert "live = true" in watch
    assert "validate = false" in watch


def test_a_key_command_is_not_run_to_show_where_a_key_would_come_from(
    run: Callable[..., Result], tmp_path: Path
) -> None:
    ran = tmp_path / "ran"
    done = run("config show opticodds", f'[opticodds]\nkey_command = "touch {ran}"\n')
    assert "[opticodds] key_command" in done.output
    assert not ran.exists()


def test_config_check_tells_everything_at_once(run: Callable[..., Result]) -> None:
    text = (
        FILE.replace("odds =", "thme =")
        + '\n[watch.b]\nprovider = "boltdds"\n[watch.c]\nprovider = "boltodds"\nsprt = "NBA"\n'
    )
    done = run("config check", text)
    assert done.exit_code == 2
    for says in (
        "(did you mean theme?)",
        "not 'boltdds'",
        "sprt is not an option and is ignored (did you mean sport?)",
    ):
        assert says in done.output
    assert len(done.output.splitlines()) == 3
    assert run("config check").output.endswith("is sound\n")


@pytest.mark.parametrize(
    ("says", "mend"),
    [
        ("cannot read the key file {}: No such file or directory; put the key there", lambda path: path.unlink()),
        ("{} contains a key and is readable by other users; fix it with: chmod 600 {}", lambda path: path.chmod(0o644)),
        ("the key in {} is empty; put it there, alone", lambda path: path.write_text("\n")),
        ("the key in {} has a space or a character that no key has; copy it again", lambda path: path.write_text("a b")),
    ],
    ids=["missing", "readable", "empty", "no-key"],
)  # fmt: skip
def test_config_check_looks_at_key_files(
    run: Callable[..., Result], tmp_path: Path, says: str, mend: Callable[[Path], object]
) -> None:
    path = tmp_path / "oddstail" / "other.key"
    run("config path")
    path.write_text(KEY)
    path.chmod(0o600)
    text = '[parlayapi]\nkey_file = "other.key"\n'
    # The environment wins over the file, which is none the better for it.
    assert run("config check", text, PARLAYAPI_API_KEY=KEY).exit_code == 0
    mend(path)
    done = run("config check", text, PARLAYAPI_API_KEY=KEY)
    assert (done.exit_code, done.output) == (2, f"[parlayapi] {says.replace('{}', str(path))}\n")
    assert KEY not in done.output


def test_config_check_and_list_ask_no_password_manager(run: Callable[..., Result], tmp_path: Path) -> None:
    ran = tmp_path / "ran"
    for line in ("config check", "list", "list --json"):
        assert run(line, f'[opticodds]\nkey_command = "touch {ran}"\n').exit_code == 0
    assert not ran.exists()


def test_config_init_writes_a_file_that_changes_nothing_and_never_over_one(tmp_path: Path) -> None:
    env = {"XDG_CONFIG_HOME": str(tmp_path / "new")}
    done = CliRunner().invoke(app, ["config", "init"], env=env)
    path = tmp_path / "new" / "oddstail" / "config.toml"
    assert (done.exit_code, done.output) == (0, f"{path}\n")
    assert path.stat().st_mode & 0o777 == 0o600
    assert config.load(env, ["opticodds"]) == config.Config(path=path, found=True)
    again = CliRunner().invoke(app, ["config", "init"], env=env)
    assert (again.exit_code, "already exists" in again.output) == (2, True)


def test_every_line_of_the_first_file_makes_sense_once_its_comment_is_off(run: Callable[..., Result]) -> None:
    from oddstail.cli.configuring import TEMPLATE

    lines = [
        line.removeprefix("# ")
        for line in TEMPLATE.splitlines()
        if line.startswith("# ") and ("[" in line or " = " in line) and "key_file" not in line
    ]
    done = run("config check", "\n".join(lines))
    assert (done.exit_code, "is sound" in done.output) == (0, True), done.output


def test_list_and_doctor_go_the_way_that_streams_go(run: Callable[..., Result]) -> None:
    text = '[boltodds]\nbase-url = "http://127.0.0.1:1/bolt"\nkey = "demo"\n'
    assert "GET http://127.0.0.1:1/bolt/api/get_info" in run("list books boltodds -n", text).output
    assert (
        "GET http://127.0.0.1:2/api/get_info"
        in run("list books boltodds -n --base-url http://127.0.0.1:2", text).output
    )
    assert (
        "127.0.0.1:3/api/get_info" in run("list books boltodds -n", text, ODDSTAIL_BASE_URL="http://127.0.0.1:3").output
    )
    done = run("doctor boltodds", text)
    assert (done.exit_code, "127.0.0.1 is 127.0.0.1" in done.output) == (3, True), done.output
