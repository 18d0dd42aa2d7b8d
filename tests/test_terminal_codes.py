"""What goes past the screen can do nothing but what it is for, whatever a server wrote into it."""

from __future__ import annotations

import base64

import pytest

from oddstail.terminal_codes import clipboard, notification
from oddstail.text import web_address

HOSTILE = "Lakers\x07\x1b]52;c;eHg=\x07;\x1b\\\x9c\u202e\n" + "x" * 5000


@pytest.mark.parametrize(
    ("environ", "begins", "ends"),
    [
        ({"TERM": "xterm-256color"}, "\x1b]9;oddstail: Lakers", "\x07"),
        ({"TERM": "foot"}, "\x1b]777;notify;oddstail;Lakers", "\x07"),
        ({"TERM": "rxvt-unicode-256color"}, "\x1b]777;notify;oddstail;Lakers", "\x07"),
        ({"TERM": "xterm-256color", "VTE_VERSION": "7600"}, "\x1b]777;notify;oddstail;Lakers", "\x07"),
        ({"TERM": "tmux-256color", "TMUX": "/tmp/x,1,0"}, "\x1bPtmux;\x1b\x1b]9;oddstail: Lakers", "\x07\x1b\\"),
    ],
    ids=["osc-9", "foot", "urxvt", "vte", "tmux"],
)  # fmt: skip
def test_a_notification_is_one_sequence(environ: dict[str, str], begins: str, ends: str) -> None:
    shown = notification(HOSTILE, environ)
    assert shown.startswith(begins)
    assert shown.endswith(ends)
    body = shown[len(begins) : -len(ends)]
    assert body.isprintable()
    assert ";" not in body
    assert len(body) <= 200


@pytest.mark.parametrize(("environ", "times"), [({}, 1), ({"TMUX": "/tmp/x,1,0"}, 2)], ids=["plain", "tmux"])
def test_a_text_is_copied_as_it_is(environ: dict[str, str], times: int) -> None:
    link = "https://book.example/bet?a=1;b=2"
    shown = clipboard(link, environ)
    assert shown.count(base64.b64encode(link.encode()).decode()) == times
    assert shown.startswith("\x1b]52;c;")


@pytest.mark.parametrize(
    ("link", "good"),
    [
        ("https://book.example/bet?id=1", True),
        ("HTTP://book.example/", True),
        ("file:///etc/passwd", False),
        ("javascript:alert(1)", False),
        ("https://book.example/\x1b\\\x1b]52;c;eHg=\x07", False),
        ("https://book.example/\x9c", False),
        ("https://b\u0456ok.example/", False),
        ("https://book.example/a b", False),
        ("https://book.example/\n", False),
        ("https://book.example/" + "x" * 3000, False),
        ("", False),
        (None, False),
    ],
    ids=["https", "upper-case", "file", "script", "escape", "c1", "look-alike", "space", "line-feed", "long", "empty", "none"],
)  # fmt: skip
def test_only_web_addresses_are_links(link: str | None, good: bool) -> None:
    assert web_address(link) == (link if good else "")
