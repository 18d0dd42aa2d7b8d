"""What a closed file still needs, in a thread of its own: packing, `--on-rotate`, `--keep`, and what crashed runs left.

None of it holds up the writing of what arrives, and none of it can lose a file: what fails is said,
counted, and leaves the plain file as it is.
"""

from __future__ import annotations

import contextlib
import os
import queue
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path, PurePosixPath

from oddstail.capture import manifest
from oddstail.capture.closed import Closed
from oddstail.capture.commands import Commands
from oddstail.capture.file import Unwritable
from oddstail.capture.mending import Found, Scan, settle
from oddstail.capture.names import PACKED, Packing, is_open, once_closed, suffix_of
from oddstail.capture.options import Options
from oddstail.capture.packing import Aborted, fresh, pack
from oddstail.capture.source import has_zstd

#: Seconds between two looks for what is older than `--keep`: a split capture closes hundreds of files at a time.
_SELDOM = 60.0


class Aftercare:
    """Jobs, one after the other. `say` may be called from this thread."""

    def __init__(self, options: Options, scan: Scan, say: Callable[[str], None], closed: Closed) -> None:
        self.failures = 0
        #: What is being done, for people; empty while there is nothing to do.
        self.doing = ""
        self.commands = Commands(options.on_rotate, self._failed)
        self._options = options
        self._root = Path(options.template.root)
        self._scan = scan
        self._say = say
        self._done = closed
        self._looked = -_SELDOM
        self._jobs: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()
        self._left = 0
        self._lock = threading.Lock()
        self._aborted = threading.Event()
        self._thread: threading.Thread | None = None

    @property
    def idle(self) -> bool:
        """Whether nothing is left to do, but for commands."""
        return self._left == 0

    def start(self, run: str) -> None:
        """Look after what others than this run left."""
        self._add(lambda: self._earlier(run))

    def closed(self, path: Path, *, ours: bool = True) -> None:
        """A file was closed: whatever is due for it."""
        options = self._options
        if options.compress in ("gzip", "zstd") or options.on_rotate or options.keep is not None:
            self._add(lambda: self._closed(path, self._packing(path), ours=ours))

    def told(self, found: Found) -> None:
        """A file of a crashed run was finished: say so, and treat it as any other."""
        torn = (
            f", {found.torn:,} bytes of a torn end set aside in {manifest.torn(found.path).name}" if found.torn else ""
        )
        self._say(f"{found.path}: finished for a run that was killed; {found.records:,} records{torn}")
        self.closed(found.path, ours=False)

    def abort(self, seconds: float) -> None:
        """Give up what is due, for at most so long; it is done at the next start."""
        self._aborted.set()
        self.commands.give_up()
        ends = time.monotonic() + seconds
        while not self.idle and time.monotonic() < ends:
            time.sleep(0.01)

    # --- the thread -------------------------------------------------------------------------------

    def _add(self, job: Callable[[], None]) -> None:
        with self._lock:
            self._left += 1
            self._jobs.put(job)
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, name="aftercare", daemon=True)
                self._thread.start()

    def _work(self) -> None:
        while True:
            job = self._jobs.get()
            try:
                if not self._aborted.is_set():
                    job()
            except Aborted:
                pass
            except Unwritable as error:
                self._failed(str(error))
            except OSError as error:
                self._failed(f"{error.filename or self._root}: {error.strerror or error}")
            except Exception as error:
                # The plain file is as it was; the other jobs must not go down with this one.
                self._failed(f"a bug in oddstail, looking after closed files: {type(error).__name__}: {error}")
            finally:
                self.doing = ""
                with self._lock:
                    self._left -= 1

    def _failed(self, text: str) -> None:
        self.failures += 1
        self._say(text)

    def _earlier(self, run: str) -> None:
        for path in list(self._ours()):
            if is_open(path.name):
                if found := settle(path.with_name(once_closed(path.name)), self._scan, due=self._options.due):
                    self.told(found)
            elif kind := self._due(path, run):
                self._add(lambda path=path, kind=kind: self._closed(path, kind, ours=False))  # type: ignore[misc]
        self._keep()

    def _due(self, path: Path, run: str) -> Packing | None:
        """How a closed file is yet to be packed: as a run was about to, or as one had done but for the plain file."""
        if path.suffix in PACKED or (told := manifest.read(path)) is None or told.get("run") == run:
            return None
        for ending, kind in PACKED.items():
            packed = path.with_name(path.name + ending)
            if (told.get("due") or told.get("file") == packed.name) and packed.exists():
                return kind if kind == "gzip" or has_zstd() else None
        return self._packing(path) if told.get("due") else None

    def _packing(self, path: Path) -> Packing | None:
        """How this run packs a closed file."""
        kind = self._options.compress
        return kind if (kind == "gzip" or kind == "zstd") and path.suffix not in PACKED else None

    def _closed(self, path: Path, kind: Packing | None, *, ours: bool = True) -> None:
        if kind is not None:
            if path.exists():
                packed = self._packed(path, kind)
                if packed is None:
                    return  # another run, in the same folder, sees to it
            else:
                # ... or has seen to it. What was not of this run is none of its business any more.
                if not ours:
                    return
                packed = next((one for end in PACKED if (one := path.with_name(path.name + end)).exists()), None)
                if packed is None:
                    return
            path = packed
            self._done.packed(path)
        if self._options.on_rotate:
            self.commands.add(path)
        self._keep()

    def _packed(self, path: Path, kind: Packing) -> Path | None:
        whole = path.stat().st_size / 1e6

        def step(done: int) -> None:
            self.doing = f"packing {path.name}: {done / 1e6:,.0f} of {whole:,.0f} MB"

        return pack(path, kind, self._aborted, step)

    # --- --keep -----------------------------------------------------------------------------------

    def _keep(self) -> None:
        """Delete captures that were closed longer ago than `--keep`: only what has a manifest of ours."""
        keep = self._options.keep
        if keep is None or time.monotonic() - self._looked < _SELDOM:
            return
        self._looked = time.monotonic()
        before = time.time() - keep
        folders = set()
        for path in list(self._manifests()):
            told = manifest.read_manifest(path)
            try:
                if told is None or not manifest.is_ours(path, told) or path.stat().st_mtime >= before:
                    continue
            except FileNotFoundError:
                continue  # the tape's and the records' keepers look after the same folder
            base = str(told["file"])
            for ending in PACKED:
                base = base.removesuffix(ending)
            gone = [path.with_name(base + ending) for ending in ("", *PACKED)]
            begun = [fresh(one) for one in gone[1:]]
            for one in (*gone, *begun, manifest.torn(gone[0]), path):
                with contextlib.suppress(FileNotFoundError):
                    os.unlink(one)
            folders.add(path.parent)
        for folder in folders:
            while folder != self._root:
                try:
                    folder.rmdir()
                except OSError:
                    break
                folder = folder.parent

    # --- what is there ----------------------------------------------------------------------------

    def _ours(self) -> Iterator[Path]:
        """Files below the root, as deep as our names go, that could be captures of this kind."""
        return (path for path in self._walk() if suffix_of(path.name) == self._options.template.suffix)

    def _manifests(self) -> Iterator[Path]:
        return (path for path in self._walk() if path.name.endswith(manifest.SUFFIX))

    def _walk(self) -> Iterator[Path]:
        depth = len(PurePosixPath(self._options.template.pattern).parts)
        for folder, folders, files in os.walk(self._root):
            if len(Path(folder).relative_to(self._root).parts) >= depth - 1:
                folders.clear()
            yield from (Path(folder) / name for name in sorted(files) if not name.startswith("."))
