"""What is committed and made from the program, or says how to use it, has not drifted from it."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import jsonschema
import orjson
import pytest
from typer.testing import CliRunner

from oddstail import __version__, providers
from oddstail.cli.app import app
from oddstail.demo.faults import NAMES
from oddstail.schema import schema, types
from tests.documents import pages
from tests.generate import COMPLETIONS, completion

ROOT = Path(__file__).parent.parent
#: The README and the pages of docs/; tests/e2e/test_recipes.py runs those of one page as they stand.
PAGES = pages()
RECIPES = (ROOT / "docs" / "recipes.md").read_text("utf-8")
#: Every command line of theirs, without its comment and what it is piped into.
LINES = [
    re.split(r" \| |\s#", line)[0].strip()
    for block in re.findall(r"```bash\n(.*?)```", PAGES.replace(RECIPES, ""), re.DOTALL)
    for line in block.splitlines()
    if line.startswith("oddstail ")
]
#: What tests/e2e/test_replay.py runs as it stands.
RUN = ("replay", "verify", "doctor")


@pytest.mark.parametrize("shell", COMPLETIONS)
def test_the_committed_completions_are_what_the_program_prints(shell: str) -> None:
    assert (ROOT / "completions" / COMPLETIONS[shell]).read_text("utf-8") == completion(shell)


@pytest.mark.parametrize("line", [line for line in LINES if "--serve" not in line and line.split()[1] not in RUN])
def test_every_command_of_the_pages_makes_sense_to_the_program(line: str) -> None:
    done = CliRunner().invoke(app, [*shlex.split(line)[1:], "--dry-run"])
    assert done.exit_code == 0, done.output
    assert "GET " in done.output or line.startswith(("oddstail list", "oddstail config"))


@pytest.mark.parametrize("name", providers.TITLES)
def test_the_pages_have_an_example_of_every_provider(name: str) -> None:
    assert any(line.split()[1] == name for line in LINES)


def test_the_record_of_the_pages_is_a_record() -> None:
    sample = re.search(r"```json\n(.*?)\n```", PAGES, re.DOTALL)
    assert sample is not None
    jsonschema.validate(orjson.loads(sample[1]), schema())


@pytest.mark.parametrize("word", [*types(), *NAMES, *(f"| {code} |" for code in (0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 141))])
def test_the_pages_name_every_record_type_fault_and_exit_code(word: str) -> None:
    assert f"`{word}`" in PAGES or word in PAGES


@pytest.mark.parametrize("name", ["", *providers.TITLES, "demo", "list", "run", "replay", "verify", "config", "schema"])
def test_every_command_has_help_with_an_example(name: str) -> None:
    done = CliRunner().invoke(app, [*name.split(), "--help"])
    assert done.exit_code == 0
    assert f"oddstail {name}".strip() in done.output


def test_the_version_is_told_in_one_place() -> None:
    assert CliRunner().invoke(app, ["--version"]).output == f"oddstail {__version__}\n"
    assert f"## {__version__}" in (ROOT / "CHANGELOG.md").read_text("utf-8")
