"""The README's commands work, its files exist, and it says what the code does."""

import re
import shlex
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from nst.commands.cli import main
from nst.networks import NETWORKS, Network, PublishedWeights
from nst.pictures.clip_writer import write_clip
from nst.pictures.masks import rules
from nst.pictures.png import write_png
from nst.settings import Settings
from tests.test_floors import PLAN

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text()
CONTRIBUTING = (ROOT / "CONTRIBUTING.md").read_text()
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "benchmarks").rglob("*.md")])


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", README, flags=re.S)


def command_lines() -> list[str]:
    """The README's commands of the command line."""
    return [line for block in blocks("sh") for line in block.splitlines() if " -m nst " in line]


@pytest.fixture
def files(tmp_path: Path) -> Path:
    """A folder with the pictures that the README talks of."""
    random = np.random.default_rng(0)
    (tmp_path / "holiday").mkdir()
    for name in ("photo.jpg", "painting.jpg", "one.jpg", "two.jpg", "holiday/three.jpg"):
        Image.fromarray(random.integers(0, 256, (48, 64, 3), dtype=np.uint8)).save(tmp_path / name)
    picture = np.zeros((48, 64, 3), np.uint8)
    Image.new("RGB", (64, 48), "red").save(tmp_path / "mask.png")
    write_clip(tmp_path / "clip.mp4", [picture] * 3, 12)
    write_png(tmp_path / "result.png", picture, settings=Settings(), network="vgg19", styles=["The Scream"])
    return tmp_path


def test_there_are_commands_to_run() -> None:
    assert len(command_lines()) >= 5


@pytest.mark.parametrize("line", command_lines())
def test_each_command_runs_as_it_is_written(line: str, files: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(files)
    words = [str(ROOT / word) if word.startswith("assets/") else word for word in shlex.split(line)]
    assert words[:3] == [".venv/bin/python", "-m", "nst"]
    quick = (
        ["--size", "64", "--steps", "1"] if {"transfer", "grid", "film"} & {*words} and "--help" not in words else []
    )
    try:
        code = main([*words[3:], *quick])
    except SystemExit as left:  # As --help does.
        code = left.code
    assert code == 0
    if quick:
        assert [*files.glob("*/**/result.png"), *files.glob("painted.*")]


def test_the_example_of_the_steps_runs(files: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (example,) = [block for block in blocks("python") if "stylize_steps" in block]
    monkeypatch.chdir(files)
    code = example.replace("size=256", "size=64, steps=1").replace("assets/", f"{ROOT}/assets/")
    names: dict[str, object] = {}
    exec(compile(code, "README.md", "exec"), names)
    assert names["result"].shape == (48, 64, 3)


def test_ci_runs_both_commands_of_the_start() -> None:
    script = (ROOT / ".ci" / "run").read_text()
    for marker in ("start", "test"):
        assert f"<!-- {marker} -->\n```sh\n" in README
        assert f"$(readme_command {marker})" in script


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_to_files_of_the_repository(page: Path) -> None:
    for target in re.findall(r"(?:\]\(|src=\")([^)\"]+)", page.read_text()):
        assert target.startswith("http") or (page.parent / target).exists(), target


@pytest.mark.parametrize("network", NETWORKS.values(), ids=NETWORKS)
def test_every_network_is_in_the_readme_with_the_size_of_its_download(network: Network) -> None:
    (row,) = [line for line in README.splitlines() if line.startswith(f"| `{network.name}`")]
    assert not isinstance(network.weights, PublishedWeights) or f" {network.weights.megabytes} MB" in row


def test_every_option_of_the_page_is_in_the_readme() -> None:
    options = set(re.findall(r'add\("(--[a-z-]+)"', (ROOT / "nst" / "web" / "launch.py").read_text()))
    assert options
    assert [option for option in sorted(options) if option not in README] == []


def test_every_rule_for_masks_is_in_the_readme() -> None:
    assert [rule.name for rule in rules() if f"`{rule.name}`" not in README] == []


def test_paths_in_the_contributing_guide_exist() -> None:
    for path in re.findall(r"`((?:nst|tests|assets|benchmarks)/[\w./]+)`", CONTRIBUTING):
        assert (ROOT / path).exists(), path


def test_the_contributing_guide_has_the_floors_of_the_plan() -> None:
    rows = re.findall(r"^\| (\d+) \| (.+?) \|", CONTRIBUTING, flags=re.M)
    rooms = {int(floor): set(re.findall(r"`([\w./]+?)/?`", cell)) for floor, cell in rows}
    entry_point = {"nst.__main__"}
    assert {floor: {room.removesuffix(".py").replace("/", ".") for room in rooms[floor]} for floor in rooms} == {
        floor: set(names) - entry_point for floor, names in enumerate(PLAN)
    }
