"""`-w` as a person, cron and logrotate meet it: the real command over loopback, real files, real signals."""

from __future__ import annotations

import contextlib
import fcntl
import gzip
import hashlib
import json
import os
import pty
import resource
import shutil
import signal
import subprocess
import sys
import termios
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from oddstail.schema import schema
from tests.e2e.support import ASK, ENV, KEY, KEYS, PATIENCE, Peer, Running, Server, command, no_secret, run, sse, until
from tests.faults.wires import CONNECTED, odds

OPTIC = (*ASK["opticodds"], "-o", "none")
TEN = b"".join(odds(-110 - n, entry=f"1-{n}") for n in range(10))
SCHEMA = jsonschema.Draft202012Validator(schema())


@pytest.fixture(scope="module")
def ten() -> Iterator[str]:
    """Ten prices, and then quiet."""
    with Server([sse(CONNECTED, TEN)]) as server:
        yield server.url


def endless(peer: Peer) -> None:
    """Prices without an end, each a new entry."""
    sse(CONNECTED, hold=False)(peer)
    n = 0
    while peer.send(b"".join(odds(-110 - at % 50, entry=f"{n}-{at}") for at in range(50))):
        n += 1


def plain(folder: Path) -> list[Path]:
    """The closed captures, in the order in which they were begun."""
    return sorted((path for path in folder.rglob("*.ndjson*")), key=lambda path: path.name)


def records(*paths: Path) -> list[dict[str, Any]]:
    """What is in them, held against the schema."""
    out = []
    for path in paths:
        data = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
        for line in data.splitlines():
            out.append(json.loads(line))
            SCHEMA.validate(out[-1])
    return out


def own(*paths: Path) -> list[dict[str, Any]]:
    """Records but for headers and what was carried over."""
    return [record for record in records(*paths) if record["type"] != "header" and "carried" not in record]


def manifest(path: Path) -> dict[str, Any]:
    """What lies beside a capture."""
    stem = path.name.removesuffix(".gz").removesuffix(".zst").removesuffix(".ndjson")
    told: dict[str, Any] = json.loads(path.with_name(f"{stem}.meta.json").read_text())
    return told


# --- what is written ------------------------------------------------------------------------------


def test_the_file_has_the_very_records_of_stdout(ten: str, tmp_path: Path) -> None:
    ran = run(*ASK["opticodds"], "--base-url", ten, "--json", "-w", f"{tmp_path}/", "-c", "5")
    (path,) = plain(tmp_path)
    header, *lines = [line.strip() for line in path.read_bytes().splitlines()]
    assert ran.out.splitlines() == lines
    said = json.loads(header)
    assert (said["type"], said["provider"], said["part"]) == ("header", "opticodds", 1)
    assert f"-w {tmp_path}/" in said["argv"]
    assert json.loads(said["subscription"])[0]["params"]
    records(path)


@pytest.mark.parametrize("output", ["none", "lines", "table", "raw"])
def test_it_writes_beside_any_output(ten: str, tmp_path: Path, output: str) -> None:
    ran = run(*ASK["opticodds"], "--base-url", ten, "-o", output, "-w", f"{tmp_path}/", "-c", "5")
    assert (ran.code, len([one for one in own(*plain(tmp_path)) if one["type"] == "quote"])) == (0, 5)
    if output == "raw":
        assert ran.out.count(b"\n") == 5


def test_the_manifest_counts_sums_and_says_complete(ten: str, tmp_path: Path) -> None:
    run(*OPTIC, "--base-url", ten, "-w", f"{tmp_path}/", "-c", "10")
    (path,) = plain(tmp_path)
    told = manifest(path)
    assert told["sha256"] == hashlib.sha256(path.read_bytes()).hexdigest()
    assert (told["complete"], told["bytes"], told["types"]["quote"]) == (True, path.stat().st_size, 10)
    assert told["books"] == {"DraftKings": 10}
    said = own(path)
    assert (told["first"], told["last"], told["records"]) == (said[0]["recv"], said[-1]["recv"], len(said))


def test_a_gap_is_in_the_file_and_in_its_manifest(tmp_path: Path) -> None:
    with Server([sse(CONNECTED, odds(), hold=False), sse(CONNECTED, odds(-120, entry="2"))]) as server:
        run(*OPTIC, "--base-url", server.url, "-w", f"{tmp_path}/", "-c", "2")
    (path,) = plain(tmp_path)
    (gap,) = [record for record in own(path) if record["type"] == "gap"]
    assert [(one["from"], one["cause"]) for one in manifest(path)["gaps"]] == [(gap["from"], gap["cause"])]


