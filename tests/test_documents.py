"""The pages that are made from the program have not drifted, and those written by hand name what there is."""

from __future__ import annotations

import inspect
import re
import shlex
import shutil
import subprocess
from enum import StrEnum
from pathlib import Path

import pytest
from typer.testing import CliRunner

from oddstail import providers
from oddstail.cli.app import COMMANDS, app
from oddstail.schema import schema
from tests.documents import README, RECORDS, REFERENCE, Page, man, manual, records, reference

DOCS = REFERENCE.parent


def test_the_committed_reference_is_what_the_program_makes() -> None:
    assert REFERENCE.read_text("utf-8") == reference(), "make reference"


def test_the_table_of_records_is_what_the_program_makes() -> None:
    assert RECORDS.read_text("utf-8") == records(), "make reference"


def test_the_readme_stays_short() -> None:
    assert len(README.read_text("utf-8").splitlines()) <= 130


@pytest.mark.parametrize("page", [README, *sorted(DOCS.glob("*.md"))], ids=lambda page: page.name)
def test_links_between_pages_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)\s]+)\)", re.sub(r"```.*?```", "", page.read_text("utf-8"), flags=re.DOTALL)):
        if "://" in target:
            continue
        path, _, anchor = target.partition("#")
        linked = (page.parent / path) if path else page
        assert linked.exists(), target
        if anchor:
            headings = re.findall(r"^#+ (.*)$", linked.read_text("utf-8"), re.MULTILINE)
            assert anchor in {re.sub(r"[^\w -]", "", one).lower().replace(" ", "-") for one in headings}, target


@pytest.mark.parametrize("kind", schema()["oneOf"], ids=lambda kind: str(kind["title"]))
def test_the_reference_has_every_field_of_every_record(kind: dict[str, dict[str, object]]) -> None:
    section = reference().split(f"### {kind['title']}\n")[1].split("\n### ")[0]
    whole = section + reference().split("Every record has these")[1].split("###")[0]
    assert not [name for name in kind["properties"] if f"| `{name}` |" not in whole]


@pytest.mark.parametrize("name", COMMANDS)
def test_help_has_each_example_on_a_line_to_copy_and_no_type_of_python(name: str) -> None:
    shown = CliRunner().invoke(app, [name, "--help"]).output
    lines = [line.strip() for line in shown.splitlines()]
    examples = [lines.index(example) for example in Page(name).examples]
    assert examples == list(range(examples[0], examples[0] + len(examples)))
    assert examples[-1] < min(lines.index(line) for line in lines if line.endswith(":") and line[:-1] in Page(name).sections)  # fmt: skip
    assert "<str>" not in shown
    assert "list[" not in shown


def test_the_manual_has_every_command_and_troff_takes_it(tmp_path: Path) -> None:
    assert all(f"oddstail\\-{name}" in manual() for name in COMMANDS)
    assert troff(manual(), tmp_path / "oddstail.1") == []


@pytest.mark.parametrize("name", COMMANDS)
def test_a_man_page_has_every_flag_and_example_and_troff_takes_it(name: str, tmp_path: Path) -> None:
    text, page = man(name), Page(name)
    plain = text.replace("\\-", "-").replace("\\e", "\\")
    assert all(flags in plain for rows in page.sections.values() for flags, _ in rows)
    assert all(example in plain for example in page.examples)
    assert troff(text, tmp_path / f"oddstail-{name}.1") == []


def troff(text: str, path: Path) -> list[str]:
    """What groff has to say against a page, but for long words."""
    path.write_text(text)
    if shutil.which("groff") is None:
        return []
    done = subprocess.run(["groff", "-man", "-Tascii", "-ww", "-z", str(path)], capture_output=True, text=True, check=False)  # fmt: skip
    return [line for line in done.stderr.splitlines() if "adjust line" not in line and "break line" not in line]


@pytest.mark.parametrize("name", providers.TITLES)
def test_every_provider_has_a_page_that_names_its_feeds_and_whose_examples_make_sense(name: str) -> None:
    text = (DOCS / f"{name}.md").read_text("utf-8")
    feed = inspect.signature(providers.command(name), eval_str=True).parameters["feed"].default
    assert isinstance(feed, StrEnum)
    assert not [one.value for one in type(feed) if f"`{one.value}`" not in text and f"`--feed {one.value}`" not in text]
    for heading in ("**Streams**", "**Plan**", "**Limits**", "**Quirks**", "Source: "):
        assert heading in text
    [block] = re.findall(r"```bash\n(.*?)```", text, re.DOTALL)
    for line in block.splitlines():
        done = CliRunner().invoke(app, [*shlex.split(line)[1:], "--dry-run", "--no-validate"])
        assert done.exit_code == 0, done.output
