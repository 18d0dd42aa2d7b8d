"""The five vendors' servers, each in its own file, written from the wire reference alone."""

from __future__ import annotations

from collections.abc import Callable

from oddstail.demo.contract import Stage, Wire
from oddstail.demo.wires.boltodds import BoltOdds
from oddstail.demo.wires.oddsjam import OddsJam
from oddstail.demo.wires.opticodds import OpticOdds
from oddstail.demo.wires.parlayapi import ParlayApi
from oddstail.demo.wires.rapidodds import RapidOdds

WIRES: dict[str, Callable[[Stage], Wire]] = {
    "oddsjam": OddsJam,
    "opticodds": OpticOdds,
    "parlayapi": ParlayApi,
    "rapidodds": RapidOdds,
    "boltodds": BoltOdds,
}
