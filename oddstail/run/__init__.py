"""One run: sessions, sinks, the ticker, signals, the exit code."""

from oddstail.run.plan import Output, Plan
from oddstail.run.runner import Run

__all__ = ["Output", "Plan", "Run"]
