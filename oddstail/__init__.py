"""oddstail tails live sports odds."""

__version__ = "0.1.0"
