"""`python -m oddstail`."""

from oddstail.cli import main

main()