def test_a_key_is_in_no_file(tmp_path: Path) -> None:
    with Server([sse(CONNECTED, odds(name=f"echo {KEY}"))]) as server:
        ran = run(*OPTIC, "--base-url", server.url, "-w", f"{tmp_path}/", "-c", "1")
    assert ran.code == 0
    for path in tmp_path.rglob("*.*"):
        assert KEY.encode() not in path.read_bytes()
        assert json.dumps(KEY)[1:-1].encode() not in path.read_bytes()
    assert "****" in own(*plain(tmp_path))[1]["key"] + own(*plain(tmp_path))[1]["selection"] + str(
        own(*plain(tmp_path))
    )
    no_secret(ran)


# --- rotation -------------------------------------------------------------------------------------


def test_by_size_nothing_is_lost_or_twice_and_each_file_stands_alone(tmp_path: Path) -> None:
    ids = b"".join(odds(-110, points=-n, name=f"Celtics {n % 20}", entry=f"1-{n}") for n in range(400))
    with Server([sse(CONNECTED, ids)]) as server:
        run(*OPTIC, "--base-url", server.url, "-w", f"{tmp_path}/", "--rotate", "40kB", "-c", "400")
    paths = plain(tmp_path)
    assert len(paths) >= 3
    assert [record["seq"] for record in own(*paths)] == list(range(1, len(own(*paths)) + 1))
    before: dict[str, dict[str, Any]] = {}
    for path in paths:
        header, *rest = records(path)
        assert header["type"] == "header"
        carried = {one["key"]: one for one in rest if one.get("carried") and one["type"] == "quote"}
        assert {key: {**one, "carried": True} for key, one in before.items()} == carried
        before |= {one["key"]: one for one in rest if one["type"] == "quote" and "carried" not in one}
    assert all(manifest(path)["why"] == "rotated" for path in paths[:-1])


def test_what_a_lost_link_said_is_not_carried(tmp_path: Path) -> None:
    with (
        Server([sse(CONNECTED, TEN, hold=False), sse(b": nothing more\n\n")]) as server,
        Running(*OPTIC, "--base-url", server.url, "-w", f"{tmp_path}/", "-v") as running,
    ):
        until(lambda: len(server.heads) > 1)
        running.process.send_signal(signal.SIGHUP)
        until(lambda: len(plain(tmp_path)) > 1)
        running.end(signal.SIGTERM)
    first, second = plain(tmp_path)
    assert sum(one["type"] == "quote" for one in records(first)) == 10
    assert [(one["type"], one.get("carried")) for one in records(second)][:2] == [("header", None), ("lost", True)]
    assert not any(one["type"] == "quote" for one in records(second))


def test_sighup_rotates_and_the_run_goes_on(tmp_path: Path) -> None:
    with Server([endless]) as server, Running(*OPTIC, "--base-url", server.url, "-w", f"{tmp_path}/") as running:
        until(lambda: any(path.stat().st_size > 50_000 for path in plain(tmp_path)))
        running.process.send_signal(signal.SIGHUP)
        until(lambda: len(list(tmp_path.rglob("*.meta.json"))) == 1)
        assert running.process.poll() is None
        ran = running.end(signal.SIGTERM, 5)
    assert ran.code == 143
    paths = plain(tmp_path)
    assert len(paths) == 2
    assert [record["seq"] for record in own(*paths)] == list(range(1, len(own(*paths)) + 1))


def test_a_terminal_that_hangs_up_ends_a_capture_too(tmp_path: Path, ten: str) -> None:
    master, slave = pty.openpty()

    def own_terminal() -> None:
        os.setsid()
        fcntl.ioctl(0, termios.TIOCSCTTY, 0)

    process = subprocess.Popen(
        command(*OPTIC, "--base-url", ten, "-w", f"{tmp_path}/"),
        env={**ENV, **KEYS}, stdin=slave, stdout=slave, stderr=subprocess.DEVNULL, preexec_fn=own_terminal,
    )  # fmt: skip
    os.close(slave)
    try:
        until(lambda: any(path.stat().st_size > 3000 for path in plain(tmp_path)))
        # With its terminal there, it is logrotate's signal ...
        process.send_signal(signal.SIGHUP)
        until(lambda: len(plain(tmp_path)) == 2)
        assert process.poll() is None
        # ... and the end when the window is closed.
        os.close(master)
        assert process.wait(PATIENCE) == 129
    finally:
        process.kill()
        process.wait()
    assert not list(tmp_path.rglob("*.part"))
    assert records(*plain(tmp_path))[-1]["exit"] == 129


