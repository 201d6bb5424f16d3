"""Gradio's folder of uploads: where it is, what lies in it, how much it may take, and how an upload is read."""

import os
import shutil
from collections.abc import Collection
from pathlib import Path
from typing import Any, TypeGuard

from gradio import route_utils
from gradio.utils import get_upload_folder
from starlette.datastructures import FormData
from starlette.formparsers import MultiPartException

from nst.runs.sweep import sweep

#: So much stays free on the disk of the uploads.
FREE_BYTES = 500_000_000
#: An upload is left for so many seconds, however much space is needed: nobody could have chosen it yet.
YOUNG = 60


def use_private_folder(results: Path) -> Path:
    """Keep Gradio's uploads and downloads in a folder that no other program uses; before the page is built.

    Returns:
        The folder: the one that ``GRADIO_TEMP_DIR`` names already, or else one among the results.
    """
    os.environ["GRADIO_TEMP_DIR"] = os.environ.get("GRADIO_TEMP_DIR") or str(results.resolve() / "uploads")
    return Path(os.environ["GRADIO_TEMP_DIR"])


def is_uploaded(path: Any) -> TypeGuard[str]:
    """Whether this is the path of something in the folder, whatever links and dots are in it."""
    try:
        return isinstance(path, str) and Path(path).resolve().is_relative_to(Path(get_upload_folder()).resolve())
    except (ValueError, OSError):  # a null character, a name that is too long
        return False


def free_bytes() -> int:
    """Bytes that are free on the disk of the folder, which need not be there yet."""
    folder = Path(get_upload_folder())
    return shutil.disk_usage(next(path for path in (folder, *folder.absolute().parents) if path.exists())).free


def make_room(size: int, most: int, chosen: Collection[Path]) -> bool:
    """Delete the uploads that have been unused for longest until there is room for one more.

    Args:
        size: its bytes.
        most: how many bytes all uploads may have.
        chosen: uploads that are left.

    Returns:
        Whether there is room now.
    """
    folder = Path(get_upload_folder()).resolve()
    allowed = min(most, folder_bytes(folder) + free_bytes() - FREE_BYTES) - size
    sweep(folder, float("inf"), chosen, allowed, young_seconds=YOUNG)
    return folder_bytes(folder) + size <= most and free_bytes() - size >= FREE_BYTES


def folder_bytes(folder: Path) -> int:
    """Bytes of all files in a folder, which need not be there."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


class OneFileParser(route_utils.GradioMultiPartParser):
    """Gradio's parser of uploads for one file a body, which leaves no temporary file when a body breaks off."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options | {"max_files": 1, "max_fields": 1})

    async def parse(self) -> FormData:
        """The form of the body.

        Raises:
            MultiPartException: it is damaged, or holds more than one file, or one by another name than Gradio's.
        """
        try:
            form = await super().parse()
            if set(form) - {"files"}:
                raise MultiPartException("An upload has one field, and it is called files.")
        except BaseException:
            for file in self._files_to_close_on_error:
                file.close()
                Path(file.name).unlink(missing_ok=True)
            raise
        return form


# Gradio has no option for the parser.
route_utils.GradioMultiPartParser = OneFileParser  # type: ignore[misc]
