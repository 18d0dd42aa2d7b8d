"""Is this name one that the provider knows? Pure: the known names come from a provider's catalog.py.

Wrong names are the commonest silence: OpticOdds ignores an unknown book, BoltOdds any value that is
not spelt exactly so, and a league of another sport gives a stream of pings.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from difflib import SequenceMatcher, get_close_matches
from functools import partial
from typing import Any

from oddstail.lookup import Catalogue, Names, Row
from oddstail.model import Bet, UsageError
from oddstail.providers.flags import values
from oddstail.text import fold

#: How to have a name sent all the same; of streams alone.
INSIST = " (--no-validate to insist)"
#: More names than this are not put into an error, nor into a warning.
_SHOWN, _SAMPLE = 40, 8
#: Our own kinds that a user may give for a market, and how they may be written without spaces and punctuation.
_KINDS = {"moneyline": "moneyline", "spread": "spread", "total": "total", "teamtotal": "team_total"}
#: Two names of which so much is the same: one is a slip for the other.
_SLIP = 0.82
_COUNTED = {"first": "1st", "second": "2nd", "third": "3rd", "fourth": "4th"}
_ORDER = (*_KINDS.values(), "prop", "future")

#: What bet a market is, by its name.
Kinds = Callable[[str], Bet]


def checked(
    own: Mapping[str, Any], catalogue: Catalogue, lists: Mapping[str, Names], title: str, name: str
) -> tuple[dict[str, Any], list[str]]:
    """A provider's flags with their values as it spells them, and what to say about them. UsageError.

    `lists` are the lists that could be had, by flag; for the others the names that came along stand in.
    """
    out, notes = dict(own), []
    for flag, what in catalogue.flags.items():
        if flag == "game" or not own.get(flag):
            continue
        given = values(own[flag], f"--{flag}")
        known = lists.get(flag) or catalogue.builtin.get(what)
        if known is None:
            notes += [f"{title}: no list to check the {flag} {value!r} against; sending it as it is" for value in given]
            continue
        if flag == "league" or (flag == "sport" and "league" not in catalogue.flags):
            given, said = _by_our_names(given, catalogue, known, title)
            notes += said
        free = [value for value in given if value in catalogue.always]
        if what == "markets":
            for value in [*given]:
                called = [one for one in catalogue.alike(value) if known.has != "all" or one in known.known]
                if called and (value in called or value not in known.known):
                    notes.append(_by_book(value, called, known, title, f"oddstail list {what} {name}"))
                    free += [value] if value in called else called
                    given.remove(value)
        rest, said = check(
            [value for value in given if value not in free],
            known,
            title,
            f"oddstail list {what} {name}",
            partial(_bet, catalogue) if what == "markets" else None,
        )
        out[flag], notes = list(dict.fromkeys([*free, *rest])), [*notes, *said]
    return out, notes


def _by_our_names(given: list[str], catalogue: Catalogue, known: Names, title: str) -> tuple[list[str], list[str]]:
    """Competitions that are given by our short names (nba, epl), as the provider spells them."""
    bare = {_bare(name) for name in (*known.known, *known.also)}
    out, notes = [], []
    for value in given:
        meant = catalogue.competitions(value, known.known) if _bare(value) not in bare else []
        if meant and meant != [value]:
            notes.append(f"{title} spells {value!r} as {', '.join(map(repr, meant))}; using that")
        out += meant or [value]
    return list(dict.fromkeys(out)), notes


def _bet(catalogue: Catalogue, market: str) -> Bet:
    return catalogue.bet(market, None)


def check(
    given: Sequence[str], names: Names, title: str, where: str = "", kinds: Kinds | None = None
) -> tuple[list[str], list[str]]:
    """The names as the provider spells them, and what to say about them. UsageError for what is surely wrong.

    `where` is the command that lists them all; `kinds` tells the kind of a market.
    """
    spelled: dict[str, set[str]] = {}
    for name in sorted(names.known - names.also.keys()):
        spelled.setdefault(_bare(name), set()).add(name)
    for name, them in names.also.items():
        spelled.setdefault(_bare(name), set()).update(them)
    out, notes = [], []
    for value in given:
        meant = {value} if value in names.known else spelled.get(_bare(value), set[str]())
        if len(meant) > 1:
            several = " or ".join(f'"{name}"' for name in sorted(meant)[:6])
            raise UsageError(f'{title} has several by the name of "{value}": {several}; say which')
        exact = next(iter(meant), None)
        if exact is None:
            if kinds is not None and (same := _of_kind(value, names, kinds)):
                raise UsageError(_is_kind(value, names, same, title))
            near, alike = _near(value, names)
            if names.has == "all" or (alike >= _SLIP and names.has == "most"):
                raise UsageError(_unknown(value, names, near, title, where))
            if near:
                hint = _hint(near)
                notes.append(f"{title}: the {names.what} {value!r} is not known here; {hint} Sending it as it is")
            else:
                some = f"known are {_sample(names, kinds, where)}." if names.known else "nothing is listed."
                notes.append(f"{title}: the {names.what} {value!r} is not known here; {some} Sending it as it is")
        elif exact != value:
            notes.append(f"{title} spells the {names.what} {value!r} as {exact!r}; using that")
        out.append(exact or value)
    return list(dict.fromkeys(out)), notes


def _by_book(value: str, called: Sequence[str], names: Names, title: str, where: str) -> str:
    """What to say of a market that books call as they like: nobody knows all of its names."""
    several = ", ".join(f'"{name}"' for name in called if name != value)
    if value in called:
        said = f'{title}: other books may call the {names.what} "{value}" otherwise'
        return f"{said} ({several}); name those too, if they are meant" if several else f"{said} ({where})"
    said = f'{title}: books have their own names for the {names.what} "{value}"; asked for {several}'
    return f"{said}: one with another name is not shown ({where})"


def _unknown(value: str, names: Names, near: list[str], title: str, where: str) -> str:
    # It is wrong for sure: a hint may be bolder than what decides whether it is.
    near = near or _near(value, names, 0.65)[0]
    first = _first(names)
    if near:
        hint = _hint(near)
    elif len(first) <= _SHOWN or not where:
        hint = "known: " + ", ".join(sorted(first))
    else:
        hint = f"all {len(first):,} are listed by: {where}"
    return f'{title} has no {names.what} "{value}"; {hint}{INSIST}'


def _of_kind(value: str, names: Names, kinds: Kinds) -> list[str]:
    """The markets of a whole game that are of the kind that a value names. None where it may be a market's own name."""
    kind = _KINDS.get(_bare(value).removesuffix("s"))
    if kind is None or (value != value.casefold() and kinds(value).kind != "other"):
        return []
    return sorted((name for name in _first(names) if kinds(name)[:2] == (kind, "game")), key=_short)


