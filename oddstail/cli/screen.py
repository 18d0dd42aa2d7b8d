"""The flags of the odds screen, and the look that they come to."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from typing import TYPE_CHECKING, Annotated

from oddstail import units
from oddstail.cli.flag import option
from oddstail.model import UsageError

if TYPE_CHECKING:
    from oddstail.board.view import Look

_PANEL = "The screen (-o table)"


class Layout(StrEnum):
    """What the rows are."""

    screen = "screen"
    list = "list"
    ladder = "ladder"


class Odds(StrEnum):
    """How a price is written."""

    american = "american"
    decimal = "decimal"
    fractional = "fractional"
    probability = "probability"


class Theme(StrEnum):
    """The colours. A test holds that there is one of each name."""

    dark = "dark"
    light = "light"
    classic = "classic"
    terminal = "terminal"


class Color(StrEnum):
    """Whether there are any."""

    auto = "auto"
    always = "always"
    never = "never"


class Sort(StrEnum):
    """The order of the games. A test holds that the keys have the same ones."""

    start = "start"
    move = "move"
    hold = "hold"
    edge = "edge"
    name = "name"


class Devig(StrEnum):
    """How the margin is taken out."""

    multiplicative = "multiplicative"
    power = "power"
    shin = "shin"


_option = partial(option, panel=_PANEL)


@dataclass(frozen=True, kw_only=True)
class Screen:
    """How the odds screen looks."""

    layout: Annotated[
        Layout,
        _option("--layout", help="A column for each book; the newest move on top; one game's lines."),
    ] = Layout.screen
    odds: Annotated[Odds, _option("--odds", help="How prices are written; key d switches.")] = Odds.american
    fair: Annotated[
        str, _option("--fair", metavar="BOOK", help="Whose no-vig price is fair: a book, or consensus (the default).")
    ] = "consensus"
    devig: Annotated[Devig, _option("--devig", help="How the margin is taken out.")] = Devig.multiplicative
    stale_after: Annotated[
        str, _option("--stale-after", metavar="DUR", help="A book silent for longer is not compared; default 5m.")
    ] = "5m"
    sort: Annotated[
        Sort, _option("--sort", help="Order of the games: in play first, last move, lowest hold, highest edge, name.")
    ] = Sort.start
    names: Annotated[
        bool, _option("--names/--codes", help="Show books by name, or by codes such as PIN and DK (default); key n.")
    ] = False
    spark: Annotated[bool, _option("--spark", help="A column that draws the last moves.")] = False
    theme: Annotated[Theme, _option("--theme", help="classic is green and red, terminal its own 16.")] = Theme.dark
    color: Annotated[
        Color,
        _option("--color", help="auto: on a terminal, unless NO_COLOR or TERM=dumb; FORCE_COLOR: into a pipe, too."),
    ] = Color.auto


def look(flags: Screen) -> Look:
    """The look that the flags came to. UsageError for a time that is none."""
    from oddstail.board.view import Look

    try:
        stale_after = units.duration(flags.stale_after)
    except ValueError as error:
        raise UsageError(f"--stale-after {error}") from None
    return Look(
        layout=flags.layout.value,
        odds=flags.odds.value,
        theme=flags.theme.value,
        color=flags.color.value,
        devig=flags.devig.value,
        fair=flags.fair,
        stale_after=stale_after,
        spark=flags.spark,
        sort=flags.sort.value,
        names=flags.names,
    )
