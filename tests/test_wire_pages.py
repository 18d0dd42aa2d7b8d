"""Every page and section of docs/wire that the code, the tests and the docs cite is there."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PAGES = ROOT / "docs" / "wire"
_SECTION = r"[AB]?\d+(?:\.\d+)*"
#: `docs/wire/boltodds.md, A3, A7 and A8` and `docs/wire/opticodds.md, 2.1 to 2.3`; a page may be cited as a whole.
_CITED = re.compile(rf"docs/wire/(\w+)\.md(?:, ({_SECTION}(?:(?:, | and | to ){_SECTION})*))?")
#: `(A9)` or `(B1, B4)` in a file of one of the two providers whose sections have letters.
_BARE = re.compile(r"(?<![\w.])([AB]\d{1,2})(?![\w.])")
#: A test's own words for the names that code must not cite any more.
_FORMER = re.compile(r"oddsjam-opticodds|boltodds-rapidodds")


def headings(page: str) -> set[str]:
    """The numbers of a page's sections."""
    return set(re.findall(rf"^#+ ({_SECTION}) ", (PAGES / f"{page}.md").read_text(), re.MULTILINE))


def texts() -> Iterator[tuple[str, str]]:
    """Every file that may cite a page, by its path."""
    files = [path for folder in ("oddstail", "tests", "docs") for path in (ROOT / folder).rglob("*")]
    for path in sorted(files):
        if path.suffix in (".py", ".md", ".sse", ".txt") and path != Path(__file__) and PAGES not in path.parents:
            yield str(path.relative_to(ROOT)), path.read_text(errors="replace")


def broken(text: str) -> list[str]:
    """The citations in a text that lead nowhere."""
    out = [found[0] for found in _FORMER.finditer(text)]
    for found in _CITED.finditer(text):
        page = found[1]
        if page != "README" and not (PAGES / f"{page}.md").exists():
            out.append(found[0])
            continue
        out += [f"{page}.md, {one}" for one in re.findall(_SECTION, found[2] or "") if one not in headings(page)]
    return out


def test_every_cited_section_exists() -> None:
    assert {path: wrong for path, text in texts() if (wrong := broken(text))} == {}


@pytest.mark.parametrize(
    "text",
    [
        "docs/wire/boltodds.md, A99",
        "docs/wire/nobody.md",
        "docs/wire/opticodds.md, 2.1 and 2.99",
        "boltodds-rapidodds.md, A4",
    ],
)
def test_a_wrong_citation_is_found(text: str) -> None:
    assert broken(text)


@pytest.mark.parametrize(
    ("page", "folders"),
    [("boltodds", ("providers/boltodds", "demo/wires")), ("rapidodds", ("providers/rapidodds", "demo/wires"))],
)
def test_every_bare_section_exists(page: str, folders: tuple[str, ...]) -> None:
    known, letter = headings(page), "A" if page == "boltodds" else "B"
    files = [path for folder in folders for path in (ROOT / "oddstail" / folder).glob("*.py") if page[:4] in str(path)]
    assert files
    for path in files:
        bare = {one for one in _BARE.findall(path.read_text()) if one.startswith(letter)}
        assert bare <= known, path
