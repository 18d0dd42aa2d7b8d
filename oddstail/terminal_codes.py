"""Escape sequences that reach past the screen: the clipboard, and notifications of the desktop. Pure."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping

from oddstail.text import visible

#: Characters of a notification; desktops show no more.
_LONGEST = 200
#: Terminals that show OSC 777: urxvt, foot and those of the VTE library.
_URXVT = ("rxvt", "foot")


def clipboard(text: str, environ: Mapping[str, str]) -> str:
    """What puts a text into the terminal's clipboard: OSC 52. Inside tmux also past it, to the terminal around it.

    Source: https://invisible-island.net/xterm/ctlseqs/ctlseqs.html, "Operating System Commands".
    """
    sequence = f"\x1b]52;c;{b64encode(text.encode()).decode()}\x07"
    return sequence + (_past_tmux(sequence) if environ.get("TMUX") else "")


def notification(text: str, environ: Mapping[str, str]) -> str:
    """What makes the terminal show a notification: OSC 777 where it knows that, else OSC 9. Inside tmux past it.

    Nothing in `text` can end the sequence or add a field to it.
    Source: https://iterm2.com/documentation-escape-codes.html; urxvt's notify extension for OSC 777.
    """
    body = visible(text, _LONGEST).replace(";", ",")
    is_urxvt = environ.get("TERM", "").startswith(_URXVT) or "VTE_VERSION" in environ
    # OSC 9 followed by a number means something else at ConEmu and its heirs.
    sequence = f"\x1b]777;notify;oddstail;{body}\x07" if is_urxvt else f"\x1b]9;oddstail: {body}\x07"
    return _past_tmux(sequence) if environ.get("TMUX") else sequence


def _past_tmux(sequence: str) -> str:
    """A sequence for the terminal around tmux (its option allow-passthrough).

    Source: https://github.com/tmux/tmux/wiki/FAQ, "What is the passthrough escape sequence".
    """
    return "\x1bPtmux;" + sequence.replace("\x1b", "\x1b\x1b") + "\x1b\\"
