"""What stands around the body: the title, the books with their age, the state of the links. Pure."""

from __future__ import annotations

from rich.cells import cell_len
from rich.style import Style

from oddstail import local_time, words
from oddstail.board.cells import Parts, fit, right
from oddstail.board.columns import Columns, codes
from oddstail.board.screen import Scene, ago
from oddstail.board.theme import AGING, FRESH, OLD
from oddstail.market import consensus as _value
from oddstail.market.connections import Link
from oddstail.market.state import MOST_ROWS
from oddstail.text import visible

_SECOND = 1_000_000
#: Cells that `○ down  59s` takes.
_DOWN = 10
#: Microseconds that a notice stays in the last line.
_SAID = 30 * _SECOND
#: Microseconds that the answer to a key stays there.
_COPIED = 5 * _SECOND


def title(scene: Scene, name: str, banner: str) -> Parts:
    """The first line: what this is, and how it is looked at."""
    theme, view, width = scene.theme, scene.view, scene.width
    clock = local_time.at(scene.moment, scene.zone)
    flags: list[str] = [view.odds]
    if view.layout != "screen":
        flags.insert(0, view.layout)
    if view.alternates and view.layout == "screen":
        flags.append("alternates")
    if view.opener:
        flags.append("first price")
    if view.holds:
        flags.append("hold of each book")
    if view.sort != "start" or view.reverse:
        flags.append(f"by {view.sort}{', reversed' if view.reverse else ''}")
    if view.look.devig != "multiplicative":
        flags.append(f"fair: {view.look.devig}")
    if view.look.fair != _value.CONSENSUS:
        flags.append(f"fair: {visible(view.look.fair, 12)}")
    left: Parts = [(" oddstail  ", theme.title)]
    if banner:
        left += [(f" {visible(banner.strip())} ", theme.banner), ("  ", theme.text)]
    end: Parts = [
        ("  " + " · ".join(flags) + "  ", theme.dim),
        (f"{clock:%H:%M:%S} {local_time.zone_name(clock)} ", theme.text if view.still is None else theme.banner),
    ]
    room = width - sum(cell_len(text) for text, _ in (*left, *end))
    if room < cell_len(visible(name).partition("  ")[0]):
        # Whose prices they are goes before how they are looked at, and that before of what.
        end, room = end[-1:], room + cell_len(end[0][0]) - 2
    left.append((fit(visible(name), max(0, min(room, cell_len(visible(name))))), theme.dim))
    return spread(left, end, width)


def books(scene: Scene, columns: Columns, first: int, total: int) -> list[Parts]:
    """Two lines: the books' names, and a dot with the age of the last message of each."""
    theme, width = scene.theme, scene.width
    hidden = ""
    if columns.hidden:
        hidden = f"{words.many(columns.hidden, 'book')} not shown"
        hidden += " →" if columns.after else " ←"
        if cell_len(hidden) >= columns.label:
            # The arrow is the key to press.
            hidden = hidden.replace(" books ", " ").replace(" book ", " ")
    rows = ""
    if total > scene.view.page:
        rows = f"{first + 1}-{min(total, first + scene.view.page)} of {total:,} lines"
    names: Parts = [(fit(f" {hidden}", columns.label), theme.dim)]
    ages: Parts = [(fit(f" {rows}", columns.label), theme.dim)]
    short = {} if scene.view.names else codes(scene.board)
    for book in columns.books:
        names += right(
            [(visible(short.get(book, book), columns.cell - 1), theme.text + Style(bold=True)), (" ", theme.text)],
            columns.cell,
        )
        ages += right([*dot(scene, book, columns.cell), (" ", theme.text)], columns.cell)
    used = columns.label + len(columns.books) * columns.cell
    if columns.best:
        bold = theme.text + Style(bold=True)
        names += [("│", theme.rule), *right([("Best ", bold)], columns.best)]
        ages += [("│", theme.rule), (" " * columns.best, theme.text)]
        used += columns.best + 1
        named_columns = (
            (columns.hold, "Hold"), (columns.fair, "Fair"), (columns.edge, "Edge"), (columns.open, "Open"),
            (columns.spark, "moves"),
        )  # fmt: skip
        for width_, name in named_columns:
            if width_:
                names += right([(name, bold)], width_)
                ages.append((" " * width_, theme.text))
                used += width_
    pad = (" " * max(0, width - used), theme.text)
    return [[*names, pad], [*ages, pad]]


