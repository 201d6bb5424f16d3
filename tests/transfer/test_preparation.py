"""What is checked and chosen before the first Step."""

import numpy as np
import pytest

from nst.controls import Controls
from nst.download_progress import Download
from nst.errors import DeviceError, SettingsError, StyleError
from nst.settings import Settings
from nst.transfer import preparation
from tests.transfer.runs import TINY, paint, run


def test_a_precision_that_the_device_lacks_is_told_and_float32_paints() -> None:
    tf32, plain = paint(TINY.replace(precision="tf32")), paint(TINY)
    assert "Precision tf32 was asked for, which is not to be had on CPU" in tf32[0].note
    assert np.array_equal(tf32[-1].image, plain[-1].image)


@pytest.mark.parametrize(
    ("error", "options", "sentence"),
    [
        (StyleError, {"styles": []}, "No style picture was given"),
        (SettingsError, {"settings": Settings(style_weights=(1, 2, 3))}, "style_weights has 3 values; it must have 1"),
        (SettingsError, {"settings": Settings(style_weights=(0,))}, "style_weights are all 0"),
        (SettingsError, {"settings": Settings(content_layers=("relu9",))}, "content_layers names relu9; tiny has"),
        (SettingsError, {"settings": Settings()}, "style_layer_weights has 5 values; it must have 2, one for each"),
        (DeviceError, {"device": "abacus"}, "device is 'abacus'; it must be auto, cpu, cuda"),
    ],
)
def test_mistakes_are_told_before_the_first_step(error: type, options: dict, sentence: str) -> None:
    with pytest.raises(error, match=sentence):
        next(run(**options))


def test_a_run_that_is_stopped_while_weights_are_fetched_yields_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    controls, reported = Controls(), []

    def fetching(_settings, _weights, report) -> None:
        for done in (1, 2, 3):
            report(Download(title="VGG-16", done=done, total=3))
            if done == 2:
                controls.stop()
        raise AssertionError("it goes on")

    monkeypatch.setattr(preparation, "load_network", fetching)
    assert paint(network=None, controls=controls, report=reported.append) == []
    assert [download.done for download in reported] == [1, 2]
