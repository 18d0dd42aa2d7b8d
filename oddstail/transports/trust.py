"""Which certificate authorities are trusted: decided once, for every transport. Knows no proxy and no HTTP library.

In this order: `--ca-bundle`; `SSL_CERT_FILE` and `SSL_CERT_DIR`, as OpenSSL calls them; the system's store, which the
truststore package reads on every platform (httpx alone would trust certifi's list, and never a company's own root).
"""

from __future__ import annotations

import os
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path


class TrustError(ValueError):
    """The certificates that a setting names cannot be used. The text is one sentence."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trust:
    """Where the trusted authorities come from. `file` and `folder` None: the system's store."""

    source: str
    file: str | None = None
    folder: str | None = None

    def __str__(self) -> str:
        """For people."""
        places = [place for place in (self.file, self.folder) if place is not None]
        return f"{' and '.join(places)} ({self.source})" if places else self.source

    def context(self) -> ssl.SSLContext:
        """A client's TLS settings: verified certificates and names, TLS 1.2 at least. TrustError."""
        if self.file is None and self.folder is None:
            context = _system()
        else:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
            self._load(context)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        return context

    def _load(self, context: ssl.SSLContext) -> None:
        try:
            if self.file is not None and not Path(self.file).is_file():
                raise FileNotFoundError(2, "No such file or directory")
            if self.folder is not None and not any(Path(part).is_dir() for part in self.folder.split(os.pathsep)):
                raise FileNotFoundError(2, "No such directory")
            if self.file is not None:
                context.load_verify_locations(cafile=self.file)
            for part in (self.folder or "").split(os.pathsep):
                if part:
                    context.load_verify_locations(capath=part)
        except (OSError, ValueError) as error:
            bad = isinstance(error, ssl.SSLError | ValueError)
            why = "holds no certificate" if bad else (getattr(error, "strerror", None) or "cannot be read")
            place = self.file if self.file is not None else self.folder
            raise TrustError(f"{self.source} {place}: {why}; name a file in PEM format") from None


def trust(ca_bundle: str | None, env: Mapping[str, str] | None = None) -> Trust:
    """What is trusted in this environment."""
    env = os.environ if env is None else env
    if ca_bundle is not None:
        return Trust(source="--ca-bundle", file=ca_bundle)
    file, folder = env.get("SSL_CERT_FILE") or None, env.get("SSL_CERT_DIR") or None
    if file is None and folder is None:
        return Trust(source="the system's certificate store")
    return Trust(source="$SSL_CERT_FILE" if file is not None else "$SSL_CERT_DIR", file=file, folder=folder)


def _system() -> ssl.SSLContext:
    import truststore

    context: ssl.SSLContext = truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    return context
