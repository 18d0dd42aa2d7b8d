"""The vendors' look-ups: what their REST pages answer, one file a vendor. Knows no stream and no socket.

Where the wire reference names a page without its shape, the vendor's own material that the reference lists is
followed ([docs M], [docs F], [docs D4]); what is only probable is marked so.
"""

from __future__ import annotations