def dot(scene: Scene, book: str, width: int) -> Parts:
    """A dot and an age: when a book was last heard, and whether that is long ago."""
    theme, look = scene.theme, scene.view.look
    heard = [(link.heard[book], link) for link in scene.board.links.known.values() if book in link.heard]
    if not heard:
        return [("", theme.dim)]
    at = max(when for when, _ in heard)
    age = scene.moment - at
    # As wide as it can be: a dot that moves by one each ten seconds would be a blink.
    told = f" {ago(age):>3}"
    if all(link.up is False for _, link in heard):
        return [(f"{OLD} down{told}" if width > _DOWN else f"{OLD}{told}", theme.bad)]
    if age > look.stale_after * _SECOND:
        return [(OLD, theme.warn), (told, theme.warn)]
    if age > look.stale_after * _SECOND / 2 or all(link.mute or link.up is False for _, link in heard):
        return [(AGING, theme.warn), (told, theme.dim)]
    return [(FRESH, theme.good), (told, theme.dim)]


def foot(scene: Scene, rate: float, out: dict[str, set[str]], notes: list[str]) -> Parts:
    """The last line: the state of the links first, then what fits of the rest, the most important first."""
    theme, view, links = scene.theme, scene.view, scene.board.links
    if view.typing:
        paused: Parts = [(" PAUSED ", theme.banner)] if view.still is not None else []
        return spread([*paused, (" /", theme.key), (visible(view.filter), theme.text), ("▏", theme.key)],
                      [("Enter keeps it  Esc clears ", theme.dim)], scene.width)  # fmt: skip
    if view.still is not None:
        news = links.seen - view.still.links.seen
        text = f" PAUSED  picture of {ago(scene.moment - view.paused_at)} ago, {words.many(news, 'quote')} since"
        dead = sum(1 for link in links.known.values() if link.up is False)
        if dead:
            text += f"; {words.many(dead, 'link')} down"
        if links.unpaid:
            text += "; out of credits"
        if view.filter:
            text += f"; filter: {visible(view.filter)}"
        return [(fit(f"{text}   Space: resume", scene.width), theme.banner)]
    parts: list[tuple[str, Style]] = [(f" {view.over} ", theme.banner) if view.over else _state(scene)]
    if view.said and 0 <= scene.moment - view.said_at < _COPIED:
        parts.append((visible(view.said, max(20, scene.width - 30)), theme.key))
    if links.said and scene.moment - links.said_at < _SAID:
        free = scene.width - cell_len(parts[0][0]) - 8
        if free >= 20:
            parts.append((visible(links.said, free), theme.warn))
    if view.filter:
        parts.append((f"filter: {visible(view.filter)}", theme.key))
    if missing := _value.missing(scene.board, view.look.fair):
        parts.append((missing, theme.warn))
    parts.append((f"{rate:,.0f}/s", theme.text))
    parts += [(visible(told), theme.warn) for told in links.ill]
    if links.gaps:
        parts.append((words.many(links.gaps, "gap"), theme.warn))
    dark = [link.since for link in links.known.values() if link.conn and link.blind]
    dark += [links.unpaid] if links.unpaid else []
    quiet = links.mute
    if dark or quiet:
        since = local_time.at(min(dark or [quiet]), scene.zone)
        parts.append((f"gap {'' if dark else 'perhaps '}open since {since:%H:%M:%S}", theme.warn))
    if out:
        many = len(set().union(*out.values()))
        whys = ", ".join(f"{_value.REASONS[why]}" for why in out)
        parts.append((f"{words.many(many, 'book')} left out: {whys} (e)", theme.dim))
    if (lag := links.lag()) is not None:
        parts.append((f"lag {_millis(lag[0])}, p95 {_millis(lag[1])}", theme.dim))
    if not (links.gaps or dark or quiet or links.ill):
        parts.append(("no gap", theme.dim))
    if links.credits:
        parts.append((words.many(links.credits, "credit"), theme.dim))
    if links.reconnects:
        parts.append((words.many(links.reconnects, "reconnect"), theme.dim))
    if links.unreadable:
        parts.append((f"{links.unreadable} unreadable", theme.warn))
    if scene.board.hidden:
        parts.append((f"{scene.board.hidden:,} quotes beyond {MOST_ROWS:,} rows are not shown", theme.warn))
    parts += [(visible(note), theme.dim) for note in notes]
    left: Parts = [(" ", theme.text)]
    help_: Parts = [(" ? ", theme.key), ("help  ", theme.dim), ("q ", theme.key), ("quit ", theme.dim)]
    room = scene.width - 1 - sum(cell_len(text) for text, _ in help_)
    if cell_len(parts[0][0]) + 2 > room:
        help_, room = [], scene.width - 1
    for text, style in parts:
        size = cell_len(text) + 2
        if size > room and len(left) > 1:
            continue
        left += [(fit(text, min(cell_len(text), max(1, room))), style), ("  ", theme.text)]
        room -= size
    return spread(left, help_, scene.width)


