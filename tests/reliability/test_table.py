"""The table of failures and their tests."""

import re
from pathlib import Path

TESTS = Path(__file__).parents[1]
ROWS = re.findall(r"^\| (\d+) \|.*$", (TESTS / "reliability" / "README.md").read_text(), re.MULTILINE)
NAMED = re.findall(r"`([\w/]+\.py)::(\w+)`", (TESTS / "reliability" / "README.md").read_text())


def test_every_failure_has_its_row() -> None:
    assert [int(number) for number in ROWS] == list(range(1, 26))
    assert len(NAMED) > len(ROWS)


def test_every_test_in_the_table_exists() -> None:
    missing = [f"{file}::{name}" for file, name in NAMED if f"def {name}(" not in (TESTS / file).read_text()]
    assert missing == []
