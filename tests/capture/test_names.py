"""What a path means, and that no name leaves its directory, whatever a server put into a label."""

from __future__ import annotations

from pathlib import PurePosixPath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oddstail.capture.names import DEFAULT, TOKENS, safe, template
from oddstail.capture.rotation import rotation
from oddstail.run.keeping import names
from tests.support import request

VALUES = {
    "provider": "opticodds",
    "feed": "odds",
    "label": "NBA",
    "date": "2026-01-31",
    "start": "20260131T182207Z",
    "run": "4f2a11",
    "part": "0001",
    "split": "Pinnacle",
}


@pytest.mark.parametrize(
    ("path", "options", "root", "name"),
    [
        ("captures", {"folder": True}, "captures", "date=2026-01-31/opticodds-odds-NBA-20260131T182207Z-4f2a11-0001.ndjson"),
        ("captures/", {}, "captures", "date=2026-01-31/opticodds-odds-NBA-20260131T182207Z-4f2a11-0001.ndjson"),
        ("captures/", {"split": True}, "captures", "date=2026-01-31/Pinnacle/opticodds-odds-NBA-20260131T182207Z-4f2a11-0001.ndjson"),
        ("c/{provider}/", {}, "c", "opticodds/date=2026-01-31/opticodds-odds-NBA-20260131T182207Z-4f2a11-0001.ndjson"),
        ("x.ndjson", {}, ".", "x.ndjson"),
        ("x", {}, ".", "x.ndjson"),
        ("/var/x.json", {}, "/var", "x.json"),
        ("/x.ndjson", {}, "/", "x.ndjson"),
        ("x.ndjson.gz", {}, ".", "x.ndjson"),
        ("x.ndjson", {"rotates": True}, ".", "x-0001.ndjson"),
        ("x.ndjson", {"split": True}, ".", "x-Pinnacle-0001.ndjson"),
        ("c/{date}/{label}.ndjson", {}, "c", "2026-01-31/NBA.ndjson"),
        ("c/{provider}-{part}", {"rotates": True}, "c", "opticodds-0001.ndjson"),
        ("../c/{date}.ndjson", {}, "../c", "2026-01-31.ndjson"),
    ],
)  # fmt: skip
def test_what_a_path_means(path: str, options: dict[str, bool], root: str, name: str) -> None:
    made = template(path, ".ndjson", **{"folder": False, **options})
    assert (str(made.root), str(made.path(VALUES))) == (root, name)


@pytest.mark.parametrize(
    ("path", "options", "said"),
    [
        ("", {}, "empty"),
        ("c/{when}.ndjson", {}, "{when} is not a token"),
        ("c/{date", {}, "a brace too many"),
        ("c/{date}/../x.ndjson", {}, "climb"),
        ("c/{provider}/..", {}, "climb"),
        ("{date}.ndjson", {"split": True}, "--split needs {split}"),
        ("{label}.ndjson", {"rotates": True}, "{part} or {start}"),
    ],
)
def test_what_no_path_means(path: str, options: dict[str, bool], said: str) -> None:
    with pytest.raises(ValueError, match=said.replace("{", r"\{").replace("}", r"\}")):
        template(path, ".ndjson", **{"folder": False, **options})


@given(st.text())
def test_a_value_becomes_one_harmless_piece_of_a_name(text: str) -> None:
    word = safe(text)
    assert word
    assert word.isascii()
    assert not set(word) - set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._+-")
    assert not word.startswith((".", "-", "/"))
    assert word == "_" or any(char.isalnum() or char == "+" for char in word)
    assert len(word) <= 48


@given(st.fixed_dictionaries({token: st.text() for token in TOKENS}), st.integers(0, 3))
def test_no_label_leads_out_of_the_directory(values: dict[str, str], bump: int) -> None:
    for pattern in (DEFAULT, "{label}/{split}.x", "{provider}{label}", "{label}"):
        path = template(f"root/{pattern}", ".ndjson", folder=False).path(values, bump)
        assert not path.is_absolute()
        assert ".." not in path.parts
        assert len(path.parts) == len(PurePosixPath(pattern).parts)
        assert all(len(part.encode()) < 240 for part in path.parts)


HOUR = 3_600_000_000


@pytest.mark.parametrize(
    ("text", "now", "border", "size"),
    [
        ("1h", 5 * HOUR, 6 * HOUR, None),
        ("1h", 5 * HOUR + 1, 6 * HOUR, None),
        ("hour", 6 * HOUR - 1, 6 * HOUR, None),
        ("day", 5 * HOUR, 24 * HOUR, None),
        ("15m", 5 * HOUR, 5 * HOUR + HOUR // 4, None),
        ("100MB", 0, None, 100_000_000),
        ("1h,64MiB", 0, HOUR, 64 << 20),
    ],
)
def test_borders_lie_on_utc(text: str, now: int, border: int | None, size: int | None) -> None:
    made = rotation(text)
    assert (made.border(now), made.size) == (border, size)


@pytest.mark.parametrize("text", ["", "soon", "1h,soon", "10ms", "0s", "1", "1h,5000"])
def test_no_rotation(text: str) -> None:
    with pytest.raises(ValueError, match=r"neither|at least 1s|no unit"):
        rotation(text)


def test_no_two_runs_of_years_have_the_same_name() -> None:
    """By it the parts of a run are known: those of two would be told as one."""
    assert len({names([request()])["run"] for _ in range(50_000)}) == 50_000
