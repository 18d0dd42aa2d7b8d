"""One file of a capture while it is open: exclusive, locked, cut on line borders only. Runs in the writer's thread.

`NAME.part` while it is open (`NAME.part.gz` if it is packed as it goes), NAME by an atomic rename when it is closed, so
that a name without `.part` is always whole. The lock on it (flock, gone with the process however that ends) tells a
file in use from one that a crashed run left. Ours rather than a logging handler: those rename over what is there,
tear lines when the disk is full, and say so to nobody.
"""

from __future__ import annotations

import contextlib
import ctypes
import errno
import fcntl
import gzip
import hashlib
import os
from pathlib import Path

from oddstail.capture.names import while_open

#: Bytes of one write(), about: after each, and after each sum, the thread waits for its turn.
SLICE = 128 * 1024
#: A kill ends a write() between two pages (the kernel looks for it there, and there only), so no line lies across
#: a border of pages if at most so many spaces before it can avoid that: some 7 % of a file of records. Without
#: them 5 of 100 captures killed under 9 MB/s had a torn last line; with them, none of 200.
PAGE, PAD = 4096, 1024
#: A live member is closed after so many bytes or seconds: what a kill may cost, against what packing needs.
MEMBER = 1024 * 1024
MEMBER_SECONDS = 5.0
FILE_MODE, FOLDER_MODE = 0o640, 0o750
#: Of linux/fs.h and fcntl.h.
_AT_FDCWD, _RENAME_NOREPLACE = -100, 1


class Unwritable(Exception):  # noqa: N818 - reads as what it is: this cannot be written
    """A file cannot be written. The text is one sentence and names the remedy."""


class Taken(Exception):  # noqa: N818
    """There is a file of that name already, or somebody writes one."""


def unwritable(path: Path, error: OSError) -> Unwritable:
    """The sentence for what the system said."""
    remedy = {
        errno.ENOSPC: "make room, or write elsewhere",
        errno.EDQUOT: "make room, or write elsewhere",
        errno.EFBIG: "raise the limit (ulimit -f), or --rotate by a smaller size",
        errno.EROFS: "write elsewhere, or mount it for writing",
        errno.EACCES: "write elsewhere, or allow it",
        errno.EPERM: "write elsewhere, or allow it",
        errno.ENOTDIR: "a part of the path is a file; write elsewhere",
        errno.ENOENT: "its directory is gone; write elsewhere",
    }.get(error.errno or 0, "write elsewhere")
    return Unwritable(f"{path} cannot be written: {error.strerror or error}; {remedy}")


class OpenFile:
    """A file that takes whole lines. Every method may raise Unwritable."""

    def __init__(self, final: Path, part: Path, descriptor: int, *, live: bool, size: int = 0) -> None:
        self.final = final
        self.part = part
        self.fd = descriptor
        #: Bytes on disk that end on a line border (or the border of a packed member).
        self.size = size
        #: Bytes of lines, before any packing.
        self.raw = size
        self.sha256 = hashlib.sha256()
        self._live = live
        self._member: list[bytes] = []
        self._member_size = 0
        self._member_since = 0.0
        self._dirty = False

    @property
    def waiting(self) -> int:
        """Bytes that wait for their member to be full."""
        return self._member_size

    def write(self, data: bytes, now: float) -> None:
        """Whole lines; `now` is steady seconds."""
        if not self._live:
            before = self.size
            self._all(aligned(data, self.size))
            self.raw += self.size - before
            return
        self.raw += len(data)
        if not self._member:
            self._member_since = now
        self._member.append(data)
        self._member_size += len(data)
        if self._member_size >= MEMBER:
            self.end_member()

    def end_member(self) -> None:
        """Write what waits as a whole gzip member: whatever happens later, it can be read."""
        if self._member:
            packed = gzip.compress(b"".join(self._member), 6, mtime=0)
            self._member, self._member_size = [], 0
            self._all(packed, whole=True)

    def tick(self, now: float) -> None:
        """End a member that has waited long enough, and see that the file is still where it was."""
        if self._member and now - self._member_since >= MEMBER_SECONDS:
            self.end_member()
        try:
            there = os.stat(self.part)
            here = os.fstat(self.fd)
        except OSError as error:
            raise Unwritable(f"{self.part} is gone ({error.strerror}); what it held is lost") from None
        if (there.st_dev, there.st_ino) != (here.st_dev, here.st_ino):
            raise Unwritable(f"{self.part} was replaced by another file; what it held is lost")

    def sync(self) -> None:
        """To the disk itself, against a loss of power."""
        if self._dirty:
            self._dirty = False
            try:
                os.fsync(self.fd)
            except OSError as error:
                raise unwritable(self.part, error) from None

    def finish(self) -> Path:
        """Sync, close, and give it its name. Returns the path that it has then."""
        try:
            self.end_member()
            self.sync()
            if self.final == self.part:
                return self.part
            try:
                publish(self.part, self.final)
            except OSError as error:
                raise unwritable(self.final, error) from None
            return self.final
        finally:
            self.close()

    def close(self) -> None:
        """Let it go as it is; a `.part` is finished at the next start."""
        if self.fd >= 0:
            release(self.fd)
            self.fd = -1

    def _all(self, data: bytes, *, whole: bool = False) -> None:
        """Every byte, in writes that end on a line border; after a failure the file ends where the last one did."""
        at = 0
        try:
            while at < len(data):
                end = len(data)
                if not whole and end - at > SLICE:
                    # A line longer than a slice is written at once all the same.
                    end = data.rfind(b"\n", at, at + SLICE) + 1 or data.find(b"\n", at + SLICE) + 1 or len(data)
                piece = memoryview(data)[at:end]
                while piece:
                    piece = piece[os.write(self.fd, piece) :]
                self._dirty = True
                self.size += end - at
                self.sha256.update(memoryview(data)[at:end])
                at = end
        except OSError as error:
            with contextlib.suppress(OSError):
                os.ftruncate(self.fd, self.size)
            raise unwritable(self.part, error) from None