def _state(scene: Scene) -> tuple[str, Style]:
    """Live, recovering or down: which link, why, and when it is tried again."""
    theme = scene.theme
    known = [link for link in scene.board.links.known.values() if link.conn]
    dead = [link for link in known if link.up is False]
    if not known or all(link.up is None for link in known):
        return f"{AGING} connecting", theme.warn
    if not dead:
        if since := scene.board.links.mute:
            return f"{AGING} silent, nothing heard for {(scene.moment - since) / _SECOND:.0f} s", theme.warn
        if since := scene.board.links.unpaid:
            return f"{AGING} out of credits, no updates for {ago(scene.moment - since)}", theme.warn
        return f"{FRESH} {scene.view.going}", theme.good
    link = min(dead, key=lambda link: (link.over, link.retry_at or 0))
    who = f"{visible(link.label, 20)}: " if len(known) > 1 and link.label else ""
    count = "" if len(known) == 1 else f"{len(dead)} of {len(known)} "
    state = "down" if all(one.over for one in dead) else "recovering"
    return f"{OLD} {count}{state}  {who}{_retry(link, scene.moment)}{visible(link.detail, 60)}", theme.bad


def _retry(link: Link, now: int) -> str:
    if link.retry_at is None:
        return "" if link.told else "no more tries; "
    wait = -((now - link.retry_at) // _SECOND)
    return f"retry in {wait} s; " if wait > 0 else "connecting; "


def _millis(value: int) -> str:
    """A lag; one of hours is a provider's clock or a replay, and its length says nothing."""
    if abs(value) < 10_000:
        return f"{value} ms"
    return f"{value / 1000:.0f} s" if abs(value) < 3_600_000 else "over 1 h"


def spread(left: Parts, end: Parts, width: int) -> Parts:
    """One line with something at either end; what is on the left gives way last."""
    size = sum(cell_len(text) for text, _ in left)
    while end and size + sum(cell_len(text) for text, _ in end) > width:
        end = end[1:]
    room = width - sum(cell_len(text) for text, _ in end)
    out: Parts = []
    for text, style in left:
        if room <= 0:
            break
        text = fit(text, min(cell_len(text), room))
        room -= cell_len(text)
        out.append((text, style))
    return [*out, (" " * max(0, room), Style()), *end]


def emptiness(scene: Scene, notes: list[str]) -> list[str]:
    """Why nothing is on the board, as far as the board can know."""
    view, board = scene.view, scene.board
    if view.filter and board.games:
        return [f"Nothing has {visible(view.filter)!r} in it. Esc shows all again."]
    if board.games and view.layout == "ladder":
        return ["This game is no longer offered. Tab: the next one."]
    if board.games:
        return ["Nothing to show here."]
    known = [link for link in board.links.known.values() if link.conn]
    out = []
    for link in known:
        label = visible(link.label, 30) or f"link {link.conn}"
        if link.up is False:
            out.append(f"{label}: {_retry(link, scene.moment)}{visible(link.detail, 80)}")
        elif link.up:
            out.append(f"{label}: connected {ago(scene.moment - link.since)} ago, no prices to show yet")
        else:
            out.append(f"{label}: connecting")
    if board.links.said:
        out.append(visible(board.links.said, 100))
    if board.links.others:
        other = words.many(board.links.others, "record")
        out.append(f"{other} without a price came: -o lines or -o json shows them")
    return [*(out or ["connecting"]), *(visible(note) for note in notes)]
