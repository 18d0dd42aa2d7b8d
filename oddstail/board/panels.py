"""What is laid over the body: the keys, why a book counts or not, and the last moves of a row. Pure."""

from __future__ import annotations

from textwrap import wrap

from rich.cells import cell_len

from oddstail import local_time, words
from oddstail.board import cells as _cells
from oddstail.board import columns as _columns
from oddstail.board.cells import Parts, fit
from oddstail.board.chrome import emptiness
from oddstail.board.keys import HELP
from oddstail.board.labels import side_name, tag_of
from oddstail.board.order import Item
from oddstail.board.screen import Scene, ago, cells_of, percent, worth
from oddstail.market import consensus as _value
from oddstail.price import Price
from oddstail.text import visible


def help_panel(scene: Scene) -> list[Parts]:
    """Every key and what it does."""
    theme = scene.theme
    width = max(len(keys) for keys, _ in HELP) + 2
    lines: list[Parts] = [[(f" {keys:<{width}}", theme.key), (does, theme.text)] for keys, does in HELP]
    marks: list[Parts] = [
        [(" ▲▼ ", theme.key), ("price moved  ", theme.text), ("↑↓ ", theme.key), ("line moved  ", theme.text),
         ("· ", theme.dim), ("line without a price", theme.text)],
        [("-110? ", theme.stale), ("may be old  ", theme.text), ("-110× ", theme.dead),
         ("disconnected or game over  ", theme.text), ("susp gone done ", theme.suspended), ("no price", theme.text)],
        [("(+3½) ", theme.dim), ("has another line  ", theme.text), ("-110L ", theme.stale), ("to lay  ", theme.text),
         ("-110P ", theme.stale), ("pick'em", theme.text)],
        [("-110¹ ", theme.best), ("of a book with one side only  ", theme.text), ("-110$ ", theme.best),
         ("takes small stakes only", theme.text)],
        [("-4%? ", theme.stale), ("a hold that is probably a late price  ", theme.text), ("Edge ", theme.key),
         ("of Best over what the others call fair", theme.text)],
        [("Open ", theme.key), ("first price of this run, of the leftmost book", theme.text)],
    ]  # fmt: skip
    for row in marks[1:]:
        row[0] = (f" {row[0][0]}", row[0][1])
    codes = _columns.codes(scene.board)
    legend: Parts = [
        part
        for book in _columns.ordered(scene.board)
        for part in ((f" {codes[book]} ", theme.key), (f"{visible(book, 20)} ", theme.text))
    ]
    rest: list[Parts] = [[("", theme.text)], *marks]
    if legend:
        rest += [[("", theme.text)], *_flowed(legend, min(scene.width - 2, _LEGEND))]
    return panel(scene, "keys", [*lines, *rest])


#: Cells of the widest line of a legend.
_LEGEND = 76


def _flowed(pairs: Parts, width: int) -> list[Parts]:
    """Pairs of a mark and its meaning, as many to a line as fit."""
    rows: list[Parts] = [[]]
    for pair in (pairs[at : at + 2] for at in range(0, len(pairs), 2)):
        if rows[-1] and sum(cell_len(text) for text, _ in [*rows[-1], *pair]) > width:
            rows.append([])
        rows[-1] += pair
    return rows


