"""Benchmarks are run by hand; this much is checked: every name that they import exists, and what simulates is right."""

import ast
import heapq
from importlib import import_module
from importlib.util import find_spec
from itertools import accumulate
from pathlib import Path
from random import Random

import pytest

from benchmarks.simulate_cluster import erlang_wait, exponentials, simulated_wait

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


def test_the_simulated_line_waits_as_erlang_says() -> None:
    assert simulated_wait(1, 0.5, 20_000) == pytest.approx(erlang_wait(1, 0.5), rel=0.05)
    assert erlang_wait(1, 0.5) == pytest.approx(1)


def test_a_queue_of_four_serves_exactly_as_the_recursion_of_kiefer_and_wolfowitz() -> None:
    random, free, waits = Random(1), [0.0] * 4, 0.0
    gaps, lengths = exponentials(500, random), exponentials(500, random)
    for gap, length in zip(accumulate(gaps), lengths, strict=True):
        arrival, soonest = gap / (4 * 0.8), heapq.heappop(free)
        waits += max(0.0, soonest - arrival)
        heapq.heappush(free, max(arrival, soonest) + length)
    assert simulated_wait(4, 0.8, 500) == pytest.approx(waits / 500)
