"""A mistake on the command line: one sentence, the nearest right word, where the rest is listed; exit code 2."""

from __future__ import annotations

import subprocess
import sys

import pytest


@pytest.mark.parametrize(
    ("argv", "said"),
    [
        ("demmo", "there is no command demmo (did you mean demo?); `oddstail -h` lists what there is"),
        ("optikodds -l NBA", "there is no command optikodds (did you mean opticodds?); `oddstail -h` lists"),
        ("xyzzy", "there is no command xyzzy; `oddstail -h` lists"),
        ("opticodds --bok x", "there is no flag --bok (did you mean --book?); `oddstail opticodds -h` lists"),
        (
            "opticodds --key abcsecret",
            "--key: keys never come from the command line; set OPTICODDS_API_KEY or use --key-file",
        ),
        ("parlayapi --api-key=abcsecret", "--api-key: keys never come from the command line; set PARLAYAPI_API_KEY or"),
        ("boltodds --Token abcsecret", "--Token: keys never come from the command line; set BOLTODDS_API_KEY or"),
        ("run x --key abcsecret", "set <PROVIDER>_API_KEY or use --key-file"),
        ("run nba -m Moneyline", "-m is of one provider; put market into [watch.NAME] of the config file"),
        ("run nba --league NBA", "--league is of one provider; put league into [watch.NAME] of the config file"),
        ("oddsjam --kep 3", "there is no flag --kep; `oddstail"),
        ("-Q", "there is no flag -Q; `oddstail -h` lists"),
        ("demo --count 0", "--count: 0 is too small; use at least 1"),
        ("demo --rate 2000", "--rate: 2000 is too big; use at most 1000"),
        ("demo --rate 0", "--rate: 0 is too small; use at least 0.01"),
        ("oddsjam --retries x", "--retries: 'x' is not a whole number"),
        ("oddsjam --retries 1.5", "--retries: '1.5' is not a whole number"),
        ("demo --where kind=moneyline", 'there is no field moneyline; a text is written "moneyline"'),
        (
            "opticodds --feed odd",
            "--feed: 'odd' is not valid (did you mean odds?); choose from odds, copilot, results, futures",
        ),
        ("oddsjam -o tabel", "'tabel' is not valid (did you mean table?)"),
        ("oddsjam -l", "-l needs a value; `oddstail oddsjam -h` lists"),
        ("oddsjam --json=1", "--json takes no value"),
        ("oddsjam NBA", "NBA: unexpected argument; values need a flag, for example -l NBA"),
        ("oddsjam --\x1b[31mred", "there is no flag --"),
    ],
)
def test_one_sentence_with_the_remedy(argv: str, said: str) -> None:
    command = [sys.executable, "-m", "oddstail", *argv.split(" ")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.startswith("oddstail: ")
    assert done.stderr.count("\n") == 1
    assert said in done.stderr
    assert "\x1b" not in done.stderr
    assert "abcsecret" not in done.stderr
