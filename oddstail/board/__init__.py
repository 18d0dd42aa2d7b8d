"""The latest price of everything, and its drawing."""
