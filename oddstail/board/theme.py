"""Colours and marks. Direction and trust are always told by a sign as well: colour only makes it faster to see."""

from __future__ import annotations

from dataclasses import dataclass

from rich.style import Style

UP, DOWN = "▲", "▼"
#: The line moved, not the price.
LINE_UP, LINE_DOWN = "↑", "↓"
FRESH, AGING, OLD = "●", "◐", "○"
PIN = "★"


@dataclass(frozen=True, slots=True, kw_only=True)
class Theme:
    """The styles of everything on the screen."""

    up: Style
    down: Style
    dim: Style
    text: Style
    title: Style
    band: Style
    band_dim: Style
    best: Style
    tag: Style
    rule: Style
    good: Style
    warn: Style
    bad: Style
    stale: Style
    dead: Style
    suspended: Style
    banner: Style
    key: Style

    @property
    def up_now(self) -> Style:
        """Digits that just rose."""
        return self.up + _NOW

    @property
    def down_now(self) -> Style:
        """Digits that just fell."""
        return self.down + _NOW


_NOW = Style(bold=True, reverse=True)


def _theme(
    *,
    up: str,
    down: str,
    text: str,
    dim: str,
    faint: str,
    band: str,
    band_text: str,
    accent: str,
    warn: str,
    bad: str,
    best: str = "",
    best_on: str = "",
    on_warn: str = "#111418",
) -> Theme:
    return Theme(
        up=Style(color=up),
        down=Style(color=down),
        text=Style(color=text) if text else Style(),
        dim=Style(color=dim),
        title=Style(color=accent, bold=True),
        band=Style(color=band_text, bgcolor=band, bold=True),
        band_dim=Style(color=dim, bgcolor=band),
        best=Style(color=best or None, bgcolor=best_on or None, bold=True, underline=not best_on or None),
        tag=Style(color=dim),
        rule=Style(color=faint),
        good=Style(color=up),
        warn=Style(color=warn),
        bad=Style(color=bad, bold=True),
        stale=Style(color=dim, italic=True),
        dead=Style(color=faint, dim=True),
        suspended=Style(color=warn, dim=True),
        banner=Style(color=on_warn, bgcolor=warn, bold=True),
        key=Style(color=accent),
    )


#: A band is nearly grey: with more of a hue, a terminal of 256 colours has nothing nearer than a navy blue.
#: Blue and orange: told apart with every common colour blindness (Okabe & Ito 2008, "Color universal design").
THEMES: dict[str, Theme] = {
    "dark": _theme(
        up="#56b4e9", down="#f0a13a", text="#c0c7d0", best="#ffffff", best_on="#27364a",
        dim="#7d8894", faint="#4d5661", band="#262a30",
        band_text="#eef2f6", accent="#9ecbff", warn="#e5c04b", bad="#f47c6c",
    ),
    "light": _theme(
        up="#0061a8", down="#b25000", text="#333a42", best="#000000", best_on="#d6e4f2",
        dim="#68727d", faint="#a4adb6", band="#e4e4e4",
        band_text="#11161c", accent="#004b87", on_warn="#ffffff", warn="#8a6100", bad="#b3261e",
    ),
    "classic": _theme(
        up="#3fb950", down="#f85149", text="#c0c7d0", best="#ffffff", best_on="#27364a",
        dim="#7d8894", faint="#4d5661", band="#262a30",
        band_text="#eef2f6", accent="#9ecbff", warn="#e5c04b", bad="#ff7b72",
    ),
    "terminal": _theme(
        up="cyan", down="yellow", text="", dim="bright_black", faint="bright_black", band="default",
        band_text="default", accent="bright_cyan", warn="yellow", bad="bright_red",
    ),
}  # fmt: skip