def aligned(data: bytes, at: int) -> bytes:
    """Whole lines to be written at `at`, with spaces at the end of some (of the first: before it) so that none is torn.

    JSON allows them there. Lines that are longer than a page lie across its border all the same.
    """
    out = []
    begin, room = 0, PAGE - at % PAGE
    while len(data) - begin > room:
        cut = begin + room
        start = data.rfind(b"\n", begin, cut) + 1 or begin
        gap = cut - start
        if not gap or gap > PAD:
            out.append(data[begin:cut])
            begin = cut
        elif start > begin:
            out += (data[begin : start - 1], b" " * gap, b"\n")
            begin = start
        else:
            out.append(b" " * gap)
        room = PAGE
    out.append(data[begin:])
    return b"".join(out)


def make_folders(root: Path, folder: Path) -> None:
    """The folders of a file. `root` is as the user named it; below it nobody's link leads anywhere else."""
    root.mkdir(mode=FOLDER_MODE, parents=True, exist_ok=True)
    below = root
    for name in folder.relative_to(root).parts:
        below /= name
        try:
            os.mkdir(below, FOLDER_MODE)
        except FileExistsError:
            if below.is_symlink():
                text = f"{below} is a link, and below {root} none is followed; remove it, or name where it leads"
                raise Unwritable(text) from None


def create(root: Path, final: Path, *, live: bool) -> OpenFile:
    """A new file below `root`, for us alone. Taken if any form of it exists already."""
    part = final.with_name(while_open(final.name))
    try:
        make_folders(root, final.parent)
        if any(os.path.lexists(f"{final}{ending}") for ending in ("", ".gz", ".zst")):
            raise Taken
        flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_APPEND
        descriptor = os.open(part, flags, FILE_MODE)
    except FileExistsError as error:
        if error.filename == str(part):
            raise Taken from None
        raise unwritable(final, NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR))) from None
    except OSError as error:
        raise unwritable(final, error) from None
    if not lock(descriptor) or not is_at(part, descriptor):
        # Another run took it for an orphan in the instant before it was locked.
        os.close(descriptor)
        raise Taken
    return OpenFile(final, part, descriptor, live=live)


def reopen(root: Path, path: Path) -> OpenFile:
    """A file of lines below `root` to add to (`--append`), locked; made if there is none. The caller mends its end."""
    try:
        make_folders(root, path.parent)
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_APPEND, FILE_MODE)
    except OSError as error:
        raise unwritable(path, error) from None
    if not lock(descriptor):
        os.close(descriptor)
        raise Unwritable(f"{path} is being written by another run; wait for it, or write elsewhere")
    return OpenFile(path, path, descriptor, live=False, size=os.fstat(descriptor).st_size)


def orphan(part: Path) -> int | None:
    """A descriptor of a `.part` that nobody writes any more, locked; None if somebody does, or it is gone."""
    try:
        descriptor = os.open(part, os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC)
    except OSError:
        return None
    if lock(descriptor) and is_at(part, descriptor):
        return descriptor
    os.close(descriptor)
    return None


def sync_folder(folder: Path) -> None:
    """Make a rename last. Some file systems cannot; then it lasts as well as they let it."""
    with contextlib.suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def publish(part: Path, final: Path) -> None:
    """Give a file its name, never over another, and so that it has one name at every instant."""
    if not _exclusive_rename(part, final):
        try:
            # Two names for as long as it takes to drop one: a kill between leaves both, and `settle` drops it then.
            os.link(part, final, follow_symlinks=False)
        except FileExistsError:
            raise
        except OSError:
            # No hard links here (FAT, some network file systems).
            if final.exists():
                raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(final)) from None
            os.rename(part, final)
        else:
            os.unlink(part)
    sync_folder(final.parent)


def _exclusive_rename(old: Path, new: Path) -> bool:
    """Rename where nothing may have the new name (Linux, renameat2(2)); False if this system or file system cannot.

    Through ctypes: os.rename() replaces what is there, and the standard library has no other.
    """
    try:
        rename = ctypes.CDLL(None, use_errno=True).renameat2
    except (AttributeError, OSError):
        return False
    if rename(_AT_FDCWD, os.fsencode(old), _AT_FDCWD, os.fsencode(new), _RENAME_NOREPLACE) == 0:
        return True
    if (error := ctypes.get_errno()) == errno.EEXIST:
        raise FileExistsError(error, os.strerror(error), str(new))
    return False


def lock(descriptor: int) -> bool:
    """Take the lock of an open file; False if another process has it. It goes with the process, however that ends."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        return True  # a file system without locks: the exclusive name is what there is
    return True


def release(descriptor: int) -> None:
    """Let go of a file and its lock: a process that is just being started may have the descriptor for a moment, too."""
    with contextlib.suppress(OSError):
        fcntl.flock(descriptor, fcntl.LOCK_UN)
    with contextlib.suppress(OSError):
        os.close(descriptor)


def is_at(path: Path, descriptor: int) -> bool:
    """Whether an open file is what has this name."""
    try:
        there, here = os.stat(path, follow_symlinks=False), os.fstat(descriptor)
    except OSError:
        return False
    return (there.st_dev, there.st_ino) == (here.st_dev, here.st_ino)
