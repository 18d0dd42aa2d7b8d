"""Where a key comes from, in which order, and what is refused; no message shows what was refused."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from oddstail import keys
from oddstail.providers import KEY_VARIABLES
from oddstail.text import holds_a_key

KEY, OTHER = "k-secret-0123456789", "k-other-0123456789"


def find(env: dict[str, str], key_file: Path | None = None) -> str:
    return keys.find("opticodds", "OpticOdds", env, key_file).reveal()


@pytest.fixture
def held(tmp_path: Path) -> Callable[..., str]:
    """Makes a file that only we can read, and returns its path."""

    def make(text: str, name: str = "key", mode: int = 0o600) -> str:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        path.chmod(mode)
        return str(path)

    return make


def test_the_flag_wins_over_the_environment_and_that_over_a_file(held: Callable[..., str]) -> None:
    path = held(KEY)
    names = ("OPTICODDS_API_KEY", "ODDSTAIL_OPTICODDS_API_KEY")
    assert find(dict.fromkeys(names, OTHER), Path(path)) == KEY
    assert find({names[0]: KEY, names[1]: OTHER}) == KEY
    assert find({names[1]: KEY, "OPTICODDS_API_KEY_FILE": held(OTHER, "other")}) == KEY
    assert find({"OPTICODDS_API_KEY_FILE": path}) == KEY
    assert find({"ODDSTAIL_OPTICODDS_API_KEY_FILE": path}) == KEY


@pytest.mark.parametrize(
    ("provider", "variable"),
    [
        pytest.param(provider, variable, id=variable)
        for provider, variables in KEY_VARIABLES.items()
        for variable in variables
    ],
)
def test_the_vendors_own_variables_are_read_after_ours(provider: str, variable: str) -> None:
    found = keys.locate(provider, provider, {variable: KEY})
    assert (found.secret.reveal(), found.where) == (KEY, f"${variable}, the vendor's own variable")
    assert (
        keys.locate(provider, provider, {variable: OTHER, f"ODDSTAIL_{provider.upper()}_API_KEY": KEY}).secret.reveal()
        == KEY
    )
    assert holds_a_key(variable)


@pytest.mark.parametrize("name", ["OPTICODDS_API_KEY", "opticodds_api_key", "opticodds"])
def test_a_service_managers_credential_may_have_any_mode(held: Callable[..., str], name: str, tmp_path: Path) -> None:
    held(KEY, name, 0o444)
    assert find({"CREDENTIALS_DIRECTORY": str(tmp_path)}) == KEY


@pytest.mark.parametrize("text", [KEY, f"{KEY}\n", f"  {KEY}\r\n\n"], ids=["bare", "lf", "crlf"])
def test_space_around_a_key_is_no_part_of_it(held: Callable[..., str], text: str) -> None:
    assert find({}, Path(held(text))) == KEY
    assert find({"OPTICODDS_API_KEY": text}) == KEY


def test_a_key_from_a_pipe_needs_no_mode(tmp_path: Path) -> None:
    path = tmp_path / "pipe"
    os.mkfifo(path, 0o644)
    writer = threading.Thread(target=path.write_text, args=(KEY,))
    writer.start()
    assert find({}, path) == KEY
    writer.join()


@pytest.mark.parametrize(
    "text",
    ['[opticodds]\nkey = "KEY"\n', '[opticodds]\nkey_file = "key"\n'],
    ids=["key", "key-file-beside-it"],
)
def test_the_config_file(held: Callable[..., str], tmp_path: Path, text: str) -> None:
    held(KEY, ".config/oddstail/key")
    held(text.replace("KEY", KEY), ".config/oddstail/config.toml")
    assert find({"HOME": str(tmp_path)}) == KEY
    assert find({"XDG_CONFIG_HOME": str(tmp_path / ".config"), "HOME": "/nonexistent"}) == KEY


def test_a_config_file_without_keys_may_be_read_by_all(held: Callable[..., str], tmp_path: Path) -> None:
    held(KEY, "key")
    held(f'[opticodds]\nkey_file = "{tmp_path}/key"\n', ".config/oddstail/config.toml", 0o644)
    assert find({"HOME": str(tmp_path)}) == KEY


@pytest.mark.parametrize("data", [f"{KEY}\r\n", f"\ufeff{KEY}\n", f"  {KEY}"], ids=["crlf", "bom", "spaces"])
def test_key_file_as_editors_write_it(held: Callable[..., str], data: str) -> None:
    assert find({}, Path(held(data))) == KEY


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o604, 0o666, 0o620])
def test_a_key_that_others_can_reach_is_refused(held: Callable[..., str], tmp_path: Path, mode: int) -> None:
    held(f'[opticodds]\nkey = "{KEY}"\n', ".config/oddstail/config.toml", mode)
    for env, path in (({}, Path(held(KEY, mode=mode))), ({"HOME": str(tmp_path)}, None)):
        with pytest.raises(keys.KeyUnusableError, match="chmod 600") as caught:
            find(env, path)
        assert (caught.value.missing, KEY in str(caught.value)) == (False, False)


@pytest.mark.parametrize(
    ("missing", "says", "env"),
    [
        (True, "set OPTICODDS_API_KEY", {}),
        (True, "set OPTICODDS_API_KEY", {"OPTICODDS_API_KEY": ""}),
        (True, "set OPTICODDS_API_KEY", {"OPTICODDS_API_KEY": " ", "HOME": "/nonexistent"}),
        (True, "set OPTICODDS_API_KEY", {"CREDENTIALS_DIRECTORY": "/nonexistent"}),
        (False, "has a space or a character", {"OPTICODDS_API_KEY": "k-secret 123"}),
        (False, "has a space or a character", {"OPTICODDS_API_KEY": "k-secret\n123"}),
        (False, "has a space or a character", {"OPTICODDS_API_KEY": "k-secret\u200b123"}),
        (False, "has 4,105 characters, more than any key", {"OPTICODDS_API_KEY": "k-secret-" + "x" * 4096}),
        (False, "cannot read", {"OPTICODDS_API_KEY_FILE": "/nonexistent"}),
        (False, "is a directory", {"OPTICODDS_API_KEY_FILE": "/"}),
    ],
    ids=["none", "empty", "blank", "no-folder", "space", "line-feed", "zero-width", "too-long", "no-file", "folder"],
)
def test_no_key(missing: bool, says: str, env: dict[str, str]) -> None:
    with pytest.raises(keys.KeyUnusableError, match=says) as caught:
        find(env)
    assert missing == caught.value.missing
    assert "k-secret" not in str(caught.value)


@pytest.mark.parametrize(
    "text",
    [
        "x = " + "[" * 5000,
        "x = " + "1" * 5000,
        "[opticodds\n",
        "\x00",
        'opticodds = "x"\n[[',
        "key = 'k-secret-0123456789",
    ],
)
def test_a_config_file_that_is_no_toml_is_named_and_not_quoted(
    held: Callable[..., str], tmp_path: Path, text: str
) -> None:
    path = held(text, ".config/oddstail/config.toml")
    with pytest.raises(keys.KeyUnusableError, match="is not valid TOML") as caught:
        find({"HOME": str(tmp_path)})
    assert path in str(caught.value)
    assert "k-secret" not in str(caught.value)


@pytest.mark.parametrize(
    ("says", "text"),
    [
        (r"\[opticodds\] is not a table", "opticodds = 7\n"),
        (r"\[opticodds\] key is not text", "[opticodds]\nkey = 7\n"),
    ],
)
def test_what_is_no_key_is_said_and_not_passed_over(
    held: Callable[..., str], tmp_path: Path, says: str, text: str
) -> None:
    held(text, ".config/oddstail/config.toml")
    with pytest.raises(keys.KeyUnusableError, match=says):
        find({"HOME": str(tmp_path)})


@pytest.mark.parametrize(
    ("says", "command"),
    [
        ("cannot be run: /nonexistent: No such file", "/nonexistent --show"),
        ("failed with 3", "sh -c 'echo k-secret; exit 3'"),
        ("is empty", "true"),
        ("is empty", ""),
        ("cannot be read: No closing quotation", "echo '"),
        ("has a space", "printf 'k-secret and more'"),
        ("printed more than 64 KiB", "yes k-secret"),
        ("has a NUL", "echo \\u0000"),
    ],
)
def test_a_key_command_that_gives_no_key(held: Callable[..., str], tmp_path: Path, says: str, command: str) -> None:
    held(f'[opticodds]\nkey_command = "{command}"\n', ".config/oddstail/config.toml")
    with pytest.raises(keys.KeyUnusableError, match=says) as caught:
        find({"HOME": str(tmp_path)})
    assert "k-secret" not in str(caught.value)


def test_a_key_command_that_does_not_end_is_ended(
    held: Callable[..., str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keys, "_PATIENCE", 0.3)
    for command in ("sleep 30", "sh -c 'sleep 3 & echo k-secret'", "sh -c 'exec >&-; sleep 30'"):
        held(f'[opticodds]\nkey_command = "{command}"\n', ".config/oddstail/config.toml")
        with pytest.raises(keys.KeyUnusableError, match="did not end within"):
            find({"HOME": str(tmp_path)})


@pytest.mark.parametrize("name", ["~nobody-of-that-name/key", "a\\u0000b"])
def test_a_key_file_that_can_be_no_file(held: Callable[..., str], tmp_path: Path, name: str) -> None:
    held(f'[opticodds]\nkey_file = "{name}"\n', ".config/oddstail/config.toml")
    with pytest.raises(keys.KeyUnusableError, match="names no file"):
        find({"HOME": str(tmp_path)})


def test_a_key_command_is_arguments_and_no_shell_and_runs_once(held: Callable[..., str], tmp_path: Path) -> None:
    ran = tmp_path / "ran"
    tool = held(f'#!/bin/sh\necho "$@" >> {ran}\necho {KEY}\n', "tool", 0o700)
    held(f'[opticodds]\nkey_command = "{tool} show $HOME; odds"\n', ".config/oddstail/config.toml", 0o644)
    assert [find({"HOME": str(tmp_path)}) for _ in range(3)] == [KEY] * 3
    assert ran.read_text() == "show $HOME; odds\n"


def test_where_a_key_was_is_told_without_it(held: Callable[..., str], tmp_path: Path) -> None:
    held(f'[opticodds]\nkey = "{KEY}"\n', ".config/oddstail/config.toml")
    path = held(KEY)
    for where, env, key_file in [
        ("$OPTICODDS_API_KEY", {"OPTICODDS_API_KEY": KEY}, None),
        (f"{path}, named by --key-file", {}, Path(path)),
        (f"{tmp_path}/.config/oddstail/config.toml [opticodds] key", {"HOME": str(tmp_path)}, None),
    ]:
        found = keys.locate("opticodds", "OpticOdds", env, key_file)
        assert (found.where, found.secret.reveal()) == (where, KEY)
        assert KEY not in repr(found)
