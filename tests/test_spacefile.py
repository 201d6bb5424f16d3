"""The Spacefile: what it names is there, and what it runs is what app.py understands."""

import shlex
from pathlib import Path

import yaml

from app import _parser

ROOT = Path(__file__).parents[1]


def test_the_spacefile_starts_the_page() -> None:
    spacefile = yaml.safe_load((ROOT / "Spacefile").read_text())
    assert spacefile["v"] == 0
    assert (ROOT / spacefile["icon"]).is_file()
    (micro,) = spacefile["micros"]
    assert micro["primary"] is True
    assert all((ROOT / micro["src"] / name).exists() for name in micro["include"])
    python, script, *options = shlex.split(micro["run"].replace("$PORT", "8080"))
    assert (python, script) == ("python", "app.py")
    assert _parser().parse_args(options).port == 8080