def why_panel(scene: Scene, item: Item | None, notes: list[str]) -> list[Parts]:
    """Of the row under the cursor: what each book counts for, and why not. Of an empty board: what is the matter."""
    theme = scene.theme
    if item is None or item.market is None:
        return _nothing(scene, notes)
    value, cells = worth(item, scene.terms), cells_of(item, scene.terms)
    best = value.best.get(item.side)
    lines: list[Parts] = []
    books = [book for book in _columns.ordered(scene.board) if book in cells]
    for book in books:
        said = [min(cell.time, scene.moment) for cell in cells[book].values() if cell.quote.price is not None]
        more = f", said {' and '.join(dict.fromkeys(ago(scene.moment - at) for at in said))} ago" if said else ""
        mine = cells[book].get(item.side)
        if mine is not None and mine.quote.limit is not None:
            more += f", takes up to {mine.quote.limit:,.10g}"
        if book in value.out:
            why, style = f"left out: {_value.REASONS[value.out[book]]}", theme.suspended
            if value.out[book] == "line" and mine is not None:
                why += f", {_cells.points(mine.quote.line, signed=mine.quote.what.kind == 'spread')}"
        elif book in value.partial:
            why, style = f"Best only: {_value.REASONS['side']}", theme.warn
        else:
            why, style = "counts", theme.good
        if best is not None and book in best.books:
            why = f"Best, {why[:1].lower()}{why[1:]}" if why != "counts" else "counts, Best"
        lines.append([(f" {fit(visible(book), 16)}", theme.text), (why + more, style)])
    quiet = [visible(book, 20) for book in _columns.ordered(scene.board) if book not in cells]
    if quiet:
        lines.append([(f" {fit('not listed', 16)}", theme.dim), (", ".join(quiet), theme.dim)])
    lines.append([("", theme.text)])
    fair = scene.terms.fair
    of = "the mean of the books that count" if fair == _value.CONSENSUS else f"of {visible(fair, 20)}"
    if value.hold is not None and value.doubtful:
        doubt = f" A hold of {percent(value.hold)}: one of the best prices is probably late"
        lines.append([(doubt, theme.warn)])
        why = f" (their ages differ by {ago(value.apart)}, the highest pays {value.above:.2f} times what is fair)"
        lines.append([(why, theme.warn)])
    if not value.whole:
        lines.append([(" No hold and no fair price: an outcome may be missing", theme.dim)])
    lines.append([(f" Fair is {of}, margin taken out: {scene.terms.devig}", theme.dim)])
    return panel(scene, _name(item), lines)


def moves_panel(scene: Scene, item: Item | None, notes: list[str]) -> list[Parts]:
    """Of the row under the cursor: each book's first price, its last move and when that was, the newest first."""
    theme, notation = scene.theme, scene.view.odds
    if item is None or item.market is None:
        return _nothing(scene, notes)
    cells = [(book, cell) for book, sides in cells_of(item, scene.terms).items() if (cell := sides.get(item.side))]
    lines: list[Parts] = []
    for book, cell in sorted(cells, key=lambda one: (-one[1].moved, one[0].casefold())):
        quote = cell.quote
        signed = quote.what.kind == "spread"

        def told(price: Price | None, line: float | None, signed: bool = signed) -> str:
            number = "no price" if price is None else words.odds(price, notation)
            return f"{_cells.points(line, signed=signed)} {number}".strip()

        now = told(quote.price, quote.line) if quote.status == "open" else quote.status
        when, style = "has not moved", theme.dim
        if cell.moved:
            clock = local_time.at(cell.moved, scene.zone)
            when = f"{clock:%H:%M:%S}  {told(cell.before, cell.before_line)} → {told(cell.last, cell.last_line)}"
            when += f"  {ago(scene.moment - cell.moved)} ago"
            style = theme.up if _cells.rises(cell, notation, line=cell.before_line != cell.last_line) else theme.down
        opened = f"now {now}, first {told(cell.first, cell.first_line)}"
        lines.append([(f" {fit(visible(book), 12)} ", theme.text), (f"{when}  ", style), (opened, theme.dim)])
    return panel(scene, f"last moves: {_name(item)}", lines or [[(" No book has this.", theme.dim)]])


def _nothing(scene: Scene, notes: list[str]) -> list[Parts]:
    return panel(scene, "why there is nothing", [[(f" {text}", scene.theme.text)] for text in emptiness(scene, notes)])


def _name(item: Item) -> str:
    assert item.market is not None
    what = item.market.sides.get(item.side)
    name = side_name(what, item.side, item.market) if what else item.side
    return f"{tag_of(item.market, 30)} {visible(name, 30)}"


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
        return _flowed(line, width)
    *head, (text, style) = line
    before = sum(cell_len(text) for text, _ in head) or 1
    beside = width - before >= 16
    said = wrap(text.strip(), max(8, width - before if beside else width - 3)) or [""]
    blank: Parts = [(" " * (before if beside else 3), style)]
    if not beside:
        return [head, *([*blank, (more, style)] for more in said)]
    return [[*(head or blank), (said[0], style)], *([*blank, (more, style)] for more in said[1:])]
