"""Settings: every field has a Spec, good values pass unchanged, every bad one gets its sentence."""

import dataclasses
import json
import math

import pytest

from nst.errors import FieldName, SettingsError
from nst.networks import NETWORKS
from nst.settings import FilmSettings, Settings, by_label, live_names, specs
from nst.validation import either


def test_defaults_are_valid_and_survive_json() -> None:
    settings = Settings()
    assert Settings.from_mapping(json.loads(json.dumps(settings.to_dict()))) == settings


def test_every_field_has_a_spec_with_help_and_a_default_inside_its_slider() -> None:
    for record in (Settings, FilmSettings):
        check_specs(record())


def check_specs(defaults: Settings | FilmSettings) -> None:
    for field in dataclasses.fields(defaults):
        spec = specs(type(defaults))[field.name]
        assert spec.label
        assert spec.help.endswith(".")
        if spec.slider and spec.kind in ("number", "integer"):
            low, high, step = spec.slider
            assert spec.minimum <= low < high <= spec.maximum
            assert low <= getattr(defaults, field.name) <= high
            assert step > 0


def test_settings_are_frozen() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        Settings().size = 256  # type: ignore[misc]


def test_whole_numbers_may_come_as_floats_and_leave_as_int() -> None:
    settings = Settings(steps=30.0, size=256.0)  # as sliders send them
    assert (settings.steps, settings.size) == (30, 256)
    assert type(settings.steps) is int


def test_lists_become_tuples() -> None:
    assert Settings(style_weights=[1, 2]).style_weights == (1.0, 2.0)


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("size", 63, "size is 63; it must be a whole number from 64 to 8192 px, or original."),
        ("size", 8193, "size is 8193; it must be a whole number from 64 to 8192 px, or original."),
        ("size", "huge", "size is 'huge'; it must be a whole number from 64 to 8192 px, or original."),
        ("size", 100.5, "size is 100.5; it must be a whole number from 64 to 8192 px, or original."),
        ("steps", True, "steps is True; it must be a whole number from 1 to 5000 steps."),
        ("steps", "60", "steps is '60'; it must be a whole number from 1 to 5000 steps."),
        ("steps", 0, "steps is 0; it must be a whole number from 1 to 5000 steps."),
        ("style_weight", math.nan, "style_weight is nan; it must be a number, 0 or more."),
        ("style_weight", -math.inf, "style_weight is -inf; it must be a number, 0 or more."),
        ("style_weight", -1, "style_weight is -1; it must be a number, 0 or more."),
        ("content_weight", None, "content_weight is empty; enter a number, 0 or more."),
        ("network", "resnet", f"network is 'resnet'; it must be {either(tuple(NETWORKS))}."),
        ("network", 19, f"network is 19; it must be {either(tuple(NETWORKS))}."),
        ("learning_rate", 0, "learning_rate is 0; it must be a number from 1e-06 to 10000, or auto."),
        ("learning_rate", "fast", "learning_rate is 'fast'; it must be a number from 1e-06 to 10000, or auto."),
        ("style_layer_weights", 1.0, "style_layer_weights is 1.0; it must be a list of at most 32 numbers."),
        ("style_layer_weights", [1, "x"], "style_layer_weights[1] is 'x'; it must be a number, 0 or more."),
        ("style_layer_weights", [1] * 33, "style_layer_weights has 33 entries; at most 32 are allowed."),
        ("content_layers", ["a/b"], "content_layers holds 'a/b'; it must be the name of a layer, such as conv4_2."),
        ("seed", 2**31, "seed is 2147483648; it must be a whole number from 0 to 2147483647."),
        ("seed", 10**400, "seed is 1"),
        ("style_scale", math.inf, "style_scale is inf; it must be a number from 0.1 to 8."),
    ],
)
def test_a_bad_value_gets_a_sentence_with_name_value_and_limit(name: str, value: object, sentence: str) -> None:
    with pytest.raises(SettingsError) as caught:
        Settings(**{name: value})
    assert str(caught.value).startswith(sentence)
    assert len(str(caught.value)) < 200


def test_a_number_too_long_to_be_written_out_gets_its_sentence() -> None:
    with pytest.raises(SettingsError, match="seed is a number of thousands of digits; it must be a whole number"):
        Settings(seed=10**9000)


def test_an_unknown_name_is_refused_with_the_nearest_one() -> None:
    with pytest.raises(SettingsError, match=r"no setting called 'stlye_weight'. Did you mean style_weight"):
        Settings.from_mapping({"stlye_weight": 1})


def test_only_weights_are_live() -> None:
    assert live_names() == {"content_weight", "style_weight", "tv_weight", "patch_weight", "style_layer_weights"}


def test_a_films_own_settings_are_checked_and_called_in_the_same_way() -> None:
    assert FilmSettings(frame_rate=24.0).to_dict()["frame_rate"] == 24
    with pytest.raises(SettingsError, match=r"frame_rate is 0; it must be a whole number from 1 to 60\."):
        FilmSettings(frame_rate=0)
    with pytest.raises(SettingsError) as caught:
        FilmSettings(frame_rate=None)
    assert caught.value.sentence(by_label) == "Frames per second is empty; enter a whole number from 1 to 60."
    assert by_label(FieldName("temporal_weight")) == "Steadiness"
    assert not set(specs()) & set(specs(FilmSettings))
