"""How a run is steered."""

import threading

import pytest

from nst.controls import Controls
from nst.errors import SettingsError
from nst.settings import Settings


def test_changes_add_up_and_the_last_one_wins() -> None:
    controls = Controls()
    controls.update(style_weight=2.0)
    controls.update(style_weight=3.0, tv_weight=0.5)
    changed = controls.apply(Settings())
    assert (changed.style_weight, changed.tv_weight, changed.content_weight) == (3.0, 0.5, Settings().content_weight)


def test_nothing_asked_for_leaves_the_settings_as_they_are() -> None:
    settings = Settings()
    assert Controls().apply(settings) is settings


def test_only_live_settings_may_change() -> None:
    with pytest.raises(SettingsError, match="size cannot be changed during a run"):
        Controls().update(size=256)


def test_a_bad_value_is_refused_at_the_door_and_changes_nothing() -> None:
    controls = Controls()
    with pytest.raises(SettingsError, match="0 or more"):
        controls.update(style_weight=-1, tv_weight=1.0)
    assert controls.apply(Settings()) == Settings()


def test_stop_ends_a_pause() -> None:
    controls = Controls()
    controls.pause()
    assert controls.paused
    waiter = threading.Thread(target=controls.wait)
    waiter.start()
    controls.stop()
    waiter.join(5)
    assert not waiter.is_alive()
    controls.pause()
    assert not controls.paused, "a stopped run cannot be held"


def test_resume_ends_a_pause() -> None:
    controls = Controls()
    controls.pause()
    controls.resume()
    controls.wait()
    assert not controls.paused
