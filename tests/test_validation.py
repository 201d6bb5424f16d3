"""The text form of values: what is typed, written as a flag or put into an address."""

import random

import pytest

from nst.settings import Settings, specs
from nst.validation import check, read_text, write_text


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("size", "640", 640),
        ("size", " 640 px", 640),
        ("size", "original", "original"),
        ("learning_rate", "1e-2", 0.01),
        ("learning_rate", "auto", "auto"),
        ("style_weights", "1, 0.5,2", [1, 0.5, 2]),
        ("style_weights", "", []),
        ("style_layers", "conv1_1, conv2_1,", ["conv1_1", "conv2_1"]),
        ("optimizer", "adam", "adam"),
        ("steps", "many", "many"),
        ("style_layer_weights", "1,x", [1, "x"]),
    ],
)
def test_text_is_read_as_the_kind_of_the_setting_and_never_refused(name: str, text: str, value: object) -> None:
    assert read_text(text, specs()[name]) == value


@pytest.mark.parametrize(
    ("value", "text"),
    [(40, "40"), (1.0, "1"), (0.1, "0.1"), (1e-6, "1e-06"), ([1.0, 0.25], "1,0.25"), ((), ""), ("auto", "auto")],
)
def test_values_are_written_as_briefly_as_they_can_be_read_back(value: object, text: str) -> None:
    assert write_text(value) == text


def test_every_float_comes_back_exactly() -> None:
    spec, chance = specs()["style_weight"], random.Random(0)
    for _ in range(1000):
        value = chance.random() * 10 ** chance.randint(-9, 9)
        assert check("style_weight", read_text(write_text(value), spec), spec) == value


@pytest.mark.parametrize("name", specs())
def test_every_default_comes_back(name: str) -> None:
    value, spec = getattr(Settings(), name), specs()[name]
    assert check(name, read_text(write_text(value), spec), spec) == value
