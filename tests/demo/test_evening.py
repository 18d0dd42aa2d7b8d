"""What a user of the demo sees within minutes, in market time: every documented alert, and steam now and then."""

from __future__ import annotations

import functools
import re
import shlex
from collections import Counter
from itertools import pairwise
from pathlib import Path

import pytest

from oddstail.market.steam import SteamRule, steam_rule
from oddstail.model import Alert, MarketAlert, Steam

from .evening import Evening

ROOT = Path(__file__).parents[2]
SURE = "hold < 0 and doubt is null"
STEAM = "books>=3, points>=1.5, within=60s"


@functools.cache
def examples() -> dict[str, set[tuple[str, str]]]:
    """By provider, the (flag, rule) of each alert that README and docs/alerts.md show."""
    found: dict[str, set[tuple[str, str]]] = {}
    for page in ("README.md", "docs/alerts.md"):
        for line in re.findall(r"^(oddstail .+)$", (ROOT / page).read_text("utf-8"), re.MULTILINE):
            words = shlex.split(line.partition(" | ")[0], comments=True)
            provider = words[words.index("-p") + 1] if "-p" in words else "parlayapi"
            provider = provider if words[1] == "demo" else words[1]
            for flag, rule in pairwise(words):
                if flag in ("--alert", "--steam", "--exit-on"):
                    found.setdefault(provider, set()).add((flag, rule))
    return found


def test_the_pages_have_alerts() -> None:
    assert {flag for rules in examples().values() for flag, _ in rules} == {"--alert", "--steam", "--exit-on"}
    assert ("--alert", 'line != was.line and kind = "spread"') in examples()["boltodds"]


@pytest.mark.parametrize("seed", [1, 2, 3, 4])
@pytest.mark.parametrize("provider", ["parlayapi", "opticodds", "boltodds"])
def test_each_documented_alert_fires_within_a_minute(provider: str, seed: int) -> None:
    rules = tuple(sorted(rule for flag, rule in examples()[provider] if flag != "--steam"))
    steams = {rule for flag, rule in examples()[provider] if flag == "--steam"}
    assert len(steams) <= 1
    assert rules
    watched = Evening(seed, provider, alerts=rules, steam=_rule(steams))
    missing = {*rules, *steams}
    for batch in watched.watch(60, step=0.5):
        for event in batch.events:
            if isinstance(event, Alert | MarketAlert):
                missing.discard(event.rule)
            elif isinstance(event, Steam):
                missing -= steams
        if not missing:
            break
    assert missing == set()


def _rule(texts: set[str]) -> SteamRule | None:
    return next((steam_rule(text) for text in texts), None)


def test_steam_and_sure_wins_come_now_and_then_and_the_sharp_book_leads() -> None:
    """An hour of the market at its own pace, a quarter of one as the demo runs. One move is told for each side and market of a game; together they count as one."""
    watched = Evening(1, alerts=(SURE,), steam=steam_rule(STEAM))
    moves, wins, told = Counter[str](), 0, Counter[str]()
    last: dict[tuple[str, str], float] = {}
    for batch in watched.watch(900, step=1.0):
        for event in batch.events:
            if isinstance(event, Steam):
                told["steam"] += 1
                if watched.seconds - last.get(("steam", event.side.game_id), -60.0) >= 60.0:
                    moves[event.first_book] += 1
                last["steam", event.side.game_id] = watched.seconds
            elif isinstance(event, MarketAlert):
                if watched.seconds - last.get(("sure", event.value.of.game_id), -60.0) >= 60.0:
                    wins += 1
                last["sure", event.value.of.game_id] = watched.seconds
    assert 5 <= moves.total() <= 40, moves
    assert told["steam"] <= 120
    assert moves["pinnacle"] > moves.total() / 2, moves
    assert 4 <= wins <= 30


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_game_in_play_makes_no_steam(seed: int) -> None:
    """All books reprice it at once, and suspend it for that."""
    watched = Evening(seed, steam=steam_rule(STEAM))
    live = {(one.home, one.away) for one in watched.market.fixtures() if one.live}
    found = [
        (event.side.home, event.side.away)
        for batch in watched.watch(240, step=0.5)
        for event in batch.events
        if isinstance(event, Steam) and (event.side.home, event.side.away) in live
    ]
    assert len(set(found)) <= 1
