"""Nobody's own configuration takes part in a test."""

from __future__ import annotations

import os

os.environ["XDG_CONFIG_HOME"] = "/nonexistent"
for name in [name for name in os.environ if name.startswith("ODDSTAIL_")]:
    del os.environ[name]
