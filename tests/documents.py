"""Pages that are made from the program: `man` (one for each command) and `reference` (docs/reference.md, the table in docs/records.md)."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Any

from oddstail import __version__
from oddstail.cli.app import COMMANDS, made
from oddstail.schema import schema

ROOT = Path(__file__).parent.parent
REFERENCE = ROOT / "docs" / "reference.md"
README = ROOT / "README.md"
RECORDS = ROOT / "docs" / "records.md"
MAN = ROOT / "build" / "man" / "man1"


class Page:
    """A command as its help has it: a summary, examples, and flags by heading."""

    def __init__(self, name: str) -> None:
        command = made(name)
        context = command.make_context(name, [], resilient_parsing=True)
        paragraphs = [" ".join(part.split()) for part in re.split(r"\n\s*\n", command.help or "")]
        self.name = name
        self.summary = paragraphs[0]
        self.examples = [part for part in paragraphs if part.startswith("oddstail ")]
        self.rest = [part for part in paragraphs[1:] if not part.startswith("oddstail ")]
        self.sections: dict[str, list[tuple[str, str]]] = {}
        for param in command.get_params(context):
            record = param.get_help_record(context)
            if record is not None:
                title = getattr(param, "rich_help_panel", None) or (
                    "Arguments" if param.param_type_name == "argument" else "More"
                )
                self.sections.setdefault(title, []).append((re.sub(r" <(str|list\[str\])>$", "", record[0]), record[1]))


def man(name: str) -> str:
    """A command's page in the man macros (man(7))."""
    page = Page(name)
    out = [
        f'.TH "ODDSTAIL\\-{name.upper()}" 1 "" "oddstail {__version__}" "oddstail"',
        ".SH NAME",
        f"oddstail\\-{name} \\- {_roff(page.summary)}",
        ".SH SYNOPSIS",
        f".B oddstail {name}",
        "[OPTIONS] ...",
        ".SH EXAMPLES",
    ]
    for example in page.examples:
        out += [".PP", ".nf", _roff(example), ".fi"]
    for text in page.rest:
        out += [".PP", _roff(text)]
    for title, rows in page.sections.items():
        out.append(f'.SH "{_roff(title.upper())}"')
        for flags, told in rows:
            out += [".TP", f".B {_roff(flags)}", _roff(told)]
    out += [".SH SEE ALSO", ", ".join(f"\\fBoddstail\\-{other}\\fR(1)" for other in COMMANDS if other != name)]
    return "\n".join(out) + "\n"


def manual() -> str:
    """oddstail(1): what there is, and where its page is."""
    out = [
        f'.TH "ODDSTAIL" 1 "" "oddstail {__version__}" "oddstail"',
        ".SH NAME",
        "oddstail \\- tail live sports odds",
        ".SH SYNOPSIS",
        ".B oddstail",
        "COMMAND [OPTIONS] ...",
        ".SH COMMANDS",
    ]
    for name in COMMANDS:
        out += [".TP", f"\\fBoddstail\\-{name}\\fR(1)", _roff(Page(name).summary)]
    return "\n".join(out) + "\n"


def reference() -> str:
    """Every flag of every command, and every field of every record."""
    out = ["# Reference", "", "Made from the program by `make reference`; a test holds that it has not drifted.", ""]
    seen: set[tuple[str, str]] = set()
    pages = [Page(name) for name in COMMANDS]
    shared = _shared(pages)
    out += ["## Flags of every stream", ""]
    for title, rows in shared.items():
        out += _table(title, rows)
        seen |= set(rows)
    for page in pages:
        out += [f"## oddstail {page.name}", "", page.summary, "", "```", *page.examples, "```", ""]
        for title, rows in page.sections.items():
            own = [row for row in rows if row not in seen or not _streams(page, shared)]
            out += _table(title, own) if own else []
    out += ["## Records", "", "Every record has these:", ""]
    kinds = schema()["oneOf"]
    common = list(kinds[0]["required"][:7])
    out += [*_fields(kinds[0], common), ""]
    for kind in kinds:
        out += [f"### {kind['title']}", "", f"{kind['description'][0].upper()}{kind['description'][1:]}.", ""]
        out += [*_fields(kind, [name for name in kind["properties"] if name not in common]), ""]
    return "\n".join(out).rstrip() + "\n"


