"""The command line: flags in, a plan out, one sentence for each mistake. Streams nothing itself."""

from __future__ import annotations


def main() -> None:
    """The entry point of the `oddstail` command."""
    from oddstail.cli.app import app

    app(prog_name="oddstail")
