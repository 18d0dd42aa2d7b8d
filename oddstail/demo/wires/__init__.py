"""The five vendors' servers, each in its own file, written from the wire reference alone."""
