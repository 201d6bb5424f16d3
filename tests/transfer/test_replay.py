"""When steps are recorded, replayed and recorded anew. A recorder that runs the work again stands in for CUDA's."""

from collections.abc import Callable

import numpy as np
import pytest
import torch

from nst.settings import Settings
from nst.steps import Picture
from nst.transfer.descent import Descent
from nst.transfer.images import to_tensor
from nst.transfer.memory import WHOLE, Tiling
from nst.transfer.objective import Objective
from nst.transfer.regions import Mask
from nst.transfer.replay import PLAIN_STEPS, Recording, Replay, Result, make_replay
from tests.networks import TinyNetwork
from tests.transfer.runs import picture

SETTINGS = Settings(style_layer_weights=(1, 1), patch_weight=0.2)


class Recorder:
    """As CUDA's does, it hands out the same two tensors at each replay, and cannot know what has changed since."""

    def __init__(self, works: bool = True, computes: bool = True) -> None:
        self.works, self.computes, self.recorded, self.replayed = works, computes, 0, 0

    def __call__(self, work: Callable[[], Result]) -> Recording:
        self.recorded += 1
        if not self.works:
            raise RuntimeError("operation not permitted when stream is capturing")
        results = work()

        def again() -> None:
            self.replayed += 1
            for result, new in zip(results, work(), strict=True):
                result.copy_(new if self.computes else torch.zeros_like(new))

        for result in results:
            result.fill_(float("nan"))  # Recording computes nothing.
        return again, results


def descent(
    recorder: Recorder | None, tiling: Tiling = WHOLE, optimizer: str = "lbfgs", mask: Picture | None = None
) -> Descent:
    content, style = to_tensor(picture()), to_tensor(picture(seed=1))
    settings = SETTINGS.replace(optimizer=optimizer)
    regions = None if mask is None else Mask(mask, (1.0,)).regions(content)
    objective = Objective(TinyNetwork(), content, [style], settings, tiling, regions=regions)
    return Descent(content, objective, settings, recorder and Replay(recorder))


def totals(made: Descent, steps: int) -> list[float]:
    return [made.step(1.0).total for _ in range(steps)]


@pytest.mark.parametrize("optimizer", ["lbfgs", "adam", "sgd"])
def test_replayed_steps_are_those_without(optimizer: str) -> None:
    recorder = Recorder()
    replayed, plain = descent(recorder, optimizer=optimizer), descent(None, optimizer=optimizer)
    assert totals(replayed, PLAIN_STEPS + 6) == totals(plain, PLAIN_STEPS + 6)
    assert torch.equal(replayed.picture(), plain.picture())
    assert (recorder.recorded, recorder.replayed) == (1, 1 + 6), "one to see that it works"


def test_a_mask_is_the_same_at_each_replay() -> None:
    mask, recorder = np.eye(30, 40, dtype=np.uint8)[..., None].repeat(3, axis=-1) * 255, Recorder()
    replayed, plain = descent(recorder, mask=mask), descent(None, mask=mask)
    assert totals(replayed, PLAIN_STEPS + 3) == totals(plain, PLAIN_STEPS + 3)
    assert recorder.replayed == 1 + 3


@pytest.mark.parametrize("change", ["reweigh", "repaint"])
def test_another_function_is_recorded_anew(change: str) -> None:
    recorder = Recorder()
    replayed, plain = descent(recorder), descent(None)
    for made in (replayed, plain):
        totals(made, PLAIN_STEPS + 2)
        if change == "reweigh":
            made.reweigh(made.settings.replace(style_weight=3))
        else:
            made.repaint()
    assert totals(replayed, PLAIN_STEPS + 2) == totals(plain, PLAIN_STEPS + 2)
    assert (recorder.recorded, recorder.replayed) == (2, 2 + 4)


def test_weights_on_the_move_are_not_recorded() -> None:
    recorder = Recorder()
    made = descent(recorder)
    for weight in range(PLAIN_STEPS * 3):
        made.reweigh(made.settings.replace(style_weight=1 + weight))
        totals(made, PLAIN_STEPS)
    assert recorder.recorded == 0


@pytest.mark.parametrize(
    ("recorder", "reason"),
    [(Recorder(works=False), "when stream is capturing"), (Recorder(computes=False), "other results")],
)
def test_a_failure_is_told_once_and_the_run_goes_on_without(
    recorder: Recorder, reason: str, caplog: pytest.LogCaptureFixture
) -> None:
    made, plain = descent(recorder), descent(None)
    assert totals(made, PLAIN_STEPS + 3) == totals(plain, PLAIN_STEPS + 3)
    made.repaint()
    totals(made, PLAIN_STEPS + 3)
    assert recorder.recorded == 1
    assert [record.levelname for record in caplog.records] == ["WARNING"]
    assert reason in caplog.text


def test_tiles_are_not_recorded() -> None:
    recorder = Recorder()
    totals(descent(recorder, Tiling(16)), PLAIN_STEPS + 2)
    assert recorder.recorded == 0


@pytest.mark.parametrize(
    ("precision", "device", "replays"),
    [("float32", "cuda", False), ("tf32", "cuda", True), ("bfloat16", "cuda:1", True), ("bfloat16", "cpu", False)],
)
def test_only_a_gpu_at_a_coarser_precision_replays(precision: str, device: str, replays: bool) -> None:
    assert (make_replay(precision, torch.device(device)) is not None) == replays
