"""pyproject.toml describes the package that is there, and takes version and dependencies from their one source."""

import tomllib
from fnmatch import fnmatch
from importlib import import_module
from pathlib import Path

from packaging.specifiers import SpecifierSet

from nst.version import NAME, __version__
from tests.deploy.test_files import front_matter

ROOT = Path(__file__).parents[2]
TABLE = tomllib.loads((ROOT / "pyproject.toml").read_text())
PROJECT, SETUPTOOLS = TABLE["project"], TABLE["tool"]["setuptools"]


def test_version_and_dependencies_come_from_their_sources() -> None:
    assert sorted(PROJECT["dynamic"]) == sorted(SETUPTOOLS["dynamic"]) == ["dependencies", "version"]
    assert not {"version", "dependencies"} & set(PROJECT)
    module, _, attribute = SETUPTOOLS["dynamic"]["version"]["attr"].rpartition(".")
    assert getattr(import_module(module), attribute) == __version__
    assert SETUPTOOLS["dynamic"]["dependencies"] == {"file": ["requirements.txt"]}
    assert (ROOT / "requirements.txt").is_file()


def test_name_licence_and_python_are_those_of_the_program() -> None:
    assert PROJECT["name"] == NAME.lower()
    assert PROJECT["license"] == "MIT"
    assert front_matter()["license"] == "mit"
    (licence,) = PROJECT["license-files"]
    assert (ROOT / licence).read_text().startswith("MIT License\n\nCopyright (c) 2026 the Impasto authors\n")
    lowest = TABLE["tool"]["mypy"]["python_version"]
    assert SpecifierSet(PROJECT["requires-python"]) == SpecifierSet(f">={lowest}")
    assert f"Python {lowest} or later" in (ROOT / "README.md").read_text()


def test_it_holds_every_package_of_nst_with_its_data_and_nothing_else() -> None:
    packages = {".".join(path.parent.relative_to(ROOT).parts) for path in ROOT.glob("[!.]*/**/__init__.py")}
    include = SETUPTOOLS["packages"]["find"]["include"]
    chosen = {name for name in packages if any(fnmatch(name, pattern) for pattern in include)}
    assert chosen == {name for name in packages if name.split(".")[0] == "nst"}
    folders = {path.parent for path in (ROOT / "nst").rglob("*.py")}
    assert {".".join(folder.relative_to(ROOT).parts) for folder in folders} == chosen
    data = {path for path in (ROOT / "nst").rglob("*") if path.is_file() and path.suffix not in (".py", ".pyc")}
    globs = SETUPTOOLS["package-data"].items()
    patterns = [ROOT.joinpath(*name.split("."), pattern) for name, patterns in globs for pattern in patterns]
    assert {path for path in data if any(path.match(str(pattern)) for pattern in patterns)} == data