def test_sigusr1_prints_the_summary_and_nothing_stops(tmp_path: Path, ten: str) -> None:
    with Running(*OPTIC, "--base-url", ten, "-w", f"{tmp_path}/", "-q") as running:
        until(lambda: any(path.stat().st_size > 3000 for path in plain(tmp_path)))
        running.process.send_signal(signal.SIGUSR1)
        running.says("running after")
        assert "10 quotes" in running.err.decode()
        assert running.end(signal.SIGTERM).code == 143


def test_split_by_game(tmp_path: Path) -> None:
    events = b"".join(odds(-110 - n, fixture_id=f"../../etc/G{n % 3}", entry=f"1-{n}") for n in range(9))
    with Server([sse(CONNECTED, events)]) as server:
        run(*OPTIC, "--base-url", server.url, "-w", f"{tmp_path}/", "--split", "game", "-c", "9")
    paths = [path for path in plain(tmp_path) if path.parent.name != "all"]
    assert sorted(path.parent.name for path in paths) == ["etc_G0", "etc_G1", "etc_G2"]
    for path in paths:
        assert {one["game_id"] for one in own(path) if one["type"] == "quote"} == {f"../../etc/G{path.parent.name[-1]}"}
        assert records(path)[1]["type"] == "opened"
        assert own(path)[-1]["type"] == "end"
    assert all(tmp_path in path.resolve().parents for path in plain(tmp_path))


# --- packing, keeping, telling --------------------------------------------------------------------


def test_gzip_after_closing_live_gzip_and_zstd_all_read_back(tmp_path: Path, ten: str) -> None:
    import zstandard

    for how in ("gzip", "live", "zstd"):
        ran = run(*OPTIC, "--base-url", ten, "-w", f"{tmp_path}/{how}/", "--compress", how, "-c", "10", "-q")
        assert (ran.code, ran.err) == (0, "")
        (path,) = plain(tmp_path / how)
        data = path.read_bytes()
        assert path.suffix == (".zst" if how == "zstd" else ".gz")
        told = manifest(path)
        assert (told["sha256"], told["bytes"], told["due"]) == (hashlib.sha256(data).hexdigest(), len(data), None)
        text = zstandard.ZstdDecompressor().decompressobj().decompress(data) if how == "zstd" else gzip.decompress(data)
        assert (text.count(b'"type":"quote"'), len(text)) == (10, told["raw_bytes"])


def test_keep_deletes_old_captures_and_nothing_else(tmp_path: Path, ten: str) -> None:
    old = tmp_path / "date=2020-01-01"
    old.mkdir()
    ours = [old / name for name in ("a.ndjson.gz", "a.meta.json", "a.torn")]
    others = [tmp_path / "notes.ndjson", old.parent / "precious.txt"]
    for path in (*ours, *others):
        path.write_text('{"program": "oddstail 0.1.0", "file": "a.ndjson.gz"}' if path.suffix == ".json" else "x\n")
        os.utime(path, (0, 0))
    run(*OPTIC, "--base-url", ten, "-w", f"{tmp_path}/", "--keep", "14d", "-c", "1")
    assert not old.exists()
    assert all(path.exists() for path in others)
    assert len(list(tmp_path.rglob("*.meta.json"))) == 1


def test_on_rotate_gets_the_path_no_shell_and_no_key(tmp_path: Path, ten: str) -> None:
    script = "import sys, os, json; json.dump([sys.argv[1:], dict(os.environ)], open(sys.argv[1], 'w'))"
    told = tmp_path / "told; touch x.json"
    told_by = f'{sys.executable} -c "{script}" "{told}" "$HOME" {{}}'
    ran = run(
        *OPTIC, "--base-url", ten, "-w", f"{tmp_path}/c/", "--on-rotate", told_by, "--compress", "gzip", "-c", "1"
    )
    assert ran.code == 0
    arguments, env = json.loads(told.read_text())
    assert arguments == [str(told), "$HOME", str(plain(tmp_path / "c")[0])]
    assert KEY not in env.values()


