"""The vendors' look-ups: what their REST pages answer, one file a vendor. Knows no stream and no socket.

Where `docs/wire/` names a page without its shape, the vendor's own material that it lists is
followed ([docs M], [docs F], [docs D4]); what is only probable is marked so.
"""

from __future__ import annotations
