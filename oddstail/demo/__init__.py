"""An embedded market and five loopback servers; knows nothing of the client that will read them.

Everything in this folder is written from `docs/wire/` alone. It shares no code with the client's side,
so that a mistake on one side cannot hide behind the same mistake on the other.
"""

from __future__ import annotations
