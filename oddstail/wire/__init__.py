"""Bytes and frames: what a wire carries, with no socket. Knows no provider."""
