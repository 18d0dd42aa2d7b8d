"""Arguments, variables and config files that are hostile or broken: one sentence, exit 2, and nothing is run or shown."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from oddstail.cli.saving import SavingFlags, saving
from oddstail.model import UsageError
from tests.e2e.support import ASK, KEYS, Ran, run

HOOK = "https://me:hunter2222@hooks.example/services/T0001/B0001/s3cr3tt0k3nAbCdEf?sig=qqqqqqqq11112222"


@pytest.fixture
def play(tmp_path: Path) -> Callable[..., Ran]:
    """Runs the real command with a home and a config file of its own."""

    def play(*args: str, config: str = "", mode: int = 0o600, folder: int = 0o700, **env: str) -> Ran:
        path = tmp_path / ".config/oddstail/config.toml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(config)
        path.chmod(mode)
        path.parent.chmod(folder)
        base = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "LC_ALL": "C.UTF-8", **KEYS}
        return run(*args, env={**base, **env})

    return play


def one_sentence(ran: Ran, *says: str) -> None:
    assert ran.code == 2, ran.err
    assert ran.err.count("\n") == 1, ran.err
    for text in says:
        assert text in ran.err


@pytest.mark.parametrize("command", [
    ["config", "check"], ["config", "show"], [*ASK["opticodds"]], ["run", "opticodds"], ["list", "sports", "opticodds"], ["demo"],
], ids=" ".join)  # fmt: skip
@pytest.mark.parametrize(
    ("mode", "folder", "text"),
    [
        pytest.param(0o666, 0o700, '[defaults]\nexec = "touch RAN"\nalert = "main"\n', id="config-0666-exec"),
        pytest.param(0o620, 0o700, '[opticodds]\nkey_command = "touch RAN"\n', id="config-0620-key-command"),
        pytest.param(0o600, 0o777, '[opticodds]\nkey_command = "touch RAN"\n', id="folder-0777"),
    ],
)
def test_config_that_others_can_change_runs_nothing(
    play: Callable[..., Ran], tmp_path: Path, command: list[str], mode: int, folder: int, text: str
) -> None:
    ran = play(*command, config=text.replace("RAN", str(tmp_path / "ran")), mode=mode, folder=folder)
    one_sentence(ran, "can be changed by others; fix it with: chmod ")
    assert not (tmp_path / "ran").exists()


def test_doctor_reports_a_config_that_others_can_change(play: Callable[..., Ran]) -> None:
    ran = play("doctor", "opticodds", "--no-stream", "--base-url", "http://127.0.0.1:1", config="", mode=0o666)
    assert ran.code == 2
    assert b"FAIL" in ran.out
    assert b"can be changed by others; fix it with: chmod 600" in ran.out


@pytest.mark.parametrize("where", ["environment", "defaults", "provider"])
def test_webhook_address_is_masked_in_config_show(play: Callable[..., Ran], where: str) -> None:
    config = {"defaults": f'[defaults]\nwebhook = "{HOOK}"\n', "provider": f'[boltodds]\nwebhook = "{HOOK}"\n'}
    ran = play(
        "config", "show", config=config.get(where, ""), **({"ODDSTAIL_WEBHOOK": HOOK} if where == "environment" else {})
    )
    assert ran.code == 0, ran.err
    assert b"webhook = ****" in ran.out
    assert b"hooks.example" not in ran.out
    assert b"s3cr3t" not in ran.out + ran.err.encode()


@pytest.mark.parametrize(
    "config",
    [
        f'[defaults]\nwebhook = ["{HOOK}"]\n',
        f'[defaults]\nwebhook = {{ a = "{HOOK}" }}\n',
        f'[defaults]\nwebhook = "{HOOK}\\u0000"\n',
    ],
    ids=["list", "table", "nul"],
)
def test_webhook_that_makes_no_sense_is_not_repeated(play: Callable[..., Ran], config: str) -> None:
    ran = play(*ASK["opticodds"], "--dry-run", config=config)
    assert ran.code == 2
    assert "--webhook" in ran.err
    assert "s3cr3t" not in ran.err
    assert "hunter" not in ran.err


@pytest.mark.parametrize(
    "url",
    ["ftp://hooks.example/s3cr3t", "https://hooks.example/s3cr3t\n", "https:///s3cr3t", "s3cr3t", "https://h:0/s3cr3t"],
)
def test_webhook_that_is_no_address_is_not_repeated(play: Callable[..., Ran], url: str) -> None:
    ran = play(*ASK["opticodds"], "--alert", "main", "--webhook", url)
    one_sentence(ran, "--webhook is not an address")
    assert "s3cr3t" not in ran.err


BAD = "b\udcff"


@pytest.mark.parametrize("args", [
    ["opticodds", "-s", BAD], ["opticodds", f"-s{BAD}"], ["opticodds", f"--sport={BAD}"], ["list", BAD], ["demo", "--team", BAD],
    ["replay", BAD], ["verify", BAD], ["run", BAD], ["doctor", BAD], ["config", "show", BAD], [BAD], [f"--{BAD}"],
    [*ASK["boltodds"], "-w", BAD], [*ASK["boltodds"], "--where", f"book = '{BAD}'"], [*ASK["boltodds"], "--exec", BAD],
], ids=ascii)  # fmt: skip
def test_argument_that_is_no_utf8(play: Callable[..., Ran], args: list[str]) -> None:
    one_sentence(play(*args), "is not valid UTF-8", "\\udcff")


@pytest.mark.parametrize("name", ["ODDSTAIL_SPORT", "ODDSTAIL_WEBHOOK", "ODDSTAIL_EXEC"])
def test_variable_that_is_no_utf8_is_named_and_not_shown(play: Callable[..., Ran], name: str) -> None:
    ran = play(*ASK["opticodds"], **{name: BAD})
    one_sentence(ran, f"${name} is not valid UTF-8")
    assert "udcff" not in ran.err


def test_key_that_is_no_utf8_is_refused(play: Callable[..., Ran]) -> None:
    ran = play(*ASK["opticodds"], OPTICODDS_API_KEY="k-secret\udcff123")
    one_sentence(ran, "has a space or a character that no key has")
    assert "k-secret" not in ran.err


@pytest.mark.parametrize(
    "line",
    ['exec = "x\\u0000"', 'on-rotate = "x\\u0000"', 'webhook = "https://h.example/\\u0000"', 'write = "a\\u0000b"', 'tape = "a\\u0000b"',
     'log-file = "a\\u0000b"', 'summary-json = "a\\u0000b"', 'base-url = "https://h.example/\\u0000"', 'ca-bundle = "a\\u0000b"',
     'lock = "a\\u0000b"', 'book = ["a\\u0000b"]'],
    ids=lambda line: line.partition(" ")[0],
)  # fmt: skip
def test_nul_in_the_config_file_is_said_at_the_start(play: Callable[..., Ran], line: str) -> None:
    ran = play(*ASK["opticodds"], config=f"[defaults]\n{line}\n" if "book" not in line else f"[opticodds]\n{line}\n")
    one_sentence(ran, f"--{line.partition(' ')[0]} contains a NUL character; remove it (set by ")


@pytest.mark.parametrize(
    "table", ['key_command = "echo x\\u0000"', 'key_file = "a\\u0000b"', 'alias = { dk = "a\\u0000b" }']
)
def test_nul_in_a_providers_table_is_said(play: Callable[..., Ran], table: str) -> None:
    ran = play(*ASK["opticodds"], config=f"[opticodds]\n{table}\n", OPTICODDS_API_KEY="")
    one_sentence(ran, "oddstail: ")


def fifo(path: Path) -> str:
    os.mkfifo(path)
    return str(path)


def huge(path: Path) -> str:
    path.write_text("k" * 70_000)
    path.chmod(0o600)
    return str(path)


@pytest.mark.parametrize("way", ["flag", "variable", "credentials", "config"])
@pytest.mark.parametrize(
    ("says", "make"),
    [
        pytest.param("has more than 64 KiB", lambda path: "/dev/zero", id="dev-zero"),
        pytest.param("has more than 64 KiB", huge, id="huge"),
        pytest.param("is a directory; name a file", lambda path: str(path.parent), id="directory"),
        pytest.param("did not end within 5 s", fifo, id="fifo-without-a-writer"),
    ],
)
def test_key_file_without_an_end(
    play: Callable[..., Ran], tmp_path: Path, says: str, make: Callable[[Path], str], way: str
) -> None:
    path = make(tmp_path / "key")
    args, env, config = [*ASK["opticodds"]], {"OPTICODDS_API_KEY": ""}, ""
    if way == "flag":
        args += ["--key-file", path]
    elif way == "variable":
        env["OPTICODDS_API_KEY_FILE"] = path
    elif way == "config":
        config = f'[opticodds]\nkey_file = "{path}"\n'
    else:
        (tmp_path / "creds").mkdir()
        (tmp_path / "creds/opticodds").symlink_to(path)
        env["CREDENTIALS_DIRECTORY"] = str(tmp_path / "creds")
    one_sentence(play(*args, config=config, **env), says)


@pytest.mark.parametrize("args", [
    [*ASK["opticodds"][:3], "-s", "VALUE", "-b", "DraftKings"], ["parlayapi", "--no-validate", "-s", "VALUE"],
    ["parlayapi", "--no-validate", "-s", "VALUE", "--transport", "ws"], ["parlayapi", "--no-validate", "-s", "VALUE", "--feed", "plays", "-g", "1"],
    ["parlayapi", "--no-validate", "-s", "VALUE", "--watch-health", "5"],
    ["rapidodds", "--no-validate", "-s", "VALUE", "-b", "Pinnacle", "-m", "head_to_head"],
], ids=lambda args: " ".join(args[:1] + args[4:]))  # fmt: skip
@pytest.mark.parametrize("value", ["../../admin?x=1#", "a/b", "..", ".", "%2e%2e", "a b&c", "é"])
def test_value_stays_one_segment_of_a_path(play: Callable[..., Ran], args: list[str], value: str) -> None:
    plain = play(*[arg.replace("VALUE", "plain") for arg in args], "--dry-run")
    odd = play(*[arg.replace("VALUE", value) for arg in args], "--dry-run")
    assert (plain.code, odd.code) == (0, 0), odd.err

    def paths(ran: Ran) -> list[int]:
        addresses = [word for word in ran.out.decode().split() if word.startswith(("http", "ws"))]
        assert addresses
        assert not [
            address for address in addresses if "/../" in f"{address}/" or "/./" in f"{address}/" or "#" in address
        ]
        return [address.partition("?")[0].count("/") for address in addresses]

    assert paths(plain) == paths(odd)


@pytest.mark.parametrize("occupied", [True, False])
def test_state_without_a_home_is_only_kept_in_a_folder_of_ours(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, occupied: bool
) -> None:
    """As for a user of a container: no HOME, and none in the password file."""

    def nobody(uid: int) -> None:
        raise KeyError(uid)

    monkeypatch.setattr("pwd.getpwuid", nobody)
    monkeypatch.setattr("os.environ", {"TMPDIR": str(tmp_path)})
    folder = tmp_path / f"oddstail-{os.getuid()}"
    if occupied:
        folder.symlink_to(tmp_path)
        with pytest.raises(UsageError, match="is not our own directory with mode 700; remove it, or set HOME"):
            saving(SavingFlags(lock="nba"))
    else:
        assert saving(SavingFlags(lock="nba")).lock == folder / "locks/nba.lock"
    assert saving(SavingFlags()).lock is None, "what needs no state goes on"


def test_capture_goes_to_regular_file(play: Callable[..., Ran], tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "odds.ndjson")
    ran = play(*ASK["opticodds"], "--dry-run", "-w", f"{tmp_path}/odds")
    one_sentence(ran, "is neither a file nor a directory; ")
    assert [path.name for path in tmp_path.iterdir() if path.name != ".config"] == ["odds.ndjson"]


@pytest.mark.parametrize("flags", [
    pytest.param(["-w", "{x}", "--tape", "{x}"], id="records-and-tape"),
    pytest.param(["-w", "{x}", "--tape", "{link}", "--append"], id="records-and-tape-by-a-link"),
    pytest.param(["-w", "{x}", "--summary-json", "{x}"], id="records-and-summary"),
    pytest.param(["--tape", "{x}", "--log-file", "{x}", "--append"], id="tape-and-log"),
    pytest.param(["--log-file", "{x}", "--summary-json", "{link}"], id="log-and-summary"),
])  # fmt: skip
def test_two_flags_never_write_one_file(play: Callable[..., Ran], tmp_path: Path, flags: list[str]) -> None:
    (tmp_path / "link.ndjson").symlink_to("x.ndjson")
    names = {"x": str(tmp_path / "x.ndjson"), "link": str(tmp_path / "link.ndjson")}
    one_sentence(
        play(*ASK["opticodds"], *[one.format(**names) for one in flags]), "cannot write the same file", "name two"
    )


def test_log_file_that_is_a_pipe_without_a_reader(play: Callable[..., Ran], tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "log")
    one_sentence(play(*ASK["opticodds"], "--log-file", str(tmp_path / "log")), "cannot be written", "; name another")
