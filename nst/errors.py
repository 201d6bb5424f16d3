"""The user's mistakes and the machine's shortcomings, as one tree of exceptions.

    NSTError                 one clear sentence; the page, the command line and the API show it as it is
    ├── SettingsError        a setting that is unknown, of the wrong type or out of its bounds
    ├── ImageError           a file that cannot be used as a picture
    ├── StyleError           a style name that is not in the gallery, or no style at all
    ├── DownloadError        a file that cannot be fetched
    │   └── UnreachableError its server does not answer at all
    ├── WeightsError         trained weights that are missing, damaged or of another network
    ├── DeviceError          a device that this machine does not have, or that is out of memory
    ├── OutputError          a folder that cannot be written
    └── BusyError            the waiting line is full

A sentence that names a setting or an option has a FieldName in that place: Python and the API show its name, the page
its label and the command line its flag. A file of this machine is a ServerPath there: visitors see its name alone.

The programmer's mistakes are plain ``ValueError`` or ``TypeError``; a user who sees one has found a bug.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path


def one_line(text: str) -> str:
    """The text with a replacement character for everything that cannot be printed, as in the names of files."""
    return "".join(char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in text)


@dataclass(frozen=True)
class FieldName:
    """The name of a setting or an option within a sentence; ``entry`` is the place in a list, from 0."""

    name: str
    entry: int | None = None

    def __str__(self) -> str:
        return self.name if self.entry is None else f"{self.name}[{self.entry}]"


@dataclass(frozen=True)
class ServerPath:
    """A file or folder of this machine within a sentence."""

    path: Path

    def __str__(self) -> str:
        return str(self.path)


class NSTError(Exception):
    """A mistake of the user: one sentence that names the thing, its value and the limit.

    Its arguments are the parts of the sentence: text, FieldNames and ServerPaths.
    """

    def __str__(self) -> str:
        return self.sentence(str, whole_paths=True)

    def sentence(self, name: Callable[[FieldName], str], whole_paths: bool = False) -> str:
        """The sentence, one printable line, with its fields called as ``name`` says.

        Only who is on the machine may see ``whole_paths``.
        """
        parts = [name(part) if isinstance(part, FieldName) else part for part in self.args]
        return one_line(
            "".join(part.path.name if isinstance(part, ServerPath) and not whole_paths else str(part) for part in parts)
        )


class SettingsError(NSTError, ValueError):
    """A setting that is unknown, of the wrong type or out of its bounds."""


class ImageError(NSTError, ValueError):
    """A file that cannot be used as a picture."""


class StyleError(NSTError, ValueError):
    """A style name that is not in the gallery, or no style at all."""


class DownloadError(NSTError):
    """A file that cannot be fetched."""


class UnreachableError(DownloadError):
    """The server of a file does not answer at all."""


class WeightsError(NSTError):
    """Trained weights that are missing, damaged or of another network."""


class DeviceError(NSTError):
    """A device that this machine does not have, or that is out of memory."""


class OutputError(NSTError):
    """A folder that cannot be written."""


class BusyError(NSTError):
    """The waiting line is full."""
