"""What one page works with: the engine, and what the person who started it decided."""

from dataclasses import dataclass, field

from nst.engines.base import Engine
from nst.errors import ImageError
from nst.jobs import PictureFile
from nst.limits import DAY, Limits
from nst.ui.listeners import Listeners
from nst.ui.uploads import Upload
from nst.ui.visits import Visits

TAGLINE = "Press Run and watch your photo turn into a painting. Your pictures stay on this studio's machine."


@dataclass(frozen=True, kw_only=True)
class Studio:
    """The engine that paints, the limits it works within, who listens to its runs, and who visits.

    Runs that are not ``steerable`` take no moved slider and no pause. With a ``login`` there is a way to log out.
    """

    engine: Engine
    limits: Limits = field(default_factory=Limits)
    listeners: Listeners = field(default_factory=Listeners)
    visits: Visits = field(default_factory=Visits)
    steerable: bool = True
    login: bool = False

    def check_kept(self, upload: Upload | None) -> None:
        """Refuse a photo or a style picture whose file was deleted meanwhile.

        Raises:
            ImageError: it was.
        """
        if upload is not None:
            for path in upload.files:
                self.check_kept_file(PictureFile(path=path, name=upload.name))

    def check_kept_file(self, file: PictureFile) -> None:
        """Refuse an uploaded file that was deleted meanwhile.

        Raises:
            ImageError: it was.
        """
        if not file.path.is_file():
            hours = self.limits.upload_seconds / 3600
            raise ImageError(f"{file.name} was deleted: uploads are kept for {hours:g} h here. Choose it again.")

    def rules(self) -> str:
        """What visitors should know of the limits, in sentences; "" where there is none."""
        limits = self.limits
        rules = []
        if limits.size is not None:
            rules.append(f"This studio paints at most {limits.size} px; larger sizes are reduced.")
        if limits.clip_seconds is not None:
            rules.append(f"A clip may last {limits.clip_seconds} seconds here.")
        if limits.run_seconds is not None:
            rules.append(f"A run is stopped after {limits.run_seconds / 60:g} minutes; the picture so far is kept.")
        if limits.cells < Limits.cells:
            rules.append(f"A grid of experiments has at most {limits.cells} pictures.")
        if limits.keep_seconds < DAY:
            rules.append(f"Photos and results are deleted after {limits.keep_seconds / 60:g} minutes.")
        if not self.steerable:
            rules.append("Sliders and Pause have no effect during a run here: it is painted in another process.")
        return " ".join(rules)
