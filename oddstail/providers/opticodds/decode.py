"""OpticOdds v3: frames to events. Facts: docs/wire/opticodds.md. Pure."""

from __future__ import annotations

from oddstail.model import Decode, Memory, Provider, Request
from oddstail.providers import optic_envelope, optic_family, optic_words
from oddstail.providers.opticodds.futures import Futures
from oddstail.providers.opticodds.results import Results

_FIELDS = optic_words.Fields(
    game="fixture_id", book="sportsbook", market="market", name="name", points="points", price="price"
)


def decoder(request: Request, memory: Memory) -> Decode:
    """A decoder for one connection. Copilot odds name no book: they are the operator's own."""
    if request.feed == "results":
        return Results(request).decode
    if request.feed == "futures":
        return Futures(request, memory).decode
    return optic_family.decoder(request, memory, _FIELDS, "Copilot" if request.feed == "copilot" else None)


PROVIDER = Provider(
    name="opticodds",
    title="OpticOdds",
    read=optic_envelope.read,
    peek=optic_envelope.peek,
    decoder=decoder,
    resume=optic_envelope.resume,
    # Documented to replay (2.6), observed not to in five tests: sent, never relied on.
    replays="unknown",
    # 250 new connections in 15 s; their guidance is to stay under 200 (section 3).
    rate=(200, 15.0),
)
