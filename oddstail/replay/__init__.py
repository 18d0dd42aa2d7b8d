"""Captures told again: files into runs, runs into the events that were. Knows tapes and records, opens no socket."""
