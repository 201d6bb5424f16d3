"""The checkpoint of a run: its newest picture and how far it is, in one file that is there whole or not at all."""

import json
import time
from pathlib import Path

from nst.errors import ImageError
from nst.pictures.png import MAX_TEXT_BYTES, SETTINGS, read_png, read_texts, write_plain_png
from nst.runs.folder import RunFolder
from nst.settings import Settings
from nst.steps import Start, Step

#: The least time between two checkpoints, in seconds.
SECONDS = 5.0
#: At most this share of the time of a run goes into its checkpoints.
SHARE = 0.03
#: The keyword of the text chunk that says how far the run was.
PROGRESS = "Progress"


class CheckpointWriter:
    """Writes a checkpoint of a run from time to time."""

    def __init__(self, folder: RunFolder) -> None:
        self._path = folder.checkpoint
        self._due = time.monotonic() + SECONDS

    def write_if_due(self, step: Step) -> bool:
        """Write a Step that has a picture, if it is time; whether it was written.

        Raises:
            OutputError: the file cannot be written.
        """
        began = time.monotonic()
        # From its first picture, a run is as soon begun anew; after its last one, all that is missing are files.
        if step.image is None or step.index == 0 or step.end is not None or began < self._due:
            return False
        progress = {"index": step.index, "skipped": step.skipped, "scales": step.scales, "seconds": step.seconds}
        texts = {SETTINGS: json.dumps(step.settings.to_dict()), PROGRESS: json.dumps(progress)}
        write_plain_png(self._path, step.image, texts)
        ended = time.monotonic()
        self._due = ended + max(SECONDS, (ended - began) / SHARE)
        return True


def read_checkpoint(path: Path) -> Start:
    """What a run can go on from.

    Raises:
        ImageError: the file is damaged or gone.
    """
    try:
        with path.open("rb") as file:
            texts = read_texts(file.read(MAX_TEXT_BYTES))
        progress = json.loads(texts[PROGRESS])
        return Start(
            read_png(path),
            progress["index"],
            skipped=progress["skipped"],
            seconds=progress["seconds"],
            settings=Settings.from_mapping(json.loads(texts[SETTINGS])),
            one_scale=progress["scales"] == 1,
        )
    except (OSError, KeyError, TypeError, ValueError) as error:
        raise ImageError(f"This run cannot go on: its {path.name} is damaged or gone.") from error
