"""A provider's catalogues: asked for when they are wanted, kept in files with their age, within the provider's pace.

What is kept is the provider's answer, not what we read in it: a version that reads more of it needs no
new answer. The files hold no key. Knows no flag and prints nothing.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import os
import tempfile
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

import orjson

from oddstail.limiter import Limiter, TooBusyError
from oddstail.lookup import Asked, Catalogue, Get, LookUp, Row, What
from oddstail.model import Failure, LinkError
from oddstail.text import visible
from oddstail.words import bare

#: Seconds after which a kept answer is not even a stopgap, and is thrown away.
_FORGOTTEN = 30 * 86_400.0
#: Failures that pass: these are tried once more, after a second.
_PASSING = ("network", "timeout", "proxy", "closed")


#: Answers, and when they came, in microseconds since the epoch.
_Kept = tuple[int, list[Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """What a look-up came to.

    `at` is when the provider said so, in microseconds since the epoch; None for names that came with us.
    `why` is the failure for which it is older than it ought to be, or only what came with us. `whole`
    is False where the list has more than was taken, or never was all.
    """

    rows: list[Row]
    at: int | None
    source: Literal["asked", "kept", "builtin"]
    why: Failure | None = None
    whole: bool = True


@dataclass(slots=True, kw_only=True)
class Shelf:
    """The catalogues of one provider at one address.

    `ask` makes one GET, with the key if there is one; `folder` is where answers are kept, None for
    nowhere; `wall` is the time in microseconds.
    """

    name: str
    catalogue: Catalogue
    ask: Callable[[Get], Awaitable[Any]]
    limiter: Limiter
    folder: Path | None
    wall: Callable[[], int]
    place: Callable[[str], str] = field(default=lambda url: url)
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    _asking: dict[str, asyncio.Lock] = field(default_factory=dict)
    _held: dict[str, _Kept] = field(default_factory=dict)

    async def listed(
        self,
        what: What,
        asked: Asked,
        *,
        age: float | None = None,
        offline: bool = False,
        patience: float = 300.0,
        again: bool = True,
    ) -> Listed:
        """The rows of a look-up, no older than `age` seconds (the look-up's own limit unless given).

        Where the provider cannot be asked, what was kept, however old, and then what came with us; `why`
        says what the matter was. `patience` is the longest wait for a place in the provider's pace, in
        seconds, `again` whether a passing failure is worth another try. LinkError where there is nothing
        at all to show, or the provider refused in so many words.
        """
        lookup = self.catalogue.lookups.get(what)
        if lookup is None:
            return self._builtin(what, None)
        gets = [replace(get, url=self.place(get.url)) for get in lookup.gets(narrowed(lookup, asked))]
        # Two lists may be in one answer: who comes second waits for the first, and finds it kept.
        async with self._asking.setdefault(_mark(gets), asyncio.Lock()):
            return await self._listed(lookup, asked, gets, age, offline, patience, again=again)

    async def _listed(
        self,
        lookup: LookUp,
        asked: Asked,
        gets: list[Get],
        age: float | None,
        offline: bool,
        patience: float,
        *,
        again: bool,
    ) -> Listed:
        kept = self._kept(gets) if lookup.keep else None
        if kept is not None and not all(_is_listing(lookup, answer) for answer in kept[1]):
            kept = None
        age = lookup.keep if age is None else min(age, lookup.keep)
        if kept is not None and self.wall() - kept[0] < age * 1_000_000:
            return self._of(lookup, asked, kept, "kept")
        if offline:
            why = Failure(kind="offline", text="was not asked, as --offline says")
        else:
            try:
                answers, whole = await self._asked(lookup, gets, patience, again=again)
            except LinkError as error:
                why = error.failure
                if why.kind == "status" and why.code in (400, 401, 402, 403, 404, 422, 451):
                    raise
            except TooBusyError as error:
                why = Failure(kind="busy", text=f"takes no more requests for {error.wait:.0f} s")
            else:
                now = self.wall()
                if lookup.keep:
                    self._keep(gets, now, answers)
                listed = self._of(lookup, asked, (now, answers), "asked")
                return replace(listed, whole=listed.whole and whole)
        if kept is not None:
            return replace(self._of(lookup, asked, kept, "kept"), why=why)
        return self._builtin(lookup.what, why)

    # --- asking -----------------------------------------------------------------------------------

    async def _asked(self, lookup: LookUp, gets: list[Get], patience: float, *, again: bool) -> tuple[list[Any], bool]:
        """Every answer, page by page, and whether that was the last page."""
        answers: list[Any] = []
        whole = True
        for first in gets:
            get: Get | None = first
            while get is not None:
                answer = await self.got(get, patience, again=again)
                if not _is_listing(lookup, answer):
                    shape = visible(orjson.dumps(answer, default=str).decode(), _SHOWN)
                    text = f"the answer is not a list of {lookup.what}: {shape}"
                    raise LinkError(Failure(kind="protocol", text=text))
                answers.append(answer)
                get = lookup.after(get, answer) if lookup.after is not None else None
                if get is not None and len(answers) >= _MOST_PAGES:
                    get, whole = None, False
        return answers, whole

    async def got(self, get: Get, patience: float = 300.0, *, again: bool = True) -> Any:
        """One answer, once the pace allows it. LinkError or TooBusyError."""
        await self.limiter.passed(patience)
        try:
            return await self.ask(get)
        except LinkError as error:
            failure = error.failure
            passing = failure.kind in _PASSING or (failure.kind == "status" and (failure.code or 0) >= 500)
            if failure.kind == "status" and failure.code == 429:
                passing = True
            wait = max(1.0, failure.asked or 0.0)
            if not (again and passing) or wait > patience:
                raise
        await self.sleep(wait)
        await self.limiter.passed(patience)
        return await self.ask(get)

    # --- reading ----------------------------------------------------------------------------------

    def _of(
        self, lookup: LookUp, asked: Asked, kept: tuple[int, list[Any]], source: Literal["asked", "kept"]
    ) -> Listed:
        rows: dict[tuple[Any, ...], Row] = {}
        for answer in kept[1]:
            for row in lookup.rows(answer):
                rows.setdefault(tuple(row.values()), row)
        return Listed(rows=[row for row in rows.values() if fits(row, lookup, asked)], at=kept[0], source=source)

    def _builtin(self, what: What, why: Failure | None) -> Listed:
        names = self.catalogue.builtin.get(what)
        if names is None:
            raise LinkError(why or Failure(kind="none", text="nothing is known of it"))
        lookup = self.catalogue.lookups.get(what)
        # Under the same heading as in the provider's own list: what a flag takes is the first column of both.
        column = lookup.spelt[0] if lookup is not None else "id"
        rows: list[Row] = [{column: name} for name in sorted(names.known, key=str.casefold)]
        return Listed(rows=rows, at=None, source="builtin", why=why, whole=names.has == "all")

    # --- files ------------------------------------------------------------------------------------

    def _path(self, gets: list[Get]) -> Path | None:
        if self.folder is None:
            return None
        return self.folder / self.name / f"{_mark(gets)}.json"

    def _kept(self, gets: list[Get]) -> _Kept | None:
        path = self._path(gets)
        if path is None:
            return self._held.get(_mark(gets))
        try:
            found = orjson.loads(path.read_bytes())
            at, answers = found["at"], found["answers"]
        except (OSError, ValueError, KeyError, TypeError):
            return None
        # A time ahead of ours is of a clock that was wrong: it says nothing about the age.
        if type(at) is not int or not isinstance(answers, list) or not 0 <= self.wall() - at < _FORGOTTEN * 1_000_000:
            return None
        return at, answers

    def _keep(self, gets: list[Get], at: int, answers: list[Any]) -> None:
        """Whole or not at all, for us alone. A disk that is full or read-only costs the next call some time."""
        path = self._path(gets)
        if path is None:
            self._held[_mark(gets)] = at, answers
            return
        with contextlib.suppress(OSError, TypeError, ValueError):
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            body = orjson.dumps({"at": at, "urls": [get.url for get in gets], "answers": answers})
            fd, name = tempfile.mkstemp(dir=path.parent, prefix=".", suffix=".part")
            try:
                with os.fdopen(fd, "wb") as file:
                    file.write(body)
                os.replace(name, path)
            except BaseException:
                os.unlink(name)
                raise
            self._prune(path.parent)

    def _prune(self, folder: Path) -> None:
        limit = self.wall() / 1_000_000 - _FORGOTTEN
        for entry in os.scandir(folder):
            if entry.name.endswith((".json", ".part")) and entry.stat(follow_symlinks=False).st_mtime < limit:
                os.unlink(entry.path)


def _mark(gets: list[Get]) -> str:
    """What tells one question from another; a file's name, so nothing that a user or a server wrote."""
    text = "\n".join(repr((get.url, get.params)) for get in gets)
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def _is_listing(lookup: LookUp, answer: Any) -> bool:
    """Whether an answer has rows, or is an empty list in so many words: a 200 may hold an error or another shape."""
    if lookup.rows(answer):
        return True
    if isinstance(answer, list):
        return not answer
    if not isinstance(answer, dict):
        return False
    parts = [value for value in answer.values() if value is None or isinstance(value, list | dict)]
    return not answer or (bool(parts) and not any(parts))


#: Characters of an answer of the wrong shape that are shown.
_SHOWN = 120
#: Answers of one look-up.
_MOST_PAGES = 50


def narrowed(lookup: LookUp, asked: Asked) -> Asked:
    """What the wire narrows by. The rest is narrowed by `fits`."""
    return Asked(**{name: getattr(asked, name) for name in lookup.takes})


def fits(row: Row, lookup: LookUp, asked: Asked) -> bool:
    """Whether a row is of what was asked, as far as it says. Values are compared as people write them."""
    for name, columns in COLUMNS.items():
        wanted = getattr(asked, name)
        says = [bare(str(row[column])) for column in columns if row.get(column) is not None]
        if not wanted or name in lookup.takes or not says:
            continue
        if not any(bare(value) in says for value in wanted):
            return False
    return True


#: Where a row says of which sport, league, book and game it is. What provider calls a sport another calls a league.
COLUMNS = {"sport": ("sport", "league"), "league": ("league", "sport"), "book": ("book",), "game": ("game",)}
