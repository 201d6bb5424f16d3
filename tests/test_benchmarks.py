"""Benchmarks are run by hand; this much is checked: every name that they import exists."""

import ast
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

import pytest

FILES = sorted((Path(__file__).parents[1] / "benchmarks").glob("*.py"))


def exists(module: str, name: str) -> bool:
    """Whether ``from module import name`` works."""
    home = import_module(module)
    return hasattr(home, name) or (hasattr(home, "__path__") and find_spec(f"{module}.{name}") is not None)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_imported_name_exists(path: Path) -> None:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom) and str(node.module).startswith(("benchmarks", "nst")):
            assert [alias.name for alias in node.names if not exists(node.module, alias.name)] == [], node.module
