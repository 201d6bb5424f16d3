"""app.py refuses the user's mistakes in one line, with exit code 2."""

import socket
from pathlib import Path
from typing import cast

import pytest

from nst.engines.local import LocalEngine
from nst.limits import DAY
from nst.ui.studio import Studio
from nst.web import launch
from tests.engines.loops import job
from tests.serving import ROOT


def refused(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> str:
    assert launch.main(arguments) == 2
    told = capsys.readouterr().err
    assert told.startswith("app.py: ")
    assert told.count("\n") == 1
    return told


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (["--max-size", "10"], "--max-size is 10"),
        (["--port", "0"], "--port is 0"),
        (["--keep-days", "0"], "--keep-days is 0; it must be 1 to 36500"),
        (["--keep-gb", "0"], "--keep-gb is 0; it must be above 0"),
        (["--keep-gb", "nan"], "--keep-gb is nan"),
        (["--weights", "/no/such/file.pth"], "no such file"),
        (["--device", "toaster"], "toaster"),
        (["--cluster", "local", "--device", "cpu"], "--device cannot be used with --cluster"),
        (["--cluster", "local", "--painter-cores", "0"], "--painter-cores is 0; it must be 1 to 1024"),
        (["--allow-host", "https://studio.example"], "--allow-host is 'https://studio.example'; it must be a name"),
    ],
)
def test_a_bad_option_is_named(
    arguments: list[str], word: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert word in refused([*arguments, "--results", str(tmp_path)], capsys)


def test_without_ray_a_cluster_is_refused_with_what_to_install(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(launch, "find_spec", lambda _: None)
    assert "pip install -r requirements-cluster.txt" in refused(
        ["--cluster", "local", "--results", str(tmp_path)], capsys
    )


@pytest.mark.parametrize(
    ("arguments", "days", "gigabytes"),
    [
        ([], 30, 5),
        (["--keep-days", "400", "--keep-gb", "0.5"], 400, 0.5),
        (["--hosted"], 1 / 24, 2),
        (["--hosted", "--keep-days", "400", "--keep-gb", "9"], 1 / 24, 2),
        (["--hosted", "--keep-gb", "0.5"], 1 / 24, 0.5),
    ],
)
def test_results_are_kept_as_long_and_as_many_as_the_options_say(
    arguments: list[str], days: float, gigabytes: float
) -> None:
    limits = launch._limits(launch._parser().parse_args(arguments))
    assert (limits.keep_seconds, limits.keep_bytes) == (days * DAY, gigabytes * 10**9)


def test_the_names_are_those_of_the_options_and_of_the_space() -> None:
    options = launch._parser().parse_args(
        ["--host", "127.0.0.1", "--allow-host", "a.example", "--allow-host", "b.example"]
    )
    names = launch._names(options, {"SPACE_HOST": "ann-impasto.hf.space"})
    assert all(names.has(host) for host in ("localhost:7860", "a.example", "b.example", "ann-impasto.hf.space"))
    assert not launch._names(options, {}).has("ann-impasto.hf.space")


def test_the_page_says_how_long_results_are_kept_only_where_strangers_come() -> None:
    for arguments, says in (([], False), (["--keep-days", "1"], False), (["--hosted"], True)):
        limits = launch._limits(launch._parser().parse_args(arguments))
        studio = Studio(engine=cast(LocalEngine, None), limits=limits)
        assert ("deleted after 60 minutes" in studio.rules()) == says
        assert ("deleted" in studio.rules()) == says


def test_the_weights_that_are_named_reach_the_engine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """They are no weights, which the engine says to whoever runs something."""
    (tmp_path / "mine.pth").write_bytes(b"nothing")
    said = []

    def serve(studio: Studio, *_more: object) -> None:
        run = studio.engine.submit(lambda: job())
        said.append(str(list(run.progress())[-1].error))

    monkeypatch.setattr(launch, "_serve", serve)
    assert launch.main(["--weights", str(tmp_path / "mine.pth"), "--results", str(tmp_path), "--device", "cpu"]) == 0
    assert said == [f"The weights file {tmp_path / 'mine.pth'} cannot be read: it is damaged or not a state dict."]


def test_a_login_without_accounts_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("IMPASTO_AUTH", raising=False)
    assert "IMPASTO_AUTH, which is not set" in refused(["--auth", "--results", str(tmp_path)], capsys)
    monkeypatch.setenv("IMPASTO_AUTH", "hunter2")
    told = refused(["--auth", "--results", str(tmp_path)], capsys)
    assert "lacks a name or a password" in told
    assert "hunter2" not in told


def test_without_its_package_mcp_says_what_to_install(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(launch, "find_spec", lambda _name: None)
    requirement = next(line for line in (ROOT / "requirements-dev.txt").read_text().splitlines() if "mcp" in line)
    assert f'pip install "{requirement}"' in (ROOT / "README.md").read_text()
    assert f'pip install "{requirement}"' in refused(["--mcp", "--results", str(tmp_path)], capsys)


def test_a_taken_port_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        assert str(port) in refused(["--port", str(port), "--results", str(tmp_path)], capsys)


def test_results_that_are_no_folder_are_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "file").touch()
    assert "cannot be made" in refused(["--results", str(tmp_path / "file")], capsys)


def test_an_unknown_option_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        launch.main(["--sizes", "3"])
    assert ended.value.code == 2
    assert capsys.readouterr().err.count("\n") == 1