def _is_kind(value: str, names: Names, same: list[str], title: str) -> str:
    several = ", ".join(f'"{name}"' for name in same[:6]) + (" ..." if len(same) > 6 else "")
    several = f"one of {several}" if len(same) > 1 else several
    kind = _KINDS[_bare(value).removesuffix("s")].replace("_", " ")
    return f'{title} has no {names.what} "{value}"; its {kind} is {several}{INSIST}'


def _sample(names: Names, kinds: Kinds | None, where: str) -> str:
    """Some of the names that are known: of markets, those that most people bet on."""

    def rank(name: str) -> tuple[int, int, str]:
        kind, period = kinds(name)[:2] if kinds is not None else ("", "game")
        return (_ORDER.index(kind) if kind in _ORDER and period == "game" else len(_ORDER), *_short(name))

    first = sorted(_first(names), key=rank)
    more = len(first) - _SAMPLE
    also = f" and {more:,} more" + (f" ({where})" if where else "") if more > 0 else ""
    return ", ".join(first[:_SAMPLE]) + also


def _first(names: Names) -> set[str]:
    """Each thing that is known by the one name that we send."""
    return {name for name in names.known if name in names.also.get(name, (name,))}


def _short(name: str) -> tuple[int, str]:
    """What comes first: a short name is the plain one (`spreads` before `alternate_spreads`)."""
    return len(name), name


def _hint(near: list[str]) -> str:
    return "did you mean " + " or ".join(f'"{name}"' for name in near) + "?"


def _near(value: str, names: Names, cutoff: float = _SLIP) -> tuple[list[str], float]:
    """What the provider calls the things that are most likely meant, and how much alike the best is, in 0..1."""
    by_bare: dict[str, set[str]] = {}
    for name in sorted(names.known - names.also.keys()):
        by_bare.setdefault(_plain(name), set()).add(name)
    for name, meant in names.also.items():
        by_bare.setdefault(_plain(name), set()).update(meant)
    bare = _plain(value)
    close = get_close_matches(bare, by_bare, n=6, cutoff=cutoff)
    # Who writes `caesars sportsbook` means Caesars, however much more of it the letters of another one have.
    first = [one for one in by_bare if _begins_alike(bare, one)]
    found = {one: SequenceMatcher(None, bare, one).ratio() for one in first or close if _has_numbers(one, bare)}
    best = max(found.values(), default=0.0)
    ranked = sorted((one for one, ratio in found.items() if ratio > best - 0.1), key=lambda one: -found[one])
    ranked = ranked or sorted((one for one in by_bare if len(bare) > 2 and bare in one), key=len)
    return list(dict.fromkeys(name for one in ranked for name in sorted(by_bare[one])))[:3], best


