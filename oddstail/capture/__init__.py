"""Files that survive anything: what `-w` and `--tape` write through. Knows lines, names and disks; knows no odds.

The contract between what makes lines (records, tapes) and what keeps them (`store.Store`):

    store = Store(place, options, content, redact=..., on_error=..., say=...)
    await store.open()              # the first file exists, or Unwritable says in one sentence why not
    store.put(b"whole lines\\n")      # never blocks; a thread writes. Several lines at once are one write()
    store.is_full / await store.room()   # 64 MiB wait for the disk: stop reading, as with a pipe that is not read
    store.tick()                    # several times a second: rotation by the clock
    store.rotate()                  # now (SIGHUP)
    store.after(call)               # `call()` in the writer's thread once all that was put so far is written
    await store.close(3.0, ...)     # writes out, finishes, renames; returns the bytes that could not be written

`content` (`store.Content`) belongs to whoever makes the lines, and is called in the loop, never in the thread
(but for `scan`):

    header(opening)   the first line of every file, whole: `opening` says which branch, part, run and when.
                      It must hold `"program":"oddstail ..."`: by that a file that a crash left is known as ours
    carried(branch)   lines that a later file must repeat so as to stand alone, b"" for nothing; or an iterator of
                      pieces of them, which is exhausted in the thread: making many takes long
    facts(branch)     what the manifest is to say of the lines put since it was last asked: a JSON object
    scan(lines)       the same facts of a file that a crashed run left behind

A `branch` is a file of its own beside others (`--split`); the default branch "" is always open. Lines must be whole
(end with LF) in every `put`: a file is cut, rotated and mended on line borders only. Once the store failed,
`on_error` was called (once, in the loop) and whatever is put is dropped.
"""