def records() -> str:
    """Return docs/records.md with its table made again."""
    text = RECORDS.read_text("utf-8")
    begin, end = "<!-- records: made by `make reference` -->\n", "<!-- end -->"
    before, found, rest = text.partition(begin)
    assert found, "docs/records.md has no place for the table"
    return f"{before}{begin}{_records()}{end}{rest.partition(end)[2]}"


def pages() -> str:
    """Return the text of the README and of every page that people write."""
    written = [README, *sorted(path for path in REFERENCE.parent.glob("*.md") if path != REFERENCE)]
    return "\n".join(path.read_text("utf-8") for path in written)


def _records() -> str:
    """Each type of record, and its fields beside those that all have, or all that tell of games."""
    kinds = schema()["oneOf"]
    quote = list(kinds[0]["required"])
    every, placed = quote[:7], quote[7 : quote.index("key")]
    rows = ["| type | what it tells | its fields |", "|---|---|---|"]
    for kind in kinds:
        own = [name for name in kind["properties"] if name not in every]
        if kind["title"] == "alert":
            own = ["*those of a quote*", *(name for name in own if name not in kinds[0]["properties"])]
        elif set(placed) <= set(own):
            own = ["*game*", *(name for name in own if name not in placed)]
        rows.append(f"| `{kind['title']}` | {_cell(kind['description'])} | {_named(own)} |")
    rows += ["", f"Every record has {_named(every)}; *game* stands for {_named(placed)}.", ""]
    return "\n".join(rows)


def _shared(pages: list[Page]) -> dict[str, list[tuple[str, str]]]:
    """What each provider's command has alike."""
    streams = [page for page in pages if "The connection" in page.sections and "The key" in page.sections]
    out: dict[str, list[tuple[str, str]]] = {}
    for title, rows in streams[0].sections.items():
        alike = [row for row in rows if all(row in page.sections.get(title, []) for page in streams)]
        if alike:
            out[title] = alike
    return out


def _streams(page: Page, shared: dict[str, list[tuple[str, str]]]) -> bool:
    return "Output" in page.sections and shared["Output"][0] in page.sections["Output"]


def _table(title: str, rows: list[tuple[str, str]]) -> list[str]:
    return [f"| {title} | |", "|---|---|", *(f"| `{_cell(flags)}` | {_cell(told)} |" for flags, told in rows), ""]


def _fields(kind: dict[str, Any], names: list[str]) -> list[str]:
    out = ["| field | type | |", "|---|---|---|"]
    for name in names:
        what = kind["properties"][name]
        out.append(f"| `{name}` | {_cell(_type(what))} | {_cell(what.get('description', ''))} |")
    return out


def _named(names: list[str]) -> str:
    return ", ".join(name if name.startswith("*") else f"`{name}`" for name in names)


def _type(what: dict[str, Any]) -> str:
    if "const" in what:
        return f"`{what['const']}`" if not isinstance(what["const"], bool) else str(what["const"]).lower()
    if "enum" in what:
        return ", ".join(f"`{one}`" for one in what["enum"])
    if "anyOf" in what:
        return " or ".join(_type(one) for one in what["anyOf"])
    kinds = what.get("type", "")
    kinds = kinds if isinstance(kinds, list) else [kinds]
    named = ["time" if kind == "string" and what.get("format") == "date-time" else kind for kind in kinds]
    return " or ".join(named)


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


def _roff(text: str) -> str:
    """Text that troff takes for nothing but text (groff(7): backslash, hyphen, a dot or quote at a line's begin)."""
    text = text.replace("\\", "\\e").replace("-", "\\-")
    return f"\\&{text}" if text.startswith((".", "'")) else text


if __name__ == "__main__":
    if sys.argv[1:] == ["man"]:
        MAN.mkdir(parents=True, exist_ok=True)
        (MAN / "oddstail.1").write_text(manual(), "utf-8")
        for command in COMMANDS:
            (MAN / f"oddstail-{command}.1").write_text(man(command), "utf-8")
        print(MAN)
    else:
        REFERENCE.write_text(reference(), "utf-8")
        RECORDS.write_text(records(), "utf-8")