def _begins_alike(value: str, name: str) -> bool:
    """Whether one is the other and more words, as they are written or run together; or the first word is the same."""
    short, long = value.replace(" ", ""), name.replace(" ", "")
    if len(short) > 2 and long.startswith(short):
        return True
    words = value.split()
    if any("".join(words[:count]) == long for count in range(1, len(words))):
        return len(long) > 2
    return words[:1] == name.split()[:1] and SequenceMatcher(None, value, name).ratio() >= 0.6


def _has_numbers(name: str, value: str) -> bool:
    """Whether a name has the digits of a value: `1st half total` is no slip for `2nd Half Total`, nor for `Total`."""
    there, wanted = (Counter(char for char in text if char.isdigit()) for text in (name, value))
    return wanted <= there


def _plain(name: str) -> str:
    """A name for comparing: its words alone, and what is counted in digits."""
    return " ".join(_COUNTED.get(word, word) for word in re.split(r"[\W_]+", fold(name)) if word)


def games(given: Sequence[str], rows: Iterable[Row], title: str) -> tuple[list[str], list[str]]:
    """Games by their id, or by a part of a team's name: their ids, and what to say. UsageError for a team of none."""
    rows = list(rows)
    ids = {row["id"] for row in rows}
    out, notes = [], []
    for value in given:
        found = [value] if value in ids else [row["id"] for row in rows if _plays(row, value)]
        if found and found != [value]:
            names = ", ".join(_game(row) for row in rows if row["id"] in found)
            notes.append(f"{title}: {value!r} is {names}; using {'that' if len(found) == 1 else 'those'}")
        elif not found and _is_words(value):
            raise UsageError(f'{title} lists no game with "{value}"; it has: {_some(rows)}{INSIST}')
        elif not found:
            notes.append(f"{title} does not list the game {value!r} now; sending it as it is")
        out += found or [value]
    return list(dict.fromkeys(out)), notes


def books(given: Iterable[str], names: Names, title: str) -> list[str]:
    """What to say of books that a condition is about and that the provider does not have. No error: it may get them."""
    there = {fold(name) for name in (*names.known, *names.also)}
    notes = []
    for value in given:
        near, _ = _near(value, names, 0.7)
        if fold(value) not in there and (near or names.has == "all"):
            hint = f"; {_hint(near)}" if near else ""
            notes.append(f'{title} lists no book "{value}", which a condition asks for{hint}')
    return notes


def absent(given: Iterable[str], names: Names, title: str) -> list[str]:
    """What to say of names that are not there at all, with the nearest that is."""
    there = {fold(name) for name in (*names.known, *names.also)}
    missing = [value for value in given if fold(value) not in there]
    return [_unknown(value, names, [], title, "").removesuffix(INSIST) for value in missing]


def teams(given: Iterable[str], rows: Sequence[Row], title: str) -> list[str]:
    """What to say of teams that play in none of the games that are listed."""
    played = {str(row[side]) for row in rows for side in ("home", "away") if row.get(side)}
    if rows and not played:
        return []
    # A team is known by a part of its name.
    parts: dict[str, str] = {}
    for team in sorted(played):
        parts.update(dict.fromkeys((fold(team), *fold(team).split()), team))
    notes = []
    for value in given:
        if any(fold(value.strip()) in fold(team) for team in played):
            continue
        near = dict.fromkeys(parts[part] for part in get_close_matches(fold(value), parts, n=3, cutoff=0.7))
        hint = f"; {_hint(list(near))}" if near else f": {_some(rows)}" if rows else ""
        where = f"in none of the {len(rows)} games that it lists now" if rows else "in no game: it lists none now"
        notes.append(f'{title}: --team "{value}" plays {where}{hint}')
    return notes


def _plays(row: Row, text: str) -> bool:
    """Whether a row is the game that is meant: its label or a team has the text, or it is its other id."""
    folded = fold(text)
    sides = [fold(str(row[side])) for side in ("home", "away") if row.get(side)]
    return folded == fold(str(row["id"])) or folded == row.get("universal_id") or any(folded in one for one in sides)


def _game(row: Row) -> str:
    return f"{row.get('away') or '?'} at {row.get('home') or '?'}"


def _is_words(value: str) -> bool:
    """A team rather than an id: letters and spaces alone, and not an id's hex digits in capitals."""
    return value.replace(" ", "").isalpha() and not value.isupper()


def _some(rows: Sequence[Row]) -> str:
    return ", ".join(_game(row) for row in rows[:6]) + (" ..." if len(rows) > 6 else "") if rows else "none now"


def _bare(name: str) -> str:
    return re.sub(r"[\W_]+", "", fold(name))