def test_an_on_rotate_that_fails_is_said_and_is_exit_8(tmp_path: Path, ten: str) -> None:
    ran = run(*OPTIC, "--base-url", ten, "-w", f"{tmp_path}/", "--on-rotate", "/bin/false", "-c", "1", "-q")
    assert ran.code == 8
    assert ran.err.startswith("oddstail: --on-rotate /bin/false: exit code 1 for ")
    assert ran.err.count("\n") == 1


def test_the_summary_is_json(tmp_path: Path, ten: str) -> None:
    path = tmp_path / "s.json"
    run(
        *OPTIC, "--base-url", ten, "-w", f"{tmp_path}/c/", "--summary-json", str(path), "-c", "10", "--compress", "gzip"
    )
    said = json.loads(path.read_text())
    assert (said["exit"], said["quotes"], said["gaps"], said["unwritten_bytes"]) == (0, 10, 0, 0)
    (packed,) = plain(tmp_path / "c")
    (told,) = said["files"]
    assert (told["file"], told["sha256"]) == (packed.name, hashlib.sha256(packed.read_bytes()).hexdigest())


# --- when it ends, and when it cannot go on -----------------------------------------------------------


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT], ids=lambda one: one.name)
def test_a_signal_flushes_closes_and_renames_within_five_seconds(tmp_path: Path, number: signal.Signals) -> None:
    with (
        Server([endless]) as server,
        Running(*OPTIC, "--base-url", server.url, "-w", f"{tmp_path}/", "--compress", "gzip") as running,
    ):
        until(lambda: any(path.stat().st_size > 200_000 for path in plain(tmp_path)))
        since = time.monotonic()
        ran = running.end(number, 5)
        assert time.monotonic() - since < 5
    assert ran.code == 128 + number
    (path,) = plain(tmp_path)
    assert not path.name.endswith(".part")
    said = own(path)
    assert [one["seq"] for one in said] == list(range(1, len(said) + 1))
    assert (said[-1]["type"], manifest(path)["complete"]) == ("end", True)


def test_what_was_not_packed_in_time_is_packed_at_the_next_start(tmp_path: Path, ten: str) -> None:
    run(*OPTIC, "--base-url", ten, "-w", f"{tmp_path}/", "-c", "1")
    (path,) = plain(tmp_path)
    beside = path.with_name(path.name.replace(".ndjson", ".meta.json"))
    beside.write_text(json.dumps({**json.loads(beside.read_text()), "due": "gzip"}))
    run(*OPTIC, "--base-url", ten, "-w", f"{tmp_path}/", "-c", "1", "--compress", "gzip")
    assert sorted(one.suffix for one in plain(tmp_path)) == [".gz", ".gz"]


def test_a_run_that_died_between_the_packed_file_and_the_plain_one_leaves_one_of_them(tmp_path: Path, ten: str) -> None:
    run(*OPTIC, "--base-url", ten, "-w", f"{tmp_path}/", "-c", "1")
    (path,) = plain(tmp_path)
    data = path.read_bytes()
    path.with_name(path.name + ".gz").write_bytes(gzip.compress(data))
    beside = path.with_name(path.name.replace(".ndjson", ".meta.json"))
    beside.write_text(json.dumps({**json.loads(beside.read_text()), "due": "gzip"}))
    run(*OPTIC, "--base-url", ten, "-w", f"{tmp_path}/", "-c", "1", "--compress", "gzip")
    packed = path.with_name(path.name + ".gz")
    assert not path.exists()
    assert gzip.decompress(packed.read_bytes()) == data
    assert manifest(packed)["sha256"] == hashlib.sha256(packed.read_bytes()).hexdigest()


