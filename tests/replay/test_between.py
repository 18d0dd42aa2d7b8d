"""What lies between runs of the same request is a gap that is told, once; and nothing else is one."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from oddstail.capture.records import about
from oddstail.model import Batch, Failure, Gap, Request
from oddstail.replay.between import Between
from oddstail.replay.player import Pace
from oddstail.replay.runs import files, runs
from oddstail.replay.verify import Account, account
from oddstail.session import Session
from oddstail.units import micros, stamp
from tests.replay.support import Deck, player, record, told
from tests.support import Step, Time, request, toy

ACK = [b"ack"]
BEAT: list[bytes] = [b"ack"]


def price(value: int) -> list[bytes]:
    """A message of the toy wire."""
    return [b'{"cursor":null,"prices":{"a":%d}}' % value]


def at(start: float, run: str, *steps: Step, asked: Request | None = None) -> Deck:
    """A run that began so many seconds after the epoch."""
    return record([list(steps)], time=Time(start), deck=Deck(asked or request(label="NBA"), run))


def killed(deck: Deck) -> Deck:
    """The same, but for what was only said once its link was gone."""
    lost = next(n for n, line in enumerate(deck.lines) if b'"type":"lost"' in line)
    del deck.lines[lost:]
    deck.live = "".join(line for line in deck.live.splitlines(True) if json.loads(line)["type"] in ("opened", "quote"))
    return deck


def as_records(deck: Deck, at: int) -> bytes:
    """What `-w` has of it."""
    said = about([deck.request], "oddstail toy")
    head = {"v": 1, "type": "header", "conn": 0, "seq": 0, "recv": stamped(at), "run": deck.run, "part": 1, **said}
    return json.dumps(head).encode() + b"\n" + deck.live.encode()


def stamped(seconds: float) -> str:
    return stamp(round(seconds * 1e6))


def written(folder: Path, form: str, *decks: tuple[float, Deck]) -> list[Path]:
    """The runs on a disk: a file each, or one that was added to."""
    each = [(deck.tape if "tape" in form else as_records(deck, int(start))) for start, deck in decks]
    if "joined" in form:
        each = [b"".join(each)]
    paths = [folder / f"{n}.ndjson" for n in range(len(each))]
    for path, data in zip(paths, each, strict=True):
        path.write_bytes(data)
    return paths


def story(text: str) -> list[str]:
    return [
        " ".join(str(one[name]) for name in ("type", "cause", "american") if name in one)
        for one in map(json.loads, text.splitlines())
    ]


def of(text: str, kind: str) -> list[dict[str, Any]]:
    return [one for one in map(json.loads, text.splitlines()) if one["type"] == kind]


FORMS = ["tapes", "records", "joined tape", "joined records"]


@pytest.mark.parametrize("form", FORMS)
def test_a_hole_between_a_killed_run_and_the_next_is_a_gap(form: str, tmp_path: Path) -> None:
    first = killed(at(1000.0, "r1", ACK, 1.0, price(-110), 5.0))
    again = at(1020.0, "r2", 2.0, ACK, 1.0, price(-115))
    text = told(written(tmp_path, form, (1000.0, first), (1020.0, again)))
    begins = ["opened", "quote -110", "lost not running", "opened", "gap not running", "quote -115", "lost closed"]
    assert story(text)[: len(begins)] == begins
    gap = of(text, "gap")[0]
    assert (gap["from"], gap["to"]) == (stamped(1001.0), stamped(1022.0))
    assert (gap["seconds"], gap["resumed"], gap["conn"]) == (21.0, "no", of(text, "opened")[0]["conn"])
    assert of(text, "lost")[0]["recv"] == stamped(1001.0)
    assert "ends here, and another one follows" in of(text, "lost")[0]["detail"]
    assert "tape ends here" not in text
    assert "records end here" not in text


@pytest.mark.parametrize("form", FORMS)
def test_what_a_run_told_of_its_own_end_is_not_told_again(form: str, tmp_path: Path) -> None:
    # It gave up at 1001 and told the gap up to there; the next run takes three seconds to begin and one to connect.
    first = at(1000.0, "r1", ACK, 1.0, price(-110))
    ended = json.loads(first.live.splitlines()[-1])
    again = at(1004.0, "r2", 1.0, ACK)
    text = told(written(tmp_path, form, (1000.0, first), (1004.0, again)))
    gaps = [(one["cause"], one["from"], one["to"]) for one in of(text, "gap")]
    assert ("not running", ended["recv"], stamped(1005.0)) in gaps
    assert [cause for cause, _, _ in gaps].count("not running") == 1


@pytest.mark.parametrize("form", FORMS)
def test_each_hole_of_many_runs_is_told(form: str, tmp_path: Path) -> None:
    nights = [(1000.0 * n, killed(at(1000.0 * n, f"r{n}", ACK, 1.0, price(-110 - n)))) for n in range(1, 5)]
    text = told(written(tmp_path, form, *nights))
    gaps = of(text, "gap")
    assert [one["seconds"] for one in gaps] == [999.0] * 3
    assert {one["conn"] for one in gaps} == {1}


@pytest.mark.parametrize("form", FORMS)
def test_another_request_ends_no_hole(form: str, tmp_path: Path) -> None:
    first = killed(at(1000.0, "r1", ACK, 1.0, price(-110)))
    other = killed(at(1020.0, "r2", ACK, 1.0, price(-115), asked=request(label="NFL")))
    text = told(written(tmp_path, form, (1000.0, first), (1020.0, other)))
    assert of(text, "gap") == []
    (lost,) = of(text, "lost")
    assert (lost["cause"], lost["detail"]) == ("ended", f"the {'tape ends' if 'tape' in form else 'records end'} here")
    assert {one["conn"] for one in of(text, "quote")} == {1, 2}


@pytest.mark.parametrize("form", ["tapes", "records"])
def test_runs_that_overlap_have_no_hole_between_them(form: str, tmp_path: Path) -> None:
    first = killed(at(1000.0, "r1", ACK, 1.0, price(-110), 20.0, price(-120)))
    beside = killed(at(1010.0, "r2", ACK, 1.0, price(-115), 30.0, price(-125)))
    third = killed(at(1050.0, "r3", ACK, 1.0, price(-130)))
    text = told(written(tmp_path, form, (1000.0, first), (1010.0, beside), (1050.0, third)))
    (gap,) = of(text, "gap")
    assert (gap["from"], gap["to"]) == (stamped(1041.0), stamped(1050.0))
    assert {one["conn"] for one in of(text, "quote")} == {1, 2}
    assert of(text, "lost")[0]["cause"] == "ended"


def test_heartbeats_on_a_tape_count_as_watched(tmp_path: Path) -> None:
    first = killed(at(1000.0, "r1", ACK, 1.0, price(-110), 9.0, BEAT))
    again = at(1020.0, "r2", ACK)
    (gap, *_) = of(told(written(tmp_path, "tapes", (1000.0, first), (1020.0, again))), "gap")
    assert (gap["from"], gap["seconds"]) == (stamped(1010.0), 10.0)


@pytest.mark.parametrize("form", FORMS)
def test_a_gap_that_the_later_run_tells_by_resume_is_told_once(form: str, tmp_path: Path) -> None:
    first = killed(at(1000.0, "r1", ACK, 1.0, price(-110), 5.0, BEAT))

    def prepared(made: Session) -> None:
        made.reader.continues(None, 1_006_000_000, 14.0, 0.0)

    again = record([[ACK]], toy(), time=Time(1020.0), deck=Deck(request(label="NBA"), "r2"), prepared=prepared)
    gaps = of(told(written(tmp_path, form, (1000.0, first), (1020.0, again))), "gap")
    assert [one["cause"] for one in gaps][:1] == ["not running"]
    assert [one["cause"] for one in gaps].count("not running") == 1


def test_a_run_that_never_connected_fills_no_hole(tmp_path: Path) -> None:
    first = killed(at(1000.0, "r1", ACK, 1.0, price(-110)))
    never = at(1010.0, "r2")
    del never.lines[2:]
    again = at(1020.0, "r3", ACK)
    (gap, *_) = of(told(written(tmp_path, "tapes", (1000.0, first), (1010.0, never), (1020.0, again))), "gap")
    assert (gap["from"], gap["to"]) == (stamped(1001.0), stamped(1020.0))


@pytest.mark.parametrize("form", ["records", "joined records"])
def test_a_link_that_was_dropped_in_the_moment_it_opened_was_good_until_then(form: str, tmp_path: Path) -> None:
    dropped = at(1000.0, "r1", ACK)
    dropped.live = "".join(line for line in dropped.live.splitlines(True)[:2])
    again = at(1020.0, "r2", ACK, 1.0, price(-110))
    (gap, *_) = of(told(written(tmp_path, form, (1000.0, dropped), (1020.0, again))), "gap")
    assert (gap["cause"], gap["from"], gap["to"]) == ("not running", stamped(1000.0), stamped(1020.0))


# --- up to a moment -------------------------------------------------------------------------------


def gaps_to(moment: float, paths: list[Path], since: float | None = None) -> list[tuple[str, str, str, float, str]]:
    pace = Pace(since=None if since is None else round(since * 1e6), until=round(moment * 1e6))
    found = of(told(paths, pace=pace), "gap")
    assert all(one["recv"] == stamped(moment) or one["to"] < stamped(moment) for one in found)
    return [(one["cause"], one["from"], one["to"], one["seconds"], one["resumed"]) for one in found]


@pytest.mark.parametrize("form", FORMS)
def test_up_to_a_moment_in_a_hole_between_runs_the_gap_is_told_up_to_there(form: str, tmp_path: Path) -> None:
    first = killed(at(1000.0, "r1", ACK, 1.0, price(-110), 5.0))
    again = at(1020.0, "r2", 2.0, ACK, 1.0, price(-115))
    paths = written(tmp_path, form, (1000.0, first), (1020.0, again))
    for moment in (1010.0, 1021.0):
        gap = ("not running", stamped(1001.0), stamped(moment), moment - 1001.0, "no")
        assert gaps_to(moment, paths) == [gap]
        assert gaps_to(moment, paths, since=1005.0) == [gap]
    assert gaps_to(1001.0, paths) == []
    assert gaps_to(1022.5, paths) == [("not running", stamped(1001.0), stamped(1022.0), 21.0, "no")]


@pytest.mark.parametrize("form", FORMS)
def test_up_to_a_moment_in_an_outage_the_gap_is_told_up_to_there(form: str, tmp_path: Path) -> None:
    links: list[list[Step]] = [[ACK, 1.0, price(-110), 2.0], [20.0, ACK, 1.0, price(-115)], [ACK]]
    run = record([*links], toy(resume=None), time=Time(1000.0), deck=Deck(request(label="NBA"), "r1"))
    (whole, *_) = of(told(written(tmp_path, form, (1000.0, run))), "gap")
    assert (whole["from"], whole["to"] > stamped(1020.0)) == (stamped(1001.0), True)
    paths = written(tmp_path, form, (1000.0, run))
    assert gaps_to(1010.0, paths) == [("closed", stamped(1001.0), stamped(1010.0), 9.0, "no")]
    # The link is not lost yet.
    assert gaps_to(1002.5, paths) == []


@pytest.mark.parametrize("form", ["tapes", "records"])
def test_up_to_a_moment_in_a_hole_and_in_the_outage_after_it_both_are_told(form: str, tmp_path: Path) -> None:
    first = killed(at(1000.0, "r1", ACK, 1.0, price(-110), 5.0))
    down = [Failure(kind="network", text="no"), Failure(kind="network", text="no"), [5.0, ACK]]
    again = record(down, toy(), time=Time(1010.0), deck=Deck(request(label="NBA"), "r2"))  # type: ignore[arg-type]
    paths = written(tmp_path, form, (1000.0, first), (1010.0, again))
    told_to = gaps_to(1012.0, paths)
    assert [(cause, start, end) for cause, start, end, _, _ in told_to] == [
        ("not running", stamped(1001.0), stamped(1010.0)),
        ("network", stamped(1010.0), stamped(1012.0)),
    ]


def test_up_to_a_moment_after_two_that_ran_beside_each_other_the_gap_is_told(tmp_path: Path) -> None:
    first = killed(at(1000.0, "r1", ACK, 1.0, price(-110), 5.0))
    beside = killed(at(1000.5, "r2", ACK, 2.0, price(-115), 5.0))
    third = killed(at(1020.0, "r3", ACK, 1.0, price(-130)))
    other = killed(at(1015.0, "r4", ACK, 1.0, price(-115), asked=request(label="NFL")))
    paths = written(tmp_path, "tapes", (1000.0, first), (1000.5, beside), (1015.0, other), (1020.0, third))
    assert gaps_to(1010.0, paths) == [("not running", stamped(1002.5), stamped(1010.0), 7.5, "no")]
    assert gaps_to(1002.0, paths) == []


def test_up_to_a_moment_in_a_joined_file_that_has_another_request_between_the_gap_is_told(tmp_path: Path) -> None:
    first = killed(at(1000.0, "r1", ACK, 1.0, price(-110), 5.0))
    other = killed(at(1010.0, "r2", ACK, 1.0, price(-115), asked=request(label="NFL")))
    third = killed(at(1020.0, "r3", ACK, 1.0, price(-130)))
    paths = written(tmp_path, "joined tape", (1000.0, first), (1010.0, other), (1020.0, third))
    for moment in (1010.5, 1015.0):
        gap = ("not running", stamped(1001.0), stamped(moment), moment - 1001.0, "no")
        assert gaps_to(moment, paths) == [gap]


def test_up_to_a_moment_after_a_run_that_was_refused_the_gap_is_told(tmp_path: Path) -> None:
    refused = record([Failure(kind="network", text="no")] * 2, time=Time(1000.0), deck=Deck(request(label="NBA"), "r1"))
    other = at(1005.0, "r2", ACK, 1.0, price(-115), 9.0, price(-120), asked=request(label="NFL"))
    again = at(1020.0, "r3", ACK, 1.0, price(-110))
    paths = written(tmp_path, "tapes", (1000.0, refused), (1005.0, other), (1020.0, again))
    (*_, gap) = gaps_to(1010.0, paths)
    assert (gap[0], gap[2]) == ("not running", stamped(1010.0))


def test_up_to_a_moment_after_which_a_link_never_comes_back_no_more_is_read_than_its_run(tmp_path: Path) -> None:
    lone = killed(at(1000.0, "r1", ACK, 1.0, price(-110), asked=request(label="NFL")))
    nights = [(2000.0 * n, killed(at(2000.0 * n, f"n{n}", ACK, price(-115), 9.0, price(-120)))) for n in range(1, 5)]
    paths = written(tmp_path, "tapes", (1000.0, lone), *nights)
    made = player(paths, pace=Pace(until=2_005_000_000))

    async def main() -> list[Batch]:
        return [batch async for batch in made.events()]

    batches = asyncio.run(main())
    assert not [event for batch in batches for event in batch.events if isinstance(event, Gap)]
    assert sum(part.source is not None for run in made.runs for part in run.parts) == 2


# --- verify ---------------------------------------------------------------------------------------


def accounts(*paths: Path) -> list[Account]:
    """What `verify` makes of these files, in order."""
    found, _ = runs(files(paths), every=True)
    between = Between()
    return [account(run, lambda _: toy(), lambda: None, between) for run in found]


@pytest.mark.parametrize("form", FORMS)
def test_verify_counts_what_lies_between_runs(form: str, tmp_path: Path) -> None:
    first = at(1000.0, "r1", ACK, 1.0, price(-110))
    again = at(1020.0, "r2", 2.0, ACK, 1.0, price(-115))
    made = accounts(*written(tmp_path, form, (1000.0, first), (1020.0, again)))
    holes = [one.record()["between_runs"] for one in made]
    ended = json.loads(first.live.splitlines()[-1])["recv"]
    assert holes == [0.0] * (len(made) - 1) + [pytest.approx(1022.0 - micros(ended) / 1e6)]
    assert all(one.whole for one in made)
    assert ["between runs" in text for text in made[-1].unwatched()].count(True) == 1


def test_verify_tells_a_hole_once_though_tapes_and_records_are_there(tmp_path: Path) -> None:
    nights = [(1000.0 * n, killed(at(1000.0 * n, f"r{n}", ACK, 1.0, price(-110)))) for n in (1, 2)]
    for form in ("tapes", "records"):
        (tmp_path / form).mkdir()
        written(tmp_path / form, form, *nights)
    assert sum(one.record()["between_runs"] for one in accounts(tmp_path)) == 999.0


@pytest.mark.parametrize("form", FORMS)
def test_verify_of_other_requests_and_of_resumed_ones_counts_nothing(form: str, tmp_path: Path) -> None:
    def prepared(made: Session) -> None:
        made.reader.continues(None, 1_001_000_000, 19.0, 0.0)

    first = killed(at(1000.0, "r1", ACK, 1.0, price(-110)))
    other = at(1010.0, "r2", ACK, asked=request(label="NFL"))
    again = record([[ACK]], toy(), time=Time(1020.0), deck=Deck(request(label="NBA"), "r3"), prepared=prepared)
    made = accounts(*written(tmp_path, form, (1000.0, first), (1010.0, other), (1020.0, again)))
    assert [one.record()["between_runs"] for one in made] == [0.0] * len(made)


@pytest.mark.parametrize("form", ["joined tape", "joined records"])
def test_verify_of_a_file_that_was_added_to_after_a_kill_is_not_whole(form: str, tmp_path: Path) -> None:
    first = killed(at(1000.0, "r1", ACK, 1.0, price(-110)))
    (made,) = accounts(*written(tmp_path, form, (1000.0, first), (1020.0, at(1020.0, "r2", ACK))))
    assert made.problems == ["1 run before the last has no end: it was killed"]


@pytest.mark.parametrize("form", FORMS)
def test_verify_says_that_a_run_never_connected(form: str, tmp_path: Path) -> None:
    refused = record([Failure(kind="auth", text="no")] * 2, time=Time(1000.0), deck=Deck(request(label="NBA"), "r1"))
    good = at(2000.0, "r2", ACK)
    (never,) = accounts(*written(tmp_path, form, (1000.0, refused)))
    assert (never.record()["opened"], never.whole) == (0, True)
    assert "never connected" in "; ".join(never.unwatched())
    (connected,) = accounts(*written(tmp_path, form, (2000.0, good)))
    assert connected.record()["opened"] == 1
    assert "never connected" not in "; ".join(connected.unwatched())


@pytest.mark.parametrize("form", ["tapes", "records"])
def test_a_run_that_watches_meanwhile_leaves_no_hole(form: str, tmp_path: Path) -> None:
    first = killed(at(1000.0, "r1", ACK, 1.0, price(-110)))
    beside = killed(at(1000.5, "r2", ACK, 1.0, price(-115), 40.0, price(-125)))
    third = killed(at(1020.0, "r3", ACK, 1.0, price(-130)))
    assert of(told(written(tmp_path, form, (1000.0, first), (1000.5, beside), (1020.0, third))), "gap") == []


def test_a_run_that_was_refused_and_killed_fills_no_hole(tmp_path: Path) -> None:
    first = killed(at(1000.0, "r1", ACK, 1.0, price(-110)))
    refused = record([Failure(kind="network", text="no")] * 2, time=Time(1010.0), deck=Deck(request(label="NBA"), "r2"))
    keep = [line for line in refused.lines if b'"type":"told"' not in line]
    assert any(b'"type":"lost"' in line for line in keep)
    refused.lines[:] = keep
    again = at(1020.0, "r3", ACK)
    (gap, *_) = of(told(written(tmp_path, "tapes", (1000.0, first), (1010.0, refused), (1020.0, again))), "gap")
    assert (gap["from"], gap["to"]) == (stamped(1001.0), stamped(1020.0))
