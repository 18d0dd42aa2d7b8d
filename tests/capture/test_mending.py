"""What a crashed run left, file by file: what is whole stays complete, what is torn is named where it lies."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from oddstail.capture import file, manifest
from oddstail.capture.mending import settle

HEAD = b'{"type":"header","program":"oddstail 0.1.0","run":"r1","part":1}\n'


def scan(lines: Iterable[bytes]) -> dict[str, Any]:
    return {"records": sum(1 for _ in lines) - 1}


def test_what_was_closed_but_for_its_name_is_complete(tmp_path: Path) -> None:
    """A kill between the manifest and the rename: nothing of it is missing, and nobody should say so."""
    final = tmp_path / "a.ndjson"
    (tmp_path / "a.ndjson.part").write_bytes(HEAD + b"1\n")
    told = manifest.of(final, facts={"records": 1}, opened=0, closed=0, run="r1", part=1, why="ended", complete=True,
                       size=len(HEAD) + 2, raw=len(HEAD) + 2, sha256=hashlib.sha256(HEAD + b"1\n").hexdigest())  # fmt: skip
    manifest.write(final, told)
    found = settle(final, scan)
    assert (found and found.records, final.read_bytes()) == (1, HEAD + b"1\n")
    assert manifest.read(final) == told


def test_a_manifest_of_something_else_is_no_word_on_it(tmp_path: Path) -> None:
    final = tmp_path / "a.ndjson"
    (tmp_path / "a.ndjson.part").write_bytes(HEAD + b"1\n")
    manifest.write(final, {"file": "a.ndjson", "program": "oddstail 0", "complete": True, "sha256": "0"})
    assert settle(final, scan)
    told = manifest.read(final)
    assert told is not None
    assert (told["complete"], told["why"]) == (False, "recovered")


def test_a_torn_end_lies_beside_the_file_that_it_was_cut_from(tmp_path: Path) -> None:
    """Somebody has the name already: what is recovered steps aside, and its torn end goes with it."""
    final = tmp_path / "a.ndjson"
    final.write_bytes(b"precious\n")
    (tmp_path / "a.ndjson.part").write_bytes(HEAD + b"1\n2")
    found = settle(final, scan)
    assert found is not None
    assert (found.path.name, found.torn) == ("a-recovered1.ndjson", 1)
    assert manifest.torn(found.path).read_bytes() == b"2"
    assert (final.read_bytes(), found.path.read_bytes()) == (b"precious\n", HEAD + b"1\n")


@pytest.mark.parametrize("taken", [False, True])
def test_what_has_its_name_already_gets_no_second_one(
    taken: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where no system call renames alone (NFS), a kill leaves both names, of a recovered file too."""
    monkeypatch.setattr(file, "_exclusive_rename", lambda old, new: False)
    final, part = tmp_path / "a.ndjson", tmp_path / "a.ndjson.part"
    if taken:
        final.write_bytes(b"precious\n")
    part.write_bytes(HEAD + b"1\n")
    unlink = os.unlink
    monkeypatch.setattr(os, "unlink", lambda path: None if Path(path) == part else unlink(path))
    assert settle(final, scan)
    assert part.exists()
    monkeypatch.setattr(os, "unlink", unlink)
    assert settle(final, scan) is None
    held = [path.name for path in tmp_path.glob("*.ndjson*") if path.read_bytes() == HEAD + b"1\n"]
    assert held == ["a-recovered1.ndjson" if taken else "a.ndjson"]
    assert json.loads(manifest.beside(tmp_path / held[0]).read_text())["file"] == held[0]
