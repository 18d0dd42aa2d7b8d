"""Where the last run of each request ended (`--resume`): its cursor and when it last heard, in a file of state."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import NamedTuple

from oddstail.capture import manifest
from oddstail.capture.file import unwritable
from oddstail.model import Request
from oddstail.record import stamp


class Bookmark(NamedTuple):
    """The newest cursor that is out, None if the provider gave none; and the last byte heard, microseconds."""

    cursor: str | None
    heard: int


class Bookmarks:
    """One file for each request, told apart by all that is asked for; no key is in it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def read(self, request: Request) -> Bookmark | None:
        """What the last run left; None if there was none, or it cannot be read."""
        try:
            said = json.loads(self._path(request).read_bytes())
            mark = Bookmark(None if said["cursor"] is None else str(said["cursor"]), int(said["heard_us"]))
            stamp(mark.heard)
        except (OSError, ValueError, KeyError, TypeError, OverflowError, RecursionError):
            return None
        return mark

    def write(self, request: Request, mark: Bookmark) -> None:
        """Replace it, whole or not at all. Unwritable if it cannot be."""
        said = {
            "v": 1,
            "provider": request.provider,
            "feed": request.feed,
            "label": request.label,
            "cursor": mark.cursor,
            "heard": stamp(mark.heard),
            "heard_us": mark.heard,
        }
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise unwritable(self._folder, error) from None
        manifest.replace(self._path(request), json.dumps(said).encode() + b"\n", sync=False)

    def _path(self, request: Request) -> Path:
        asked = (request.provider, request.feed, request.url, request.params, request.send, request.transport)
        name = hashlib.sha256(repr(asked).encode()).hexdigest()[:16]
        return self._folder / f"{request.provider}-{name}.json"
