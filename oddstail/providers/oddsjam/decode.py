"""OddsJam v2: frames to events. Facts: docs/wire/oddsjam.md. Pure."""

from __future__ import annotations

from oddstail.model import Decode, Failure, Memory, Provider, Request
from oddstail.providers import optic_envelope, optic_family, optic_words

_FIELDS = optic_words.Fields(
    game="game_id",
    book="sportsbook",
    market="bet_type",
    name="bet_name",
    points="bet_points",
    price="bet_price",
    # Of another form than on the stream, as far as anybody knows (1.6).
    lists_agree=False,
)


def decoder(request: Request, memory: Memory) -> Decode:
    """A decoder for one connection."""
    return optic_family.decoder(request, memory, _FIELDS)


def revise(request: Request, failure: Failure) -> Request | None:
    """A reconnect that names an ended game is refused: drop that game, go on with the others (1.5)."""
    return optic_envelope.ended(request, failure, "game_id")


PROVIDER = Provider(
    name="oddsjam",
    title="OddsJam",
    read=optic_envelope.read,
    peek=optic_envelope.peek,
    decoder=decoder,
    resume=optic_envelope.resume,
    revise=revise,
    # The server replays what follows `last_entry_id`, 30 s back at the most (1.5); 2 s are for the way there.
    replays="yes",
    window=28.0,
    rate=(200, 60.0),
)
