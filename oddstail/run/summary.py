"""What a run came to: a line for people, a JSON object for `--summary-json`. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import tzinfo
from typing import Any

from oddstail import local_time, words
from oddstail.model import End, Request
from oddstail.record import stamp
from oddstail.run.tally import Tally
from oddstail.session import Session
from oddstail.text import visible


def details(tally: Tally, links: int, doubles: int, dropped: int = 0) -> list[str]:
    """What is worth a word beside quotes and gaps."""
    out = [
        words.many(count, word)
        for count, word in (
            (max(0, tally.opened - links), "reconnect"),
            (doubles, "dropped double"),
            (tally.unreadable, "unreadable part"),
        )
        if count
    ]
    if dropped:
        out.append(f"{dropped:,} filtered out")
    if (tally.quotes or tally.seen) and tally.others:
        out.insert(0, others(tally))
    if tally.credits:
        out.append(words.many(tally.credits, "credit"))
    return out


def tail(silent: Sequence[float]) -> str | None:
    """What nobody knows of the end of a run: links that were open and silent, by their seconds. None if none was."""
    quiet = [seconds for seconds in silent if seconds]
    if not quiet:
        return None
    which = "" if len(silent) == 1 else f"{len(quiet)} of {len(silent)} links "
    most = "" if len(quiet) == 1 else "up to "
    return f"{which}silent for the last {most}{words.lasting(max(quiet))}"


def written(tally: Tally, *, raw: bool) -> str | None:
    """What came, as the summary calls it: payloads, quotes told or seen, records of other types; and alerts."""
    if raw:
        told = words.many(tally.data, "payload")
    elif tally.quotes:
        told = words.many(tally.quotes, "quote")
    elif tally.seen:
        # `--only alert`: they came, and were looked at.
        told = f"{words.many(tally.seen, 'quote')} seen"
    elif tally.others:
        told = others(tally)
    else:
        told = ""
    alerts = words.many(tally.alerts, "alert") if tally.alerts else ""
    return ", ".join(part for part in (told, alerts) if part) or None


def others(tally: Tally) -> str:
    """What was no quote, by its kind."""
    return ", ".join(words.many(count, _NOUNS.get(kind, kind)) for kind, count in sorted(tally.others.items()))


#: A record type as a noun that can be counted.
_NOUNS = {"health": "health record"}


def unreached(sessions: Sequence[Session], seconds: float, now: int, zone: tzinfo) -> list[str]:
    """A sentence for each provider with connections that never came about in so many seconds until now."""
    nobody = not any(one.reader.was_open for one in sessions)
    missing: dict[str, list[Session]] = {}
    for one in sessions:
        # One that waited for its turn (a provider counts connects) has not failed where others have come.
        if one.unreached and (nobody or one.failed):
            missing.setdefault(one.provider.title, []).append(one)
    since = local_time.dated(now - round(seconds * 1_000_000), zone)
    return [
        f"{_who(title, ones, sessions)}: never connected in {words.lasting(seconds)}, since {since}: {_why(ones)};"
        f" `oddstail doctor {ones[0].provider.name}` looks for the cause"
        for title, ones in missing.items()
    ]


def _who(title: str, ones: Sequence[Session], every: Sequence[Session]) -> str:
    if len(ones) == sum(one.provider.title == title for one in every):
        return title
    return f"{title} ({visible(', '.join(one.label.removeprefix(title).strip() for one in ones))})"


def _why(ones: Sequence[Session]) -> str:
    last = max(ones, key=lambda one: one.tries)
    if not last.failed:
        return "no answer yet"
    return f"{visible(last.failed).rstrip('.')} ({words.many(last.tries, 'try', 'tries')})"


def kept(count: int, size: int, place: str) -> str:
    """What was written where."""
    return f"{words.many(count, 'file')} ({size / 1e6:,.1f} MB) in {place}"


def as_json(
    requests: Sequence[Request],
    end: End,
    tally: Tally,
    *,
    started: int,
    ended: int,
    seconds: float,
    doubles: int,
    files: Sequence[dict[str, Any]],
    unwritten: int,
) -> dict[str, Any]:
    """A run as one object. Times are RFC 3339 in UTC; `unwritten` are bytes that no output took."""
    return {
        "v": 1,
        "provider": "+".join(dict.fromkeys(request.provider for request in requests)),
        "feed": "+".join(dict.fromkeys(request.feed for request in requests)),
        "labels": [request.label for request in requests],
        "started": stamp(started),
        "ended": stamp(ended),
        "seconds": round(seconds, 3),
        "exit": end.code,
        "reason": end.reason,
        "records": tally.data,
        "quotes": tally.quotes,
        "alerts": tally.alerts,
        "gaps": tally.gaps,
        "gap_seconds": round(tally.gap_seconds, 3),
        "losses": tally.losses,
        "connects": tally.opened,
        "doubles": doubles,
        "unreadable": tally.unreadable,
        "credits": tally.credits,
        "unwritten_bytes": unwritten,
        "files": list(files),
    }
