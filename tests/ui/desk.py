"""The page's handlers around an engine, called as the page calls them."""

import time
from collections.abc import Iterator
from typing import Any

import gradio as gr

from nst.ui.page import lay_out
from nst.ui.picks import MAX_STYLES, Picks
from nst.ui.studio import Studio
from nst.ui.visits import Session
from tests.engines import loops

SCREAM = Picks(keys=("scream",))


class Desk:
    """A page and its handlers around an engine."""

    def __init__(self, engine: Any, **options: Any) -> None:
        self.engine = engine
        with gr.Blocks():
            areas = lay_out(Studio(engine=engine, **options))
        self.easel, self.results, self.settings, self._run = areas.easel, areas.results, areas.settings, areas.run
        self.film = areas.film
        self.history = areas.history

    def submit(self, tab: Session, recipe: str = "standard", request: Any = None, **changes: Any) -> dict[Any, Any]:
        """Press Run."""
        controls = self.settings.controls
        values = [changes.get(name, shown.box.value) for name, shown in controls.items()]
        weights = [shown.box.value for shown in self.settings.layers]
        film = [changes.get(name, shown.box.value) for name, shown in self.film.controls.items()]
        return self._run.submit(tab, request, True, *film, recipe, *[1.0] * MAX_STYLES, *values, *weights)

    def follow(self, tab: Session, request: Any = None) -> Iterator[dict[Any, Any]]:
        """What the page does after Run, and after it was opened; it displays every frame at once."""
        for update in self._run.follow(tab, request):
            tab.frame_seen = 1_000_000
            yield update
        yield self._run.finish(tab)
        yield self._run.show_results(tab)

    def run(self, tab: Session, request: Any = None, **changes: Any) -> Iterator[dict[Any, Any]]:
        yield self.submit(tab, request=request, **changes)
        yield from self.follow(tab, request)

    def until(self, updates: Iterator[dict[Any, Any]], part: Any, words: str) -> list[dict[Any, Any]]:
        """The updates up to the one that gives a part these words."""
        seen, end = [], time.monotonic() + loops.SAFETY
        for update in updates:
            seen.append(update)
            if words in str(update.get(part, "")):
                return seen
            assert time.monotonic() < end, f"{words!r} did not come"
        raise AssertionError(f"the run was over before {words!r} came")

    def text(self, updates: list[dict[Any, Any]], part: Any) -> str:
        """The last value that a part was given."""
        return [update[part] for update in updates if part in update][-1]