def test_a_killed_run_is_finished_by_the_next_and_its_torn_end_set_aside(tmp_path: Path, ten: str) -> None:
    with Running(*OPTIC, "--base-url", ten, "-w", f"{tmp_path}/") as running:
        until(lambda: any(path.read_bytes().count(b'"quote"') == 10 for path in plain(tmp_path)))
        running.process.kill()
        running.process.wait()
    (part,) = plain(tmp_path)
    with part.open("ab") as file:
        file.write(b'{"v":1,"type":"quo')
    ran = run(*OPTIC, "--base-url", ten, "-w", f"{tmp_path}/", "-c", "1")
    assert "finished for a run that was killed" in ran.err
    path = part.with_name(part.name.removesuffix(".part"))
    assert path.with_suffix(".torn").read_bytes() == b'{"v":1,"type":"quo'
    told = manifest(path)
    assert (told["complete"], told["why"], told["types"], told["torn_bytes"]) == (
        False, "recovered", {"opened": 1, "quote": 10}, 18,
    )  # fmt: skip
    assert told["sha256"] == hashlib.sha256(path.read_bytes()).hexdigest()
    assert (told["run"], told["part"]) == (records(path)[0]["run"], 1)
    assert len(own(path)) == 11


def test_a_live_gzip_of_a_killed_run_is_mended_too(tmp_path: Path, ten: str) -> None:
    folder = tmp_path / "date=2026-01-31"
    folder.mkdir()
    good = gzip.compress(
        b'{"v":1,"type":"header","recv":"x","program":"oddstail 0.1.0"}\n{"v":1,"type":"end","recv":"y"}\n'
    )
    torn = gzip.compress(b'{"v":1}\n' * 50)[:-9]
    (folder / "a.ndjson.part.gz").write_bytes(good + torn)
    run(*OPTIC, "--base-url", ten, "-w", f"{tmp_path}/", "-c", "1", "--compress", "live")
    assert (folder / "a.ndjson.gz").read_bytes() == good
    assert (folder / "a.torn").read_bytes() == torn
    assert manifest(folder / "a.ndjson.gz")["records"] == 1


def test_a_part_of_another_program_or_of_a_run_that_lives_is_left_alone(tmp_path: Path, ten: str) -> None:
    foreign = tmp_path / "download.ndjson.part"
    foreign.write_text("half of something\n")
    with Running(*OPTIC, "--base-url", ten, "-w", f"{tmp_path}/") as first:
        until(lambda: any(b'"quote"' in path.read_bytes() for path in plain(tmp_path)))
        run(*OPTIC, "--base-url", ten, "-w", f"{tmp_path}/", "-c", "1")
        assert len([path for path in plain(tmp_path) if path.suffix == ".part"]) == 2
        assert first.end(signal.SIGTERM).code == 143
    assert foreign.read_text() == "half of something\n"
    assert all(manifest(path)["complete"] for path in plain(tmp_path) if path != foreign)


def test_a_file_that_exists_is_not_touched_unless_appended_to(tmp_path: Path, ten: str) -> None:
    path = tmp_path / "x.ndjson"
    assert run(*OPTIC, "--base-url", ten, "-w", str(path), "-c", "1").code == 0
    before = path.read_bytes()
    ran = run(*OPTIC, "--base-url", ten, "-w", str(path), "-c", "1", "-q")
    assert (ran.code, path.read_bytes()) == (8, before)
    assert "already exists" in ran.err
    assert ran.err.count("\n") == 1
    path.write_bytes(before + b'{"torn')
    ran = run(*OPTIC, "--base-url", ten, "-w", str(path), "--append", "-c", "2")
    assert ran.code == 0
    assert path.read_bytes().startswith(before)
    assert [one["type"] for one in records(path)].count("quote") == 3
    assert (tmp_path / "x.torn").read_bytes() == b'{"torn'
    told = manifest(path)
    assert (told["types"]["quote"], told["sha256"]) == (3, hashlib.sha256(path.read_bytes()).hexdigest())


def test_two_never_append_to_one_file(tmp_path: Path, ten: str) -> None:
    path = tmp_path / "x.ndjson"
    with Running(*OPTIC, "--base-url", ten, "-w", str(path), "--append") as first:
        until(path.exists)
        until(lambda: b'"quote"' in path.read_bytes())
        ran = run(*OPTIC, "--base-url", ten, "-w", str(path), "--append", "-q")
        assert (ran.code, "is being written by another run" in ran.err) == (8, True)
        first.end(signal.SIGTERM)
    assert len([one for one in own(path) if one["type"] == "quote"]) == 10


