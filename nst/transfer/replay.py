"""Losses and gradient as one CUDA graph: hundreds of kernels started by a single call, instead of one by one.

A graph does again what was done once, with the same tensors and the same numbers in them. So it holds for one target
and one set of weights; other weights, or other pieces of the painting, make another graph.
"""

import logging
import threading
from collections.abc import Callable

import torch
from torch import Tensor

from nst.settings import Settings
from nst.transfer.objective import Objective

logger = logging.getLogger(__name__)

#: So many steps are taken one kernel after the other first: a slider on the move would make a graph at every step, and
#: what CUDA's libraries set up at their first call cannot be captured.
PLAIN_STEPS = 3

FAILED = "The steps of this run are not replayed as a CUDA graph, which costs time and nothing else: %s"

#: Relative difference between a replay and the plain way that is rounding, in bfloat16 as well.
ROUNDING = 0.01

#: The gradient and the terms, as of ``Objective.gradient``.
Result = tuple[Tensor, Tensor]
#: What does the recorded work again, and the tensors in which its results are found then.
Recording = tuple[Callable[[], None], Result]
#: Makes a Recording of work that depends on tensors alone; RuntimeError where it cannot.
Recorder = Callable[[Callable[[], Result]], Recording]

#: CUDA captures one graph at a time in a process, and each GPU may have a run of its own.
_capturing = threading.Lock()


class Replays:
    """Whether the steps of a run are replayed: on CUDA, until it fails for the first time.

    Args:
        device: the one that computes.
        recorder: ``capture`` on CUDA and none elsewhere, when None.
    """

    def __init__(self, device: torch.device, recorder: Recorder | None = None) -> None:
        self._recorder = recorder or (capture if device.type == "cuda" else None)

    @property
    def wanted(self) -> bool:
        """Whether it is worth a try."""
        return self._recorder is not None

    def record(self, work: Callable[[], Result]) -> Recording | None:
        """A Recording of the work, held against the work itself; None where there can be none, as the log says once."""
        if self._recorder is None:
            return None
        try:
            wanted = work()
            again, results = self._recorder(work)
            again()
            if not all(_close(ours, plain) for ours, plain in zip(results, wanted, strict=True)):
                raise RuntimeError("a replay gave other results.")
            return again, results
        except RuntimeError as error:
            logger.warning(FAILED, error)
            self._recorder = None
            return None


class Replay:
    """The gradient of one objective, recorded after some steps and replayed from then on.

    Args:
        objective: of one scale. Only one that works on a whole picture without the machine's own memory is recorded.
        replays: of the run.
    """

    def __init__(self, objective: Objective, replays: Replays) -> None:
        self._objective, self._replays = objective, replays
        self.forget()

    def forget(self) -> None:
        """The weights or the target are about to be others: what was recorded is let go, with its memory."""
        self._plain = 0
        self._recording: Recording | None = None
        self._image: Tensor | None = None

    def gradient(self, image: Tensor, settings: Settings) -> Result:
        """As of ``Objective.gradient``; ``settings`` and the objective are the same at each call until ``forget``."""
        if self._recording is None and self._plain == PLAIN_STEPS:
            self._record(image, settings)
        self._plain += 1
        if self._recording is None or self._image is None:
            return self._objective.gradient(image, settings)
        again, (gradient, terms) = self._recording
        self._image.copy_(image)
        again()
        # The next replay overwrites them, and optimisers keep what they are given.
        return gradient.clone(), terms.clone()

    def _record(self, image: Tensor, settings: Settings) -> None:
        if self._replays.wanted and self._objective.stays_on_device:
            self._image = own = image.detach().clone()
            with torch.cuda.device_of(own):
                self._recording = self._replays.record(lambda: self._objective.gradient(own, settings))
        if self._recording is None:
            self._image = None


def capture(work: Callable[[], Result]) -> Recording:
    """A CUDA graph of the work on the current device; it runs once before, on the stream that then captures.

    Raises:
        RuntimeError: something in it cannot be captured, or there is not memory enough.
    """
    before, stream = torch.cuda.current_stream(), torch.cuda.Stream()
    stream.wait_stream(before)
    graph = torch.cuda.CUDAGraph()
    with _capturing:
        try:
            with torch.cuda.stream(stream):
                work()
            before.wait_stream(stream)
            # Other threads, such as those of the page, may use CUDA meanwhile; autograd's are part of this.
            with torch.cuda.graph(graph, stream=stream, capture_error_mode="thread_local"):
                results = work()
        finally:
            torch.cuda.set_stream(before)  # A capture that fails does not come back by itself.
    return graph.replay, results


def _close(ours: Tensor, plain: Tensor) -> bool:
    """Whether they agree; a picture whose losses are not finite tells nothing."""
    size = plain.norm()
    return not torch.isfinite(size) or bool((ours - plain).norm() <= ROUNDING * size)
