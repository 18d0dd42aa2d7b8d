"""Catalogues in files: what is kept, for how long, what stands in for what cannot be had, and whose pace it is."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from oddstail import providers
from oddstail.limiter import Limiter
from oddstail.lookup import DAY, Asked, Get, Pace, What
from oddstail.model import Failure, LinkError
from oddstail.shelf import Listed, Shelf

#: docs/wire/boltodds.md, A10.
INFO = {"sports": ["NBA", "MLB"], "sportsbooks": ["draftkings", "fanduel"]}
DOWN = Failure(kind="network", text="refused")


@dataclass
class World:
    """A provider that answers as told, and a clock."""

    folder: Path | None
    answers: dict[str, Any] = field(default_factory=dict)
    now: float = 1_700_000_000.0
    asked: list[str] = field(default_factory=list)
    slept: list[float] = field(default_factory=list)
    pace: Pace = field(default_factory=lambda: Pace(burst=100, every=0.01))

    def shelf(self, name: str = "boltodds", place: Callable[[str], str] = lambda url: url) -> Shelf:
        limiter = Limiter(name, self.pace, None, clock=lambda: self.now, sleep=self.sleep)
        return Shelf(
            name=name,
            catalogue=providers.catalogue(name),
            ask=self.ask,
            limiter=limiter,
            folder=self.folder,
            wall=lambda: round(self.now * 1_000_000),
            place=place,
            sleep=self.sleep,
        )

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds

    async def ask(self, get: Get) -> Any:
        self.asked.append(get.url)
        answer = self.answers[get.url.rsplit("/", 1)[1]]
        if isinstance(answer, list) and answer and isinstance(answer[0], Failure | dict):
            answer = answer.pop(0)
        if isinstance(answer, Failure):
            raise LinkError(answer)
        return answer

    def listed(self, what: What, asked: Asked = Asked(), **how: Any) -> Listed:  # noqa: B008
        return asyncio.run(self.shelf().listed(what, asked, **how))


def ids(listed: Listed) -> list[Any]:
    return [row["id"] for row in listed.rows]


def test_an_answer_is_kept_and_serves_every_list_that_is_in_it(tmp_path: Path) -> None:
    world = World(tmp_path, {"get_info": INFO})
    assert world.listed("books").source == "asked"
    world.now += 3600
    leagues = world.listed("leagues")
    assert (ids(leagues), leagues.source, leagues.at) == (["NBA", "MLB"], "kept", 1_700_000_000_000_000)
    assert world.asked == ["https://spro.agency/api/get_info"]


def test_what_is_too_old_is_asked_for_again(tmp_path: Path) -> None:
    world = World(tmp_path, {"get_info": INFO})
    world.listed("books")
    world.now += DAY + 1
    world.answers["get_info"] = {**INFO, "sportsbooks": ["caesars"]}
    assert ids(world.listed("books")) == ["caesars"]
    assert ids(world.listed("books", age=0.0)) == ["caesars"]
    assert len(world.asked) == 3


@pytest.mark.parametrize("failure", [DOWN, Failure(kind="status", code=503), Failure(kind="timeout")])
def test_what_is_kept_stands_in_however_old(tmp_path: Path, failure: Failure) -> None:
    world = World(tmp_path, {"get_info": INFO})
    world.listed("books")
    world.now += 10 * DAY
    world.answers["get_info"] = failure
    listed = world.listed("books")
    assert (ids(listed), listed.source, listed.why) == (["draftkings", "fanduel"], "kept", failure)


def test_then_the_names_that_came_along(tmp_path: Path) -> None:
    world = World(tmp_path, {"get_info": DOWN, "get_games": DOWN})
    listed = world.listed("books")
    assert (listed.source, listed.at, listed.whole, listed.why) == ("builtin", None, False, DOWN)
    assert "draftkings" in ids(listed)
    with pytest.raises(LinkError) as caught:
        world.listed("games")
    assert caught.value.failure == DOWN


def test_a_refusal_is_told_and_not_papered_over(tmp_path: Path) -> None:
    world = World(tmp_path, {"get_info": Failure(kind="status", code=401, text="Invalid key")})
    with pytest.raises(LinkError) as caught:
        world.listed("books")
    assert caught.value.failure.code == 401
    assert len(world.asked) == 1


def test_what_passes_is_tried_once_more(tmp_path: Path) -> None:
    world = World(tmp_path, {"get_info": [Failure(kind="status", code=429, asked=4.0), INFO]})
    assert world.listed("books").source == "asked"
    assert world.slept == [4.0]
    world = World(tmp_path / "other", {"get_info": [DOWN, INFO]})
    assert world.listed("books", again=False).source == "builtin"


def test_offline_asks_nobody(tmp_path: Path) -> None:
    world = World(tmp_path)
    assert world.listed("books", offline=True).source == "builtin"
    assert world.asked == []


def test_the_pace_is_kept_and_who_has_no_patience_gets_what_there_is(tmp_path: Path) -> None:
    world = World(tmp_path, {"get_info": INFO}, pace=Pace(burst=1, every=5.0))
    shelf = world.shelf()

    async def main() -> Listed:
        await shelf.listed("books", Asked())
        return await shelf.listed("books", Asked(), age=0.0, patience=2.0)

    listed = asyncio.run(main())
    assert (listed.source, len(world.asked)) == ("kept", 1)
    assert listed.why is not None
    assert listed.why.kind == "busy"


def test_two_lists_out_of_one_answer_are_one_request(tmp_path: Path) -> None:
    world = World(tmp_path, {"get_info": INFO})
    shelf = world.shelf()

    async def main() -> list[Listed]:
        return list(await asyncio.gather(shelf.listed("books", Asked()), shelf.listed("leagues", Asked())))

    assert [len(listed.rows) for listed in asyncio.run(main())] == [2, 2]
    assert len(world.asked) == 1


def test_another_address_has_a_list_of_its_own(tmp_path: Path) -> None:
    world = World(tmp_path, {"get_info": INFO})
    world.listed("books")
    asyncio.run(world.shelf(place=lambda url: "http://127.0.0.1:9/get_info").listed("books", Asked()))
    assert world.asked == ["https://spro.agency/api/get_info", "http://127.0.0.1:9/get_info"]


def test_files_are_for_us_alone_and_nothing_half_written_stays(tmp_path: Path) -> None:
    world = World(tmp_path / "cache", {"get_info": INFO})
    world.listed("books")
    [path] = (tmp_path / "cache" / "boltodds").iterdir()
    assert oct(path.stat().st_mode & 0o777) == "0o600"
    assert oct(path.parent.stat().st_mode & 0o777) == "0o700"


@pytest.mark.parametrize(
    "body", [b"", b"[]", b"{", b'{"at":1,"answers":5}', b'{"at":"x","answers":[]}', b'{"at":9e18}']
)
def test_a_broken_file_is_no_file(tmp_path: Path, body: bytes) -> None:
    world = World(tmp_path, {"get_info": INFO})
    world.listed("books")
    [path] = (tmp_path / "boltodds").iterdir()
    path.write_bytes(body)
    assert world.listed("books").source == "asked"


@pytest.mark.parametrize("folder", [None, "file"])
def test_without_a_place_to_keep_it_the_list_is_asked_for_each_time(tmp_path: Path, folder: str | None) -> None:
    (tmp_path / "file").write_text("no folder")
    world = World(None if folder is None else tmp_path / folder, {"get_info": INFO})
    assert [world.listed("books").source for _ in range(2)] == ["asked", "asked"]


def test_rows_are_narrowed_where_the_wire_does_not(tmp_path: Path) -> None:
    games = {"A vs B, 2025-07-23, 01": {"sport": "MLB"}, "C vs D, 2025-07-23, 02": {"sport": "NBA"}}
    world = World(tmp_path, {"get_games": games})
    assert ids(world.listed("games", Asked(league=("nba",)))) == ["C vs D, 2025-07-23, 02"]
    assert ids(world.listed("games", Asked(sport=("MLB", "NHL")))) == ["A vs B, 2025-07-23, 01"]


WRONG = [
    {"error": "upstream"},
    {"message": "try later", "errors": ["x"]},
    "maintenance",
    7,
    None,
    True,
    [None],
    {"ok": True},
]
LISTS = [
    (name, what)
    for name in providers.TITLES
    for what, lookup in providers.catalogue(name).lookups.items()
    if lookup.keep and not lookup.needs
]


@pytest.mark.parametrize("answer", WRONG, ids=str)
@pytest.mark.parametrize(("name", "what"), LISTS, ids=[" ".join(one) for one in LISTS])
def test_answer_of_another_shape_is_an_error_and_is_not_kept(
    tmp_path: Path, name: str, what: What, answer: Any
) -> None:
    world = World(tmp_path)

    async def ask(get: Get) -> Any:
        world.asked.append(get.url)
        return answer

    shelf = world.shelf(name)
    shelf.ask = ask
    for times in (1, 2):
        try:
            listed = asyncio.run(shelf.listed(what, Asked(), again=False))
        except LinkError as error:
            why: Failure | None = error.failure
        else:
            assert listed.source == "builtin"
            why = listed.why
        assert why is not None
        assert (why.kind, why.text.startswith(f"the answer is not a list of {what}: ")) == ("protocol", True)
        assert len(world.asked) == times, "it was not kept"
    assert list(tmp_path.rglob("*.json")) == []


@pytest.mark.parametrize("empty", [[], {}, {"data": []}, {"data": None, "page": 1}], ids=str)
def test_empty_list_is_a_list_and_is_kept(tmp_path: Path, empty: Any) -> None:
    world = World(tmp_path)

    async def ask(get: Get) -> Any:
        world.asked.append(get.url)
        return empty

    for _ in range(2):
        shelf = world.shelf("opticodds")
        shelf.ask = ask
        assert asyncio.run(shelf.listed("sports", Asked())).rows == []
    assert len(world.asked) == 1
