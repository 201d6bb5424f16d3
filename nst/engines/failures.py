"""What went wrong in a run, as one sentence for whoever asked for it."""

import gc
import logging

from nst.engines.lazy import cuda_in_use
from nst.errors import DeviceError, NSTError
from nst.steps import Job

logger = logging.getLogger(__name__)

#: What torch says in a RuntimeError when the memory of a GPU, a CPU or an Apple GPU is used up.
_MEMORY_WORDS = ("out of memory", "can't allocate memory", "not enough memory")


def explain(error: BaseException, job: Job) -> NSTError:
    """The error to show for whatever ended a run; to be called while the exception is being handled.

    Args:
        error: what the loop or the writing of files raised.
        job: what was being painted.

    Returns:
        A new exception, so that its traceback keeps none of the run's objects alive: an NSTError's own words,
        a DeviceError about memory, or for anything else a plain NSTError, with the details in the log.
    """
    if isinstance(error, NSTError):
        return type(error)(*error.args)
    if _is_memory(error):
        size = f"{job.scales[-1].width} x {job.scales[-1].height} px"
        logger.warning("out of memory at %s: %s", size, error)
        return DeviceError(f"There is not enough memory for a picture of {size}; choose a smaller size.")
    logger.exception("a run failed")
    return NSTError("The run failed because of an internal error; the details are in the log.")


def release_memory() -> None:
    """Give back what a failed run held; to be called after its exception is gone."""
    gc.collect()
    cuda = cuda_in_use()
    if cuda is not None:
        cuda.empty_cache()


def _is_memory(error: BaseException) -> bool:
    """Whether memory was used up; torch.OutOfMemoryError is a RuntimeError that says so, too."""
    if isinstance(error, RuntimeError):
        return any(words in str(error).lower() for words in _MEMORY_WORDS)
    return isinstance(error, MemoryError)
