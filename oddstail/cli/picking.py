"""The flags that pick out of a stream what the wire cannot, and the filters that they come to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Annotated

from oddstail.cli.flag import option
from oddstail.model import UsageError

if TYPE_CHECKING:
    from oddstail.filters import Filter

PICK = "Filters, applied here"


_option = partial(option, panel=PICK)


@dataclass(frozen=True, kw_only=True)
class Picks:
    """The flags of the filters. `local_game` is `--game` where the provider's wire has none."""

    local_game: Annotated[
        list[str] | None,
        _option("--game", "-g", metavar="TEXT", help="Games whose id or teams contain this text. Repeatable."),
    ] = None
    team: Annotated[
        list[str] | None, _option("--team", metavar="TEXT", help="Games of a team with this text in its name.")
    ] = None
    player: Annotated[
        list[str] | None, _option("--player", metavar="TEXT", help="Prices on a player with this text in the name.")
    ] = None
    where: Annotated[
        list[str] | None,
        _option(
            "--where",
            metavar="EXPR",
            help='A condition over a record: \'book in ("Pinnacle", "Circa") and line < -3 and not live\'.',
        ),
    ] = None


def picked(picks: Picks, output: str, named: Mapping[str, list[str]] | None = None, *, prices: bool = False) -> Filter:
    """The filters. UsageError for a condition that cannot be understood, and where there is nothing to filter.

    `prices`: the feed brings prices, and no plays or results.
    """
    from oddstail.filters import filtering
    from oddstail.filters import named as exactly
    from oddstail.where import WhereError

    given = {"game": picks.local_game, "team": picks.team, "player": picks.player}
    for flag, values in given.items():
        if values is not None and not all(value.strip() for value in values):
            raise UsageError(f"--{flag} has an empty value; remove it or name one")
    try:
        made = filtering(
            **{flag: [value.strip() for value in values or ()] for flag, values in given.items()},
            where=picks.where or (),
            prices=prices,
        )
    except WhereError as error:
        raise UsageError(f"--where: {error}") from None
    made.terms[:0] = exactly(named or {})
    if made.terms and output == "raw":
        flags = ", ".join(dict.fromkeys(term.text.split()[0] for term in made.terms))
        raise UsageError(f"-o raw prints payloads whole, and {flags} looks into records; use -o json")
    return made
