"""A clip and the film of it, which play side by side as one; the page's script moves them."""

from html import escape
from pathlib import Path
from urllib.parse import quote

_PLAYERS = """
<div class="players" role="group" aria-label="Before and after">
  <div class="screens">
    <figure><video class="before" src="{before}" muted playsinline preload="auto" aria-label="The clip"></video>
      <figcaption>Before</figcaption></figure>
    <figure><video class="after" src="{after}" playsinline preload="auto" aria-label="The film"></video>
      <figcaption>After</figcaption></figure>
  </div>
  <div class="transport">
    <button type="button" class="play" aria-label="Play">▶</button>
    <input type="range" class="seek" min="0" max="{frames}" value="0" data-rate="{rate}" aria-label="Frame">
    <output class="time">0:00 / {length}</output>
    {sound}
  </div>
</div>"""
_SOUND = """<button type="button" class="sound" aria-pressed="true" aria-label="Sound">
  <svg viewBox="0 0 24 24" aria-hidden="true"><path d="M4 9v6h4l5 5V4L8 9H4Z"/>
  <path class="waves" d="M16 8.5a5 5 0 0 1 0 7M18.5 6a9 9 0 0 1 0 12"/></svg></button>"""


def players(before: Path, after: Path, frames: int, rate: float, *, sound: bool) -> str:
    """The two players with their controls, as HTML.

    Args:
        before, after: the files, in Gradio's cache, of the same frames.
        frames, rate: how many there are, and how many per second.
        sound: whether the second has any.
    """
    seconds = int(frames / rate)
    return _PLAYERS.format(
        before=_address(before), after=_address(after), frames=frames, rate=rate,
        length=f"{seconds // 60}:{seconds % 60:02}", sound=_SOUND if sound else "",
    )  # fmt: skip


def _address(path: Path) -> str:
    """Where Gradio hands a file out, as seen from the page."""
    return escape(f"gradio_api/file={quote(str(path))}", quote=True)
