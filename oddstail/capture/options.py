"""How files are to be kept: what flags came to, for the loop's side and the thread's."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from oddstail.capture.names import Template
from oddstail.capture.rotation import Rotation

Compress = Literal["none", "gzip", "zstd", "live"]


@dataclass(frozen=True, slots=True)
class Stream:
    """An output that is written to as it is: a FIFO, a device, or a descriptor. `fd` is open for writing, and ours."""

    name: str
    fd: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """How files are kept. Durations in seconds, sizes in bytes; None: never, or no limit."""

    template: Template
    rotation: Rotation = field(default_factory=Rotation)
    compress: Compress = "none"
    keep: float | None = None
    fsync: float | None = 5.0
    min_free: int = 0
    append: bool = False
    on_rotate: tuple[str, ...] = ()

    @property
    def due(self) -> Compress | None:
        """How a file is to be packed once it is closed."""
        return self.compress if self.compress in ("gzip", "zstd") else None
