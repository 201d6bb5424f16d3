"""Gradio's folder of uploads: where it is, what lies in it, and whether its disk has room."""

import os
import shutil
from pathlib import Path
from typing import Any, TypeGuard

from gradio.utils import get_upload_folder


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
