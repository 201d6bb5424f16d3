"""Controls, through which other threads and processes steer a loop."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from nst.errors import FieldName, SettingsError
from nst.settings import Settings, live_names


class Requests(NamedTuple):
    """What Controls were asked for: new values of live settings, a stop, a pause."""

    changes: dict[str, Any]
    stopped: bool
    paused: bool


def _do_nothing() -> None:
    pass


@dataclass
class Controls:
    """How a running loop is steered from another thread: live weights, pause and stop.

    The loop reads it before every step, so requests take effect at the next one. Where the loop is in another process,
    ``watch`` says when there is something to send, ``requests`` what, and ``replace`` takes it there.
    """

    _changes: dict[str, Any] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _stop: threading.Event = field(default_factory=threading.Event)
    _go: threading.Event = field(default_factory=threading.Event)
    _tell: Callable[[], None] = _do_nothing

    def __post_init__(self) -> None:
        self._go.set()

    def update(self, **weights: Any) -> None:
        """Ask for new values of live settings; SettingsError for a bad value or one that is not live."""
        Settings.from_mapping(weights)
        for name in weights:
            if name not in live_names():
                live = [part for each in sorted(live_names()) for part in (", ", FieldName(each))]
                raise SettingsError(FieldName(name), " cannot be changed during a run; ", *live[1:], " can.")
        with self._lock:
            self._changes.update(weights)
        self._tell()

    def apply(self, settings: Settings) -> Settings:
        """The settings with everything that was asked for so far."""
        with self._lock:
            return settings.replace(**self._changes) if self._changes else settings

    def stop(self) -> None:
        """End after the current step, keeping its picture."""
        self._stop.set()
        self._go.set()
        self._tell()

    @property
    def stopped(self) -> bool:
        """Whether a stop was asked for."""
        return self._stop.is_set()

    def pause(self) -> None:
        """Hold before the next step."""
        if not self.stopped:
            self._go.clear()
            self._tell()

    def resume(self) -> None:
        """Go on after a pause."""
        self._go.set()
        self._tell()

    @property
    def paused(self) -> bool:
        """Whether the loop is held."""
        return not self._go.is_set()

    def wait(self) -> None:
        """Called by the loop: returns at once, or when a pause ends."""
        self._go.wait()

    def watch(self, tell: Callable[[], None] = _do_nothing) -> None:
        """Call this after every request from now on."""
        self._tell = tell

    def requests(self) -> Requests:
        """Everything that was asked for so far."""
        with self._lock:
            return Requests(dict(self._changes), self.stopped, self.paused)

    def replace(self, requests: Requests) -> None:
        """Ask for exactly this."""
        with self._lock:
            self._changes = requests.changes
        if requests.stopped:
            self.stop()
        elif requests.paused:
            self.pause()
        else:
            self.resume()
