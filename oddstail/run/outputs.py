"""What goes to stdout: lines, or the screen. Loads only the one that is asked for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from oddstail.market.state import Board
from oddstail.record import Encoder
from oddstail.run.plan import Plan
from oddstail.sinks import Sink
from oddstail.sinks.outlet import Outlet

if TYPE_CHECKING:
    from oddstail.sinks.table import TableSink


def lines(plan: Plan, outlet: Outlet, encoder: Encoder, *, terminal: bool) -> list[Sink]:
    """The sink of `json`, `raw` or `lines`; none for `none`."""
    match plan.output:
        case "json":
            from oddstail.sinks.ndjson import NDJSONSink

            return [NDJSONSink(outlet, encoder)]
        case "raw":
            from oddstail.sinks.ndjson import RawSink

            return [RawSink(outlet, terminal=terminal)]
        case "lines":
            from oddstail.sinks.lines import LinesSink

            return [LinesSink(outlet, plan.zone)]
        case _:
            return []


def screen(
    plan: Plan,
    outlet: Outlet,
    board: Board,
    *,
    terminal: bool,
    notes: list[str],
    silent: Callable[[float], Mapping[int, float]],
    now: Callable[[], int],
    quit: Callable[[], None],
) -> TableSink:
    """The odds screen of all the plan's connections."""
    from oddstail.sinks.table import TableSink

    # The connections of captures are numbered as they come: one may go on where another has ended.
    labels = {} if plan.play else {conn: request.label for conn, request in enumerate(plan.requests, 1)}
    named = dict.fromkeys(request.label for request in plan.requests)
    return TableSink(
        outlet,
        f"{plan.title}  {', '.join(named)}",
        board,
        terminal=terminal,
        look=plan.look,
        banner=plan.banner,
        notes=notes,
        labels=labels,
        silent=silent,
        now=now,
        quit=quit,
        going="live" if plan.play is None else "replay",
        zone=plan.zone,
    )
