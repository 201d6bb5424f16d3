"""Losses and gradient as one CUDA graph: hundreds of kernels are started by a single call, instead of one by one.

A graph repeats the work that was recorded, on the same tensors with the same numbers in them. It holds for one target
and one set of weights; other weights, or other pieces of the painting, need another graph.
"""

import logging
import threading
from collections.abc import Callable

import torch
from torch import Tensor

from nst.features.precision import FLOAT32
from nst.settings import Settings
from nst.transfer.objective import Objective

logger = logging.getLogger(__name__)

#: Steps that are taken kernel by kernel first: a slider on the move would need a graph at every step, and what CUDA's
#: libraries set up at their first call cannot be captured.
PLAIN_STEPS = 3

FAILED = "The steps of this run are not replayed as a CUDA graph, which costs time and nothing else: %s"

#: A relative difference between a replay and the plain way that is rounding, in bfloat16 as well.
ROUNDING = 0.01

#: The gradient and the losses, as from ``Objective.gradient``.
Result = tuple[Tensor, Tensor]
#: A function that does the recorded work again, and the tensors that hold its results afterwards.
Recording = tuple[Callable[[], None], Result]
#: Records work that depends on tensors alone; RuntimeError where it cannot.
Recorder = Callable[[Callable[[], Result]], Recording]

#: CUDA captures one graph at a time in a process, and each GPU may have a run of its own.
_capturing = threading.Lock()


def make_replay(precision: str, device: torch.device) -> "Replay | None":
    """A Replay for a run on CUDA whose settings ask for a precision coarser than float32; None for any other."""
    return Replay(capture) if device.type == "cuda" and precision != FLOAT32 else None


class Replay:
    """The gradients of one run, recorded after some plain steps and replayed from then on; off for good if that fails.

    Args:
        recorder: makes the recordings.
    """

    def __init__(self, recorder: Recorder) -> None:
        self._recorder: Recorder | None = recorder
        self.forget()

    def forget(self) -> None:
        """Let go of the recording and its memory: objective, weights or target are about to change."""
        self._plain_steps = 0
        self._recording: Recording | None = None
        self._image: Tensor | None = None

    def gradient(self, objective: Objective, image: Tensor, settings: Settings) -> Result:
        """As ``Objective.gradient``; objective, settings and target are the same at each call until ``forget``."""
        if self._plain_steps == PLAIN_STEPS and objective.stays_on_device:
            self._record(objective, image, settings)
        self._plain_steps += 1
        if self._recording is None or self._image is None:
            return objective.gradient(image, settings)
        again, (gradient, losses) = self._recording
        self._image.copy_(image)
        again()
        # The next replay overwrites them, and optimisers keep the gradient.
        return gradient.clone(), losses.clone()

    def _record(self, objective: Objective, image: Tensor, settings: Settings) -> None:
        """Record one step and compare a replay of it with the step itself; the log says where that fails."""
        if self._recorder is None:
            return
        own = image.detach().clone()
        try:
            with torch.cuda.device_of(own):
                expected = objective.gradient(own, settings)
                again, results = self._recorder(lambda: objective.gradient(own, settings))
                again()
            if not all(_agree(*pair) for pair in zip(results, expected, strict=True)):
                raise RuntimeError("a replay gave other results.")
        except RuntimeError as error:
            logger.warning(FAILED, error)
            self._recorder = None
        else:
            self._recording, self._image = (again, results), own


def capture(work: Callable[[], Result]) -> Recording:
    """A CUDA graph of the work on the current device; it runs once before, on the stream that then captures.

    Raises:
        RuntimeError: something in it cannot be captured, or there is too little memory.
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


def _agree(replayed: Tensor, plain: Tensor) -> bool:
    """Whether two results are the same but for rounding; one that is not finite cannot be compared."""
    size = plain.norm()
    return not torch.isfinite(size) or bool((replayed - plain).norm() <= ROUNDING * size)
