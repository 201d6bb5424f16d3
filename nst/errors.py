"""Everything that can be wrong with what a person asked for, as one tree.

    NSTError                 one clear sentence; shown as it is in the page, the CLI and the API
    ├── SettingsError        a setting that is unknown, of the wrong type or out of its bounds
    ├── ImageError           a file that cannot be used as a picture
    ├── StyleError           a style name that is not in the gallery, or no style at all
    ├── OriginalError        the photograph of an original that cannot be fetched
    │   └── UnreachableError no server answers at all
    ├── WeightsError         trained weights that are missing, damaged or of another network
    ├── DeviceError          a device that is not there, or whose memory is used up
    ├── OutputError          a folder that cannot be written
    └── BusyError            the waiting line is full

A mistake of the programmer is a plain ``ValueError`` or ``TypeError``; it is a bug when a user sees one.
"""


class NSTError(Exception):
    """A mistake of the user, told in one sentence that names the thing, its value and the limit."""


class SettingsError(NSTError, ValueError):
    """A setting that is unknown, of the wrong type or out of its bounds."""


class ImageError(NSTError, ValueError):
    """A file that cannot be used as a picture."""


class StyleError(NSTError, ValueError):
    """A style name that is not in the gallery, or no style at all."""


class OriginalError(NSTError):
    """The photograph of an original that cannot be fetched."""


class UnreachableError(OriginalError):
    """The server of the photographs does not answer at all."""


class WeightsError(NSTError):
    """Trained weights that are missing, damaged or of another network."""


class DeviceError(NSTError):
    """A device that is not there, or whose memory is used up."""


class OutputError(NSTError):
    """A folder that cannot be written."""


class BusyError(NSTError):
    """The waiting line is full."""
