"""A sentence names a setting as whoever reads it knows it: by its name, its label or its flag."""

import pickle
from pathlib import Path

import pytest

from nst.commands.flags import by_flag
from nst.controls import Controls
from nst.errors import DeviceError, FieldName, NSTError, OutputError, ServerPath, SettingsError
from nst.settings import Settings, by_label


def refused(**values: object) -> SettingsError:
    with pytest.raises(SettingsError) as caught:
        Settings.from_mapping(values)
    return caught.value


def misspelt() -> SettingsError:
    return refused(stlye_weight=1)


def not_live() -> SettingsError:
    with pytest.raises(SettingsError) as caught:
        Controls().update(size=512)
    return caught.value


CASES = [
    (refused(style_weight=7e9), "style_weight is 7", "Style strength is 7", "--style-weight is 7"),
    (
        refused(style_layer_weights=[1, "x"]),
        "style_layer_weights[1] is 'x'", "Style layer 2 is 'x'", "entry 2 of --style-layer-weights is 'x'",
    ),
    (refused(size="style_weight"), "size is 'style_weight'", "Size is 'style_weight'", "--size is 'style_weight'"),
    (refused(style_layers=["a/b"]), "style_layers holds", "Style layers holds", "--style-layers holds"),
    (
        misspelt(),
        "There is no setting called 'stlye_weight'. Did you mean style_weight?",
        "There is no setting called 'stlye_weight'. Did you mean Style strength?",
        "There is no setting called 'stlye_weight'. Did you mean --style-weight?",
    ),
    (
        not_live(),
        "size cannot be changed during a run; content_weight, patch_weight,",
        "Size cannot be changed during a run; Content weight, Brushwork,",
        "--size cannot be changed during a run; --content-weight, --patch-weight,",
    ),
    (DeviceError(FieldName("device"), " is 'x'."), "device is 'x'.", "device is 'x'.", "--device is 'x'."),
]  # fmt: skip


@pytest.mark.parametrize(("error", "name", "label", "flag"), CASES, ids=lambda case: str(case)[:30])
def test_a_field_is_called_as_its_reader_knows_it(error: NSTError, name: str, label: str, flag: str) -> None:
    assert str(error).startswith(name)
    assert error.sentence(by_label).startswith(label)
    assert error.sentence(by_flag).startswith(flag)


def test_only_the_command_line_names_whole_paths() -> None:
    error = OutputError("The folder ", ServerPath(Path("/home/ann/results")), " cannot be written.")
    assert error.sentence(by_label) == "The folder results cannot be written."
    assert error.sentence(by_flag, whole_paths=True) == "The folder /home/ann/results cannot be written." == str(error)


def test_the_fields_survive_the_way_from_another_process() -> None:
    error = pickle.loads(pickle.dumps(refused(style_weight=-1)))
    assert type(error) is SettingsError
    assert error.sentence(by_label).startswith("Style strength is -1")
