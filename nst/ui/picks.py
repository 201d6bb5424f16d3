"""The styles that a visitor has picked."""

from dataclasses import dataclass, field, replace

from nst.errors import StyleError
from nst.jobs import PictureFile
from nst.ui.uploads import Upload

#: The key of the visitor's own style picture among the picked styles.
OWN = "own"
#: At most this many styles can be blended.
MAX_STYLES = 4


@dataclass(frozen=True, kw_only=True)
class Picks:
    """The picked styles, by key and in order, and the visitor's own style picture with its thumbnail."""

    keys: tuple[str, ...] = ()
    own: Upload | None = None
    own_thumb: str = field(default="", repr=False)

    def toggled(self, key: str, blend: bool) -> "Picks":
        """After a click on a card: alone, or in a blend added or taken away."""
        if not blend:
            return replace(self, keys=(key,))
        if key in self.keys:
            return replace(self, keys=tuple(k for k in self.keys if k != key))
        return replace(self, keys=(*self.keys, key)[-MAX_STYLES:])

    def without_own(self) -> "Picks":
        """Without the visitor's own style picture."""
        return Picks(keys=tuple(key for key in self.keys if key != OWN))

    def files(self) -> tuple[PictureFile, ...]:
        """The picked styles, in order.

        Raises:
            StyleError: the visitor's own is not there any more.
        """
        return tuple(self._own_file() if key == OWN else PictureFile.of_style(key) for key in self.keys)

    def _own_file(self) -> PictureFile:
        if self.own is None:
            raise StyleError("Your own style picture is gone: choose it again.")
        return replace(self.own.file, name="Own style")
