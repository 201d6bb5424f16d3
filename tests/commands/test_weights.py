"""``python -m nst weights``."""

from pathlib import Path

import pytest

from nst.commands.cli import main
from nst.features.weights import packed_file, published_file


def test_it_says_where_the_weights_are_and_which_would_have_to_come(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    assert main(["weights"]) == 0
    first, second = capsys.readouterr().out.splitlines()
    assert first.startswith("VGG-19, ")
    assert first.endswith(f": {packed_file()}")
    assert packed_file().is_file()
    assert second.startswith("VGG-16, ")
    assert second.endswith(": not here yet")
    published_file().parent.mkdir(parents=True)
    published_file().touch()
    assert main(["weights"]) == 0
    assert capsys.readouterr().out.splitlines() == [first, second.replace("not here yet", str(published_file()))]
