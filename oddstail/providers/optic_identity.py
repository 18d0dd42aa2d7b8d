"""The identity of a price at OddsJam v2 and OpticOdds v3: whatever the vendor gives to tell two prices apart. Pure.

The vendor advises game, book, market and name (docs/wire/opticodds.md, 2.5). Two prices may share all four: then the
selection, the side, the line, ids of player and team, the period, the grouping key or the odd's own id tell them apart.
What only repeats the four is left out, so that the key of an ordinary price is short.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from typing import Any

from oddstail.providers import fields
from oddstail.providers.optic_selection import Named

#: Prices whose first id of a kind is remembered.
_MOST = 200_000
_OTHER = re.compile(r"[^0-9a-z+-]+")
#: A grouping key: `default`, `default:-4.5`, `jayson_tatum:28.5` (section 5).
_GROUP = re.compile(r"(.*?)(?::([+-]?\d+(?:\.\d+)?))?")
#: Kinds of market in which a team's name says which team it is.
_OF_TEAMS = ("moneyline", "spread", "total", "team_total")


class Identities:
    """The keys of one stream. `known` outlives a connection: the first id of each kind that a key had."""

    def __init__(self, known: dict[str, str], *, lists_agree: bool) -> None:
        self._known = known
        #: Whether the provider's lists have the ids that its stream has.
        self._lists_agree = lists_agree

    def key(
        self,
        row: Mapping[str, Any],
        names: tuple[str, str, str, str],
        parted: Named,
        *,
        side: str | None,
        line: float | None,
        kind: str,
    ) -> str:
        """The key of a row. `names` are game, book, market and the selection's name, which `parted` has taken apart.

        `side` and `line` are the row's, `kind` is that of the market by our table.
        """
        name = names[3]
        selection, period = fields.text(row.get("selection")), fields.text(row.get("period"))
        player, team = fields.text(row.get("player_id")), fields.text(row.get("team_id"))
        is_said = selection is not None and selection.casefold() in (
            parted.subject.casefold(),
            name.casefold(),
            *(() if parted.subject else (side, parted.side)),
        )
        of_teams = player is None and kind in _OF_TEAMS
        added = {
            "selection": None if is_said else selection,
            "side": None if side == parted.side else side,
            "points": None if line is None or parted.line is not None else f"{line:g}",
            "period": None if period is None else period.casefold(),
            "player": player,
            "team": None if of_teams or player is not None else team,
            "group": _group(fields.text(row.get("grouping_key")), selection, parted),
        }
        made = "|".join(
            [*map(_escaped, names), *(f"{what}={_escaped(word)}" for what, word in added.items() if word is not None)]
        )
        if team is not None and added["team"] is None:
            made = self._unless_first(made, "team", team)
        own = fields.text(row.get("id"))
        if own is None:
            return made
        if self._lists_agree and _has_form(own):
            last = " ".join(filter(None, (name, added["side"], added["points"])))
            return made if _repeats(own, f":{names[1]}:{names[2]}:{last}") else f"{made}|id={_escaped(own)}"
        return self._unless_first(made, "id", own)

    def _unless_first(self, made: str, what: str, value: str) -> str:
        """The key as it is for the first value of its kind, with the value for any other.

        An id of the vendor's form (`game:book:market:selection`) and one of another form may be of one price: ids are
        not guaranteed to keep a format (section 5).
        """
        mark = f"{what} {_has_form(value)} {made}"
        first = self._known.get(mark)
        if first is None:
            if len(self._known) >= _MOST:
                del self._known[next(iter(self._known))]
            first = self._known[mark] = value
        return made if first == value else f"{made}|{what}={_escaped(value)}"


def _group(sent: str | None, selection: str | None, parted: Named) -> str | None:
    """What a grouping key tells beyond the name, whose line it repeats, if with another sign."""
    matched = None if sent is None else _GROUP.fullmatch(sent)
    if sent is None or matched is None:
        return sent
    label, number = matched[1], fields.number(matched[2])
    repeats = label == "default" or _slug(label) in (_slug(selection or ""), _slug(parted.subject))
    if number is not None and (parted.line is None or abs(number) != abs(parted.line)):
        return sent
    return None if repeats else label


def _has_form(own: str) -> bool:
    """Whether an id is `game:book:market:selection`."""
    return own.count(":") >= 3


def _repeats(own: str, names: str) -> bool:
    """Whether an id, but for its game's id, says what the names say. Most do, letter by letter."""
    return own.endswith(names.lower().replace(" ", "_").replace(".", "_")) or _slug(own).endswith(_slug(names))


def _slug(text: str) -> str:
    """A name as the vendor makes ids of names (section 5), whatever it does to punctuation and accents."""
    plain = "".join(letter for letter in unicodedata.normalize("NFKD", text) if not unicodedata.combining(letter))
    return ":".join(_OTHER.sub("_", part).strip("_") for part in plain.casefold().split(":"))


def _escaped(word: str) -> str:
    return word.replace("\\", "\\\\").replace("|", "\\|") if "|" in word or "\\" in word else word
