"""Where files belong: the variables of XDG, a home, and environments that have neither."""

from __future__ import annotations

from pathlib import Path

import pytest

from oddstail import places


@pytest.mark.parametrize(
    ("expected", "env"),
    [
        ("/x/oddstail", {"XDG_CACHE_HOME": "/x", "HOME": "{home}"}),
        ("{home}/.cache/oddstail", {"HOME": "{home}"}),
        ("{home}/.cache/oddstail", {"XDG_CACHE_HOME": "relative", "HOME": "{home}"}),
        (None, {}),
        (None, {"HOME": ""}),
        (None, {"HOME": "{home}/missing"}),
    ],
    ids=["set", "not set", "relative is ignored", "cron", "empty", "a home that is not there"],
)
def test_the_cache(tmp_path: Path, expected: str | None, env: dict[str, str]) -> None:
    found = places.cache({name: value.format(home=tmp_path) for name, value in env.items()})
    assert found == (None if expected is None else Path(expected.format(home=tmp_path)))


def test_what_processes_share_is_in_the_runtime_folder_or_else_in_the_state() -> None:
    assert places.runtime({"XDG_RUNTIME_DIR": "/run/user/1", "XDG_STATE_HOME": "/s"}) == Path("/run/user/1/oddstail")
    assert places.runtime({"XDG_STATE_HOME": "/s"}) == Path("/s/oddstail")
