"""What stands around the body: the title, the books with their age, the state of the links, help, and why. Pure."""

from __future__ import annotations

from textwrap import wrap

from rich.cells import cell_len
from rich.style import Style

from oddstail import local_time, words
from oddstail.board.cells import Parts, fit, right
from oddstail.board.columns import Columns
from oddstail.board.keys import HELP
from oddstail.board.order import Item
from oddstail.board.screen import Scene, ago, percent, side_name, tag_of
from oddstail.board.theme import AGING, FRESH, OLD
from oddstail.market import consensus as _value
from oddstail.market.connections import Link
from oddstail.market.state import MOST_ROWS
from oddstail.text import visible

_SECOND = 1_000_000
#: Microseconds that a notice stays in the last line.
_SAID = 30 * _SECOND


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
    for book in columns.books:
        names += right(
            [(visible(book, columns.cell - 1), theme.text + Style(bold=True)), (" ", theme.text)], columns.cell
        )
        ages += right([*dot(scene, book), (" ", theme.text)], columns.cell)
    used = columns.label + len(columns.books) * columns.cell
    if columns.best:
        bold = theme.text + Style(bold=True)
        names += [("│", theme.rule), *right([("Best ", bold)], min(columns.best, columns.best // 2 + 3))]
        names.append((" " * (columns.best - columns.best // 2 - 3), theme.text))
        ages += [("│", theme.rule), (" " * columns.best, theme.text)]
        used += columns.best + 1
        for width_, name in ((columns.hold, "Hold"), (columns.fair, "Fair"), (columns.spark, "moves")):
            if width_:
                names += right([(name, bold)], width_)
                ages.append((" " * width_, theme.text))
                used += width_
    pad = (" " * max(0, width - used), theme.text)
    return [[*names, pad], [*ages, pad]]


def dot(scene: Scene, book: str) -> Parts:
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
        return [(f"{OLD} down{told}", theme.bad)]
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
        return [(fit(f"{text}   Space: go on", scene.width), theme.banner)]
    parts: list[tuple[str, Style]] = [(f" {view.over} ", theme.banner) if view.over else _state(scene)]
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


# --- what is laid over the body ---------------------------------------------------------------------


def help_panel(scene: Scene) -> list[Parts]:
    """Every key and what it does."""
    theme = scene.theme
    width = max(len(keys) for keys, _ in HELP) + 2
    lines: list[Parts] = [[(f" {keys:<{width}}", theme.key), (does, theme.text)] for keys, does in HELP]
    marks: Parts = [
        (" ▲▼ ", theme.key),
        ("moved ", theme.text),
        (" -110? ", theme.stale),
        ("may be old ", theme.text),
        (" -110× ", theme.dead),
        ("link down", theme.text),
    ]
    worth: Parts = [
        (" -4%? ", theme.stale),
        ("a hold of two moments ", theme.text),
        (" 2 out ", theme.dim),
        ("books that do not count: e", theme.text),
    ]
    return panel(scene, "keys", [*lines, marks, worth])


def why_panel(scene: Scene, item: Item | None, notes: list[str]) -> list[Parts]:
    """Of the row under the cursor: what each book counts for, and why not. Of an empty board: what is the matter."""
    theme = scene.theme
    if item is None or item.market is None:
        told = emptiness(scene, notes)
        return panel(scene, "why there is nothing", [[(f" {text}", theme.text)] for text in told])
    market = item.market
    if item.main:
        value = _value.of_market(market, scene.terms)
        cells = _value.shown(market, value.line)
    else:
        value, cells = _value.of_line(market, item.line, scene.terms), _value.at_line(market, item.line)
    lines: list[Parts] = []
    for book in sorted(set(scene.board.books) | set(cells), key=str.casefold):
        said = [cell.at for cell in cells.get(book, {}).values() if cell.quote.price is not None]
        age = f", said {' and '.join(dict.fromkeys(ago(scene.moment - at) for at in said))} ago" if said else ""
        if book in value.out:
            why, style = f"left out: {_value.REASONS[value.out[book]]}", theme.suspended
        elif book in value.partial:
            why, style = f"Best only: {_value.REASONS['side']}", theme.warn
        elif book in cells:
            why, style = "counts", theme.good
        else:
            why, style = "said nothing of this market", theme.dim
        lines.append([(f" {fit(visible(book), 16)}", theme.text), (why + age, style)])
    what = market.sides.get(item.side)
    name = side_name(what, item.side, market) if what else item.side
    lines.append([("", theme.text)])
    fair = scene.terms.fair
    of = "the mean of the books that count" if fair == _value.CONSENSUS else f"of {visible(fair, 20)}"
    if value.hold is not None and value.doubtful:
        doubt = f" A hold of {percent(value.hold)}: one of the best prices is probably late"
        lines.append([(doubt, theme.warn)])
        why = f" (their ages differ by {ago(value.apart)}, the highest pays {value.above:.2f} times what is fair)"
        lines.append([(why, theme.warn)])
    lines.append([(f" Fair is {of}, margin taken out: {scene.terms.devig}", theme.dim)])
    return panel(scene, f"{tag_of(market, 30)} {visible(name, 30)}", lines)


def emptiness(scene: Scene, notes: list[str]) -> list[str]:
    """Why nothing is on the board, as far as the board can know."""
    view, board = scene.view, scene.board
    if view.filter and board.games:
        return [f"Nothing has {visible(view.filter)!r} in it. Esc shows all again."]
    if board.games and view.layout == "ladder":
        return ["This game is on offer no more. Tab: the next one."]
    if board.games:
        return ["Nothing to show here."]
    known = [link for link in board.links.known.values() if link.conn]
    out = []
    for link in known:
        label = visible(link.label, 30) or f"link {link.conn}"
        if link.up is False:
            out.append(f"{label}: {_retry(link, scene.moment)}{visible(link.detail, 80)}")
        elif link.up:
            out.append(f"{label}: connected {ago(scene.moment - link.since)} ago, no prices yet")
        else:
            out.append(f"{label}: connecting")
    if board.links.said:
        out.append(visible(board.links.said, 100))
    if board.links.others:
        other = words.many(board.links.others, "record")
        out.append(f"{other} without a price came: -o lines or -o json shows them")
    return [*(out or ["connecting"]), *(visible(note) for note in notes)]


def panel(scene: Scene, name: str, lines: list[Parts]) -> list[Parts]:
    """Lines in a box as wide as they need, at most as wide as the scene: then they go on below."""
    theme = scene.theme
    inner = max([sum(cell_len(text) for text, _ in line) for line in lines] + [len(name) + 4]) + 1
    inner = min(inner, scene.width - 2)
    out: list[Parts] = [[(f"╭─ {fit(name, min(cell_len(name), inner - 4))} ", theme.rule)]]
    out[0].append(("─" * max(0, inner + 1 - cell_len(out[0][0][0])) + "╮", theme.rule))
    for line in (row for whole in lines for row in _wrapped(whole, inner)):
        room, body = inner, []
        for text, style in line:
            text = fit(text, min(cell_len(text), room))
            room -= cell_len(text)
            body.append((text, style))
        out.append([("│", theme.rule), *body, (" " * room, theme.text), ("│", theme.rule)])
    out.append([(f"╰{'─' * inner}╯", theme.rule)])
    return out


def _wrapped(line: Parts, width: int) -> list[Parts]:
    """A line of a box as one or several of so many cells: what it says goes on under itself."""
    if sum(cell_len(text) for text, _ in line) <= width:
        return [line]
    if len(line) > 2:
        # Marks, each with what it means.
        rows: list[Parts] = [[]]
        for pair in (line[at : at + 2] for at in range(0, len(line), 2)):
            if rows[-1] and sum(cell_len(text) for text, _ in [*rows[-1], *pair]) > width:
                rows.append([])
            rows[-1] += pair
        return rows
    *head, (text, style) = line
    before = sum(cell_len(text) for text, _ in head) or 1
    beside = width - before >= 16
    said = wrap(text.strip(), max(8, width - before if beside else width - 3)) or [""]
    blank: Parts = [(" " * (before if beside else 3), style)]
    if not beside:
        return [head, *([*blank, (more, style)] for more in said)]
    return [[*(head or blank), (said[0], style)], *([*blank, (more, style)] for more in said[1:])]