def limited() -> None:
    """No file may grow beyond 60 kB: a disk that is full, without one."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (60_000, 60_000))


def test_a_file_that_may_not_grow_is_one_sentence_and_nothing_torn(tmp_path: Path) -> None:
    with Server([endless]) as server:
        ran = run(*OPTIC, "--base-url", server.url, "-w", f"{tmp_path}/", "-q", preexec_fn=limited)
    assert ran.code == 8
    assert ran.err.startswith(f"oddstail: {tmp_path}/")
    assert "cannot be written: File too large" in ran.err
    assert "Traceback" not in ran.err
    (path,) = plain(tmp_path)
    assert path.read_bytes().endswith(b"\n")
    said = own(path)
    assert [one["seq"] for one in said] == list(range(1, len(said) + 1))


def in_a_small_disk(tmp_path: Path, *arguments: str, script: str = "", size: str = "300k") -> tuple[int, str]:
    """Run it in a mount namespace of its own, with a tmpfs of so little at `disk`; the disk is copied to `copy` afterwards."""
    disk, copy = tmp_path / "disk", tmp_path / "copy"
    disk.mkdir()
    inner = f'mount -t tmpfs -o size={size} none "{disk}" && {{ {script} "$@"; code=$?; cp -a "{disk}" "{copy}"; exit $code; }}'
    done = subprocess.run(
        ["unshare", "--mount", "--map-root-user", "sh", "-c", inner, "sh", *command(*arguments)],
        env={**ENV, **KEYS}, capture_output=True, text=True, timeout=PATIENCE * 2, check=False,
    )  # fmt: skip
    if "unshare" in done.stderr or "mount:" in done.stderr:
        pytest.skip(f"this machine lets nobody mount: {done.stderr.strip()}")
    return done.returncode, done.stderr


def test_a_full_disk_is_one_sentence_and_nothing_torn(tmp_path: Path) -> None:
    if not shutil.which("unshare"):
        pytest.skip("no unshare here")
    with Server([endless]) as server:
        code, err = in_a_small_disk(tmp_path, *OPTIC, "--base-url", server.url, "-w", f"{tmp_path}/disk/", "-q")
    assert code == 8
    assert "cannot be written: No space left on device; make room, or write elsewhere" in err
    assert "Traceback" not in err
    (path,) = plain(tmp_path / "copy")
    said = own(path)
    assert len(said) > 100
    assert path.read_bytes().endswith(b"\n")
    assert [one["seq"] for one in said] == list(range(1, len(said) + 1))


def test_min_free_stops_in_good_order_before_the_disk_is_full(tmp_path: Path) -> None:
    if not shutil.which("unshare"):
        pytest.skip("no unshare here")
    with Server([endless]) as server:
        code, err = in_a_small_disk(
            tmp_path,
            *OPTIC,
            "--base-url",
            server.url,
            "-w",
            f"{tmp_path}/disk/",
            "-q",
            "--min-free",
            "8MB",
            size="20m",
        )
    assert (code, "--min-free" in err) == (8, True)
    copies = plain(tmp_path / "copy")
    assert sum(path.stat().st_size for path in copies) < 14_500_000
    assert not [path for path in copies if path.suffix == ".part"]
    told = manifest(copies[0])
    assert (told["complete"], told["sha256"]) == (False, hashlib.sha256(copies[0].read_bytes()).hexdigest())


@pytest.mark.parametrize("where", ["/proc/captures/", "/dev/null/captures/", "/sys/x.ndjson"])
def test_a_place_that_cannot_be_written_is_said_before_anything_is_asked(where: str) -> None:
    # Read-only for root too, who may write in any directory that only lacks the permission.
    with Server([sse(CONNECTED)]) as server:
        ran = run(*OPTIC, "--base-url", server.url, "-w", where, "-q")
        assert server.heads == []
    assert (ran.code, ran.err.count("\n")) == (8, 1)
    assert "cannot be written" in ran.err


def test_a_directory_that_vanishes_is_noticed(tmp_path: Path) -> None:
    folder = tmp_path / "c"
    with Server([endless]) as server, Running(*OPTIC, "--base-url", server.url, "-w", f"{folder}/", "-q") as running:
        until(lambda: any(path.stat().st_size > 3000 for path in plain(folder)))
        shutil.rmtree(folder)
        ran = running.end(seconds=8)
    assert ran.code == 8
    assert "is gone" in ran.err
    assert "Traceback" not in ran.err


# --- cron -----------------------------------------------------------------------------------------


def test_the_demo_captures_without_home_path_or_terminal(tmp_path: Path) -> None:
    done = subprocess.run(
        ["env", "-i", *command("demo", "-o", "none", "-q", "-w", f"{tmp_path}/", "--for", "2s", "--lock", "x")],
        stdin=subprocess.DEVNULL, capture_output=True, timeout=PATIENCE, check=False, cwd="/", start_new_session=True,
    )  # fmt: skip
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
    assert len(own(*plain(tmp_path))) > 100


def test_a_lock_keeps_a_second_run_out(tmp_path: Path, ten: str) -> None:
    lock = str(tmp_path / "nightly.lock")
    with Running(*OPTIC, "--base-url", ten, "--lock", lock) as first:
        until(lambda: Path(lock).exists() and Path(lock).read_text())
        ran = run(*OPTIC, "--base-url", ten, "--lock", lock, "-q")
        assert ran.code == 8
        assert (
            ran.err
            == f"oddstail: another run (process {first.process.pid}) holds the lock nightly; wait for it, or use another --lock\n"
        )
        kept = run(*OPTIC, "--base-url", ten, "--lock", lock, "-q", "-o", "none", "-w", f"{tmp_path}/c/")
        assert (kept.code, kept.err) == (ran.code, ran.err)
        again = run(*OPTIC, "--base-url", ten, "--lock", lock)
        assert "the lock could not be taken after" in again.err.splitlines()[-1]
        assert "never connected" not in again.err
        again = run(*OPTIC, "--base-url", ten, "--lock", lock, "-o", "none", "-w", f"{tmp_path}/c/")
        assert "the lock could not be taken after" in again.err.splitlines()[-1]
        assert (f"{tmp_path}/c" in again.err, (tmp_path / "c").exists()) == (False, False)
        first.end(signal.SIGTERM)
    assert run(*OPTIC, "--base-url", ten, "--lock", lock, "-q", "-c", "1").code == 0


def test_resume_asks_for_what_was_missed_and_tells_the_gap(tmp_path: Path) -> None:
    env = {**ENV, **KEYS, "XDG_STATE_HOME": str(tmp_path / "state")}
    asked = ("--resume", "-w", f"{tmp_path}/c/")
    later = odds(-125, entry="1-99")
    with Server([sse(CONNECTED, TEN), sse(CONNECTED, later)]) as server:
        one = run(*OPTIC, "--base-url", server.url, *asked, "--for", "2s", env=env)
        two = run(*OPTIC, "--base-url", server.url, *asked, "-c", "1", env=env)
        assert "nothing to resume from: no run of this request with --resume has ended" in one.err
        assert "nothing to resume" not in two.err
        assert b"last_entry_id" not in server.heads[0]
        assert b"last_entry_id=1-9" in server.heads[1]
    first, second = plain(tmp_path / "c")
    opened, gap, quote, _ = own(second)
    assert (opened["cursor"], quote["american"]) == ("1-9", -125)
    assert (gap["type"], gap["cause"]) == ("gap", "not running")
    assert own(first)[0]["recv"] <= gap["from"] <= own(first)[-1]["recv"] <= gap["to"] <= quote["recv"]
    (mark,) = (tmp_path / "state").rglob("*.json")
    assert KEY not in mark.read_text()


def test_resume_beyond_the_window_is_a_gap_that_nobody_replays(tmp_path: Path) -> None:
    env = {**ENV, **KEYS, "XDG_STATE_HOME": str(tmp_path)}
    with Server([sse(CONNECTED, TEN), sse(CONNECTED, odds(-125, entry="1-99"))]) as server:
        run(*ASK["oddsjam"], "-o", "none", "--base-url", server.url, "--resume", "--for", "2s", env=env)
        (mark,) = tmp_path.rglob("*.json")
        said = json.loads(mark.read_text())
        mark.write_text(json.dumps({**said, "heard_us": said["heard_us"] - 3_600_000_000}))
        ran = run(*ASK["oddsjam"], "--base-url", server.url, "--json", "--resume", "--for", "2s", env=env)
        assert b"last_entry_id" not in server.heads[1]
    (gap,) = ran.of("gap")
    assert gap["resumed"] == "no"
    assert gap["seconds"] > 3599


def test_a_crash_moves_no_bookmark_beyond_what_is_in_the_file(tmp_path: Path) -> None:
    env = {**ENV, **KEYS, "XDG_STATE_HOME": str(tmp_path / "state")}
    with (
        Server([endless]) as server,
        Running(*OPTIC, "--base-url", server.url, "-w", f"{tmp_path}/c/", "--resume", env=env) as running,
    ):
        until(lambda: list((tmp_path / "state").rglob("*.json")))
        running.process.kill()
        running.process.wait()
    (mark,) = (tmp_path / "state").rglob("*.json")
    name = json.dumps(json.loads(mark.read_text())["cursor"]).encode()
    assert any(b'"id":' + name in path.read_bytes() for path in plain(tmp_path / "c"))


def test_a_bookmark_that_cannot_be_written_is_said_and_the_capture_goes_on(tmp_path: Path, ten: str) -> None:
    (tmp_path / "state").write_text("no directory")
    env = {**ENV, **KEYS, "XDG_STATE_HOME": str(tmp_path / "state")}
    ran = run(*OPTIC, "--base-url", ten, "-w", f"{tmp_path}/c/", "--resume", "-q", "--for", "2500ms", env=env)
    assert (ran.code, ran.err.count("cannot be written")) == (8, 1)
    assert ran.err.count("\n") == 1
    assert records(*plain(tmp_path / "c"))[-1]["type"] == "end"


@pytest.mark.parametrize("output", ["json", "raw"])
def test_until_start_ends_when_the_games_have_begun(output: str) -> None:
    start = datetime.now(UTC) + timedelta(seconds=2)
    row = {
        "kind": "game", "bookmaker": "pinnacle", "event_id": "e1", "home_team": "A", "away_team": "B",
        "market_key": "h2h", "home_ml": -110, "commence_time": start.strftime("%Y-%m-%dT%H:%M:%SZ"),
    }  # fmt: skip
    body = {"type": "odds_update", "sport_key": "basketball_nba", "timestamp": 1778214003, "count": 1, "data": [row]}
    events = (b'data: {"type":"connected"}\n\n', f"data: {json.dumps(body)}\n\n".encode())
    with Server([sse(*events)]) as server:
        ran = run("parlayapi", "-s", "basketball_nba", "--base-url", server.url, "-o", output, "--until-start")
    assert ran.code == 0
    assert "every game has started" in ran.err


# --- flags ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("flags", "said"),
    [
        ("--rotate 1h", "--rotate is for files; name them with -w PATH"),
        ("-w x/ --rotate soon", "neither a time nor a size"),
        ("-w x/{nonsense}.ndjson", "is not a token"),
        ("-w x/{date}/../../y.ndjson", "cannot climb"),
        ("-w x.ndjson.gz --compress zstd", "contradict"),
        ("-w x.ndjson --append --compress gzip", "drop --compress"),
        ("-w x.ndjson --append --rotate 1h", "goes on in one file"),
        ("-w {date}.ndjson --split book", "--split needs {split}"),
        ("-w {provider}.ndjson --rotate 1h", "needs {part} or {start}"),
        ("-w x/ --keep 0d", "--keep"),
        ("-w x/ --min-free lots", "--min-free"),
        ("-w x/ --on-rotate '\"'", "--on-rotate"),
        ("--summary-json /nowhere/s.json", "its directory does not exist"),
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_exit_2_and_one_sentence(flags: str, said: str) -> None:
    import shlex

    ran = run(*OPTIC, *shlex.split(flags))
    assert ran.code == 2, ran.err
    assert said in ran.err
    assert ran.err.count("\n") == 1


def test_a_slow_reader_of_stdout_holds_up_no_file(tmp_path: Path) -> None:
    sent = threading.Event()

    def answer(peer: Peer) -> None:
        peer_send = sse(CONNECTED, hold=False)
        peer_send(peer)
        peer.send(b"".join(odds(-110 - n % 50, entry=f"1-{n}") for n in range(3000)))
        sent.set()
        peer.hold()

    with (
        Server([answer]) as server,
        Running(*ASK["opticodds"], "-o", "json", "--base-url", server.url, "-w", f"{tmp_path}/", read=False) as running,
    ):
        assert sent.wait(PATIENCE)
        until(lambda: sum(path.read_bytes().count(b'"quote"') for path in plain(tmp_path)) == 3000)
        running.read()
        with contextlib.suppress(subprocess.TimeoutExpired):
            running.end(signal.SIGTERM)
