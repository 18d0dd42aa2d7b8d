"""The five vendors' servers, each in its own file, written from `docs/wire/` alone."""
