"""Coverage-guided fuzzing of what reads bytes from outside: `python -m tests.fuzz.fuzz TARGET [flags of libFuzzer]`.

Atheris (libFuzzer under it) rather than a loop of our own: it sees which comparisons fail and feeds their other side
back in. Half of its mutations are ours, as few flips of bits leave JSON: a node of one message is replaced by what
hurts. `make fuzz` runs every target for a while; what it finds goes into `found/TARGET/`, which every test run repeats.
"""

from __future__ import annotations

import sys
import tempfile
from functools import partial
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["oddstail"]):
    from tests.fuzz.targets import EVENT, FOUND, NEXT, TARGETS, every, mutated, seeds


def corpus(target: str, folder: Path) -> None:
    """The seeds as files, and what was found before."""
    for at, name in enumerate(TARGETS):
        if target not in (name, "every"):
            continue
        lead = bytes([at]) if target == "every" else b""
        known = [path.read_bytes() for path in sorted((FOUND / name).glob("*"))]
        for nth, seed in enumerate([*seeds(name), *known]):
            (folder / f"{at}-{nth}").write_bytes(lead + seed)


def main(target: str, flags: list[str]) -> None:
    """Search until the flags say that it is enough. Exits with 77 at the first input that breaks something."""
    folder = Path(_folder.name)
    corpus(target, folder)
    ours = partial(mutated, b"\n", b"", _flip) if target == "tape" else partial(mutated, NEXT, EVENT, _flip)
    places = [] if any(not flag.startswith("-") for flag in flags) else [str(folder)]
    given = [sys.argv[0], *places, "-max_len=65536", "-timeout=20", "-rss_limit_mb=2048", *flags]
    if target == "sse":
        atheris.Setup(given, TARGETS[target])
    else:
        atheris.Setup(given, every if target == "every" else TARGETS[target], custom_mutator=ours)
    atheris.Fuzz()


def _flip(data: bytes, size: int) -> bytes:
    return bytes(atheris.Mutate(data, size))


_folder = tempfile.TemporaryDirectory(prefix="oddstail-corpus-")

if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
