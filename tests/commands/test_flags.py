import argparse

import pytest

from nst.commands.flags import add_setting_flags, memory_bytes, settings_given
from nst.errors import DeviceError, SettingsError
from nst.settings import Settings, specs


def parsed(*arguments: str) -> dict:
    parser = argparse.ArgumentParser(allow_abbrev=False)
    add_setting_flags(parser)
    return settings_given(parser.parse_args(arguments))


def text(value) -> str:
    return ",".join(map(str, value)) if isinstance(value, list) else str(value)


def test_without_flags_nothing_is_set():
    assert parsed() == {}


@pytest.mark.parametrize("name", specs())
def test_every_setting_has_a_flag_that_reads_its_default_back(name):
    default = Settings().to_dict()[name]
    given = parsed("--" + name.replace("_", "-"), text(default))
    assert list(given) == [name]
    assert Settings.from_mapping(given) == Settings()


@pytest.mark.parametrize(
    ("flag", "value", "expected"),
    [
        ("--size", "640", 640),
        ("--size", "original", "original"),
        ("--learning-rate", "auto", "auto"),
        ("--learning-rate", "1e-2", 0.01),
        ("--style-weights", "2, 1", (2.0, 1.0)),
        ("--style-layers", "conv1_1,conv2_1", ("conv1_1", "conv2_1")),
        ("--optimizer", "adam", "adam"),
    ],
)
def test_values_arrive_in_their_type(flag, value, expected):
    settings = Settings.from_mapping(parsed(flag, value))
    assert getattr(settings, flag[2:].replace("-", "_")) == expected


@pytest.mark.parametrize("value", ["abc", "", "1.5", "63", "nan", "inf", "1e999"])
def test_bad_values_are_refused_by_the_settings_and_not_by_the_parser(value):
    with pytest.raises(SettingsError, match=r"^size is "):
        Settings.from_mapping(parsed("--size", value))


def test_the_help_of_every_setting_tells_its_bounds_and_default():
    parser = argparse.ArgumentParser(formatter_class=lambda prog: argparse.HelpFormatter(prog, width=1000))
    add_setting_flags(parser)
    shown = parser.format_help()
    for spec in specs().values():
        assert spec.help in shown
    usual = Settings()
    assert f"(64 to 8192 px; default {usual.size})" in shown
    assert f"default {usual.steps}, or as --quality says" in shown
    assert f"default {','.join(f'{weight:g}' for weight in usual.style_layer_weights)})" in shown


def test_memory_is_given_in_gigabytes() -> None:
    assert memory_bytes(None) is None
    assert memory_bytes(1.5) == 1_500_000_000


@pytest.mark.parametrize("gigabytes", [0.0, -2.0, float("nan"), float("inf")])
def test_memory_that_is_no_amount_is_refused(gigabytes: float) -> None:
    with pytest.raises(DeviceError, match="memory is"):
        memory_bytes(gigabytes)
