"""A second reader of the vendors' wires, to check the first one.

It is written from `docs/wire/` alone and imports nothing of `oddstail`: it reads a recording as JSON lines, applies the
vendors' rules, and says which prices are open at the end. A mistake that the providers, the demo and their tests share
shows here. It knows odds only, and nothing of the screen, alerts or filters.
"""
