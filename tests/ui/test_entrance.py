"""What a tab shows when it is opened."""

from types import SimpleNamespace
from typing import Any

from nst.ui.page import Areas

REQUEST: Any = SimpleNamespace(client=None, query_params={})


def test_a_tab_that_is_opened_on_a_run_looks_for_it_before_another_can_begin(areas: Areas) -> None:
    easel, entrance = areas.easel, areas.entrance
    first = entrance.enter({}, REQUEST)
    assert "Press Run" in first[easel.stage]
    assert easel.run not in first
    first[entrance.session].show(SimpleNamespace(over=False), None)
    reloaded = entrance.enter(first[entrance.remembered], REQUEST)
    assert "looking" in reloaded[easel.stage]
    assert not reloaded[easel.run]["interactive"]
    assert set(reloaded) <= set(entrance.components)
