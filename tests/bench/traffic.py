"""Generated traffic, and a server that sends it as fast as it is taken: bytes made beforehand, plain sockets.

Run as a process of its own so that its work is nobody's: it prints its port, then, for each
connection, one line with the time at which the first byte of the stream went out.
"""

from __future__ import annotations

import base64
import hashlib
import json
import random
import socket
import struct
import sys
import time

BOOKS = ("DraftKings", "FanDuel", "BetMGM", "Caesars", "Pinnacle")
TEAMS = ("Boston Celtics", "Miami Heat", "Denver Nuggets", "Phoenix Suns", "Chicago Bulls", "Utah Jazz")
SELECTIONS = 2000
GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"


def american(rng: random.Random) -> int:
    """A price near even money."""
    value = rng.randrange(100, 160)
    return value if rng.random() < 0.5 else -value


def sse_events(count: int) -> list[bytes]:
    """OpticOdds book odds, one odd an event: the shape of docs/wire/opticodds.md, 2.4, all 27 fields."""
    rng, out = random.Random(1), []
    for n in range(count):
        # Some two thousand selections, priced again and again, as a busy evening has it.
        at = rng.randrange(SELECTIONS)
        team, book = TEAMS[at % len(TEAMS)], BOOKS[at % len(BOOKS)]
        line = -4.5 - at // 300
        slug = f"{team.lower().replace(' ', '_')}_{line}".replace(".", "_")
        entry = f"{1_769_882_400_000 + n // 8}-{n % 8}"
        odd = {
            "id": f"15482-40117-2026-01-31:{book.lower()}:point_spread:{slug}",
            "fixture_id": f"7C19D2A04E{at // 30 % 10:02d}",
            "game_id": "15482-40117-2026-01-31",
            "sport": "basketball",
            "league": "NBA",
            "league_id": "nba",
            "sportsbook": book,
            "sportsbook_id": book.lower(),
            "market": "Point Spread",
            "market_id": "point_spread",
            "name": f"{team} {line}",
            "selection": team,
            "normalized_selection": team.lower().replace(" ", "_"),
            "selection_line": None,
            "points": line,
            "selection_points": line,
            "price": american(rng),
            "is_main": at % 3 == 0,
            "is_live": False,
            "grouping_key": f"default:{line}",
            "player_id": None,
            "team_id": "9A41C77E02D5",
            "timestamp": 1_769_882_400 + n / 1000,
            "limits": None,
            "order_book": None,
            "source_ids": None,
            "deep_link": None,
        }
        body = json.dumps({"entry_id": entry, "type": "odds", "data": [odd]}, separators=(",", ":"))
        out.append(f"event: odds\nid: {entry}\nretry: 5000\ndata: {body}\n\n".encode())
    return out


def ws_messages(count: int) -> list[bytes]:
    """BoltOdds line updates, one outcome each: the shape of docs/wire/boltodds.md, A5 and A6."""
    rng, out = random.Random(1), []
    for n in range(count):
        at = rng.randrange(SELECTIONS)
        home, away = TEAMS[at % 3], TEAMS[3 + at % 3]
        game = f"{home} vs {away}, 2026-01-31, 0{at // 3 % 9}"
        line = -1.5 - at // 150
        key = f"{home} {line} Spread"
        update = {
            "timestamp": f"2026-01-31T18:{n // 6000 % 60:02d}:{n // 100 % 60:02d}.{n % 100:02d}0000+00:00",
            "action": "line_update",
            "data": {
                "sport": "NBA",
                "sportsbook": BOOKS[at % len(BOOKS)].lower(),
                "game": game,
                "home_team": home,
                "away_team": away,
                "info": {"id": 1_022_036_664 + at // 3 % 9, "game": game, "when": "2026-01-31, 01:09 PM", "link": ""},
                "outcomes": {
                    key: {
                        "odds": f"{american(rng):+d}",
                        "link": "https://book.example/slip/1",
                        "outcome_name": "Spread",
                        "outcome_line": str(line),
                        "outcome_over_under": None,
                        "outcome_target": home,
                    }
                },
            },
        }
        out.append(json.dumps(update, separators=(",", ":")).encode())
    return out


def chunks(events: list[bytes], each: int) -> list[bytes]:
    """HTTP chunks of `each` events."""
    out = []
    for at in range(0, len(events), each):
        body = b"".join(events[at : at + each])
        out.append(b"%x\r\n%b\r\n" % (len(body), body))
    return out


def frame(message: bytes) -> bytes:
    """A WebSocket text frame from a server (RFC 6455, 5.2)."""
    if len(message) < 126:
        return struct.pack("!BB", 0x81, len(message)) + message
    if len(message) < 65536:
        return struct.pack("!BBH", 0x81, 126, len(message)) + message
    return struct.pack("!BBQ", 0x81, 127, len(message)) + message


def head(request: bytes) -> bytes:
    """The answer's head: an upgrade for who asks for one, else a chunked event stream."""
    for line in request.split(b"\r\n"):
        name, _, value = line.partition(b":")
        if name.lower() == b"sec-websocket-key":
            accept = base64.b64encode(hashlib.sha1(value.strip() + GUID).digest())
            return (
                b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                b"Sec-WebSocket-Accept: " + accept + b"\r\n\r\n"
            )
    return b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"


def main(kind: str, count: int, each: int) -> None:
    """Serve for ever: `sse` with `each` events to a chunk, or `ws`. A path with `empty` in it gets no events."""
    if kind == "sse":
        pieces = chunks(sse_events(count), each)
        # One event to a chunk is also one to a write, as a vendor's server flushes each.
        hello, bye, at_once = (
            chunks([b"event: connected\nretry: 5000\ndata: ok go\n\n"], 1)[0],
            b"0\r\n\r\n",
            1 if each == 1 else 4,
        )
    else:
        pieces = [frame(message) for message in ws_messages(count)]
        hello, bye, at_once = frame(b'{"action":"socket_connected"}'), struct.pack("!BBH", 0x88, 2, 1000), 64
    stream = [b"".join(pieces[at : at + at_once]) for at in range(0, len(pieces), at_once)]
    with socket.create_server(("127.0.0.1", 0)) as listener:
        print(listener.getsockname()[1], flush=True)
        while True:
            peer, _ = listener.accept()
            with peer:
                peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                request = b""
                while b"\r\n\r\n" not in request:
                    request += peer.recv(65536)
                try:
                    peer.sendall(head(request) + hello)
                    print(time.monotonic(), flush=True)
                    if b"empty" not in request.split(b"\r\n")[0]:
                        for piece in stream:
                            peer.sendall(piece)
                    peer.sendall(bye)
                    peer.shutdown(socket.SHUT_WR)
                    while peer.recv(65536):
                        pass
                except OSError:
                    continue


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
