"""On a CUDA device: the same picture as on the CPU, to what float32 allows, and an out-of-memory told in a sentence."""

import numpy as np
import pytest
import torch

from nst.download_progress import ignore_progress
from nst.errors import DeviceError
from nst.features.precision import supported_precision
from nst.features.vgg import VGGFeatures
from nst.features.weights import load_weights
from nst.networks import VGG19
from nst.settings import Settings
from nst.steps import Step
from nst.transfer import replay
from nst.transfer.descent import Descent
from nst.transfer.images import to_tensor
from nst.transfer.loop import stylize_steps
from nst.transfer.objective import Objective
from nst.transfer.options import StylizeOptions
from nst.transfer.replay import PLAIN_STEPS, Recording, Replay, Result, capture
from tests.transfer.runs import picture

pytestmark = [
    pytest.mark.gpu,
    pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device on this machine"),
]


CUDA = torch.device("cuda")


def network() -> VGGFeatures:
    """The trained network, one of its own for each device: moving it moves its weights."""
    return VGGFeatures(VGG19, load_weights(VGG19, None, ignore_progress))


def paint(device: str, **settings: object) -> list[Step]:
    chosen = Settings.from_mapping({"size": 128, "coarsest": 64, "steps": 4, **settings})
    options = StylizeOptions(device=device, network=network())
    return list(stylize_steps(picture(96, 128), picture(90, 70, seed=1), chosen, options))


def test_the_first_losses_agree_with_the_cpus() -> None:
    on_cpu, on_gpu = paint("cpu")[0], paint("cuda")[0]
    assert on_gpu.losses.total == pytest.approx(on_cpu.losses.total, rel=5e-3)
    assert np.abs(on_gpu.image.astype(int) - on_cpu.image.astype(int)).max() <= 1


@pytest.mark.parametrize("optimizer", ["lbfgs", "adam", "sgd"])
def test_a_run_finishes_on_the_gpu(optimizer: str) -> None:
    steps = paint("cuda", optimizer=optimizer, init="noise", coarsest=128, steps=8, patch_weight=0)
    assert steps[-1].end == "finished"
    assert steps[-1].losses.total < steps[0].losses.total
    assert not steps[0].device.startswith("CPU")


def test_auto_takes_the_gpu() -> None:
    steps = stylize_steps(picture(), picture(seed=1), Settings(size=64, steps=1))
    assert not next(iter(steps)).device.startswith("CPU")


def test_a_device_that_is_not_there_is_refused() -> None:
    with pytest.raises(DeviceError, match="cuda:99"):
        next(stylize_steps(picture(), picture(seed=1), Settings(size=64), StylizeOptions(device="cuda:99")))


@pytest.mark.parametrize("precision", ["tf32", "bfloat16"])
def test_a_coarser_precision_ends_with_the_losses_of_float32(precision: str) -> None:
    if supported_precision(precision, CUDA) != precision:
        pytest.skip(f"this GPU has no {precision}")
    # Adam's steps have one length, so what rounding changes does not grow from one to the next.
    run = {"optimizer": "adam", "init": "noise", "coarsest": 128, "steps": 20, "patch_weight": 0}
    fine, coarse = (paint("cuda", precision=name, **run)[-1] for name in ("float32", precision))
    assert coarse.losses.total == pytest.approx(fine.losses.total, rel=0.01)
    assert coarse.losses.total != fine.losses.total
    assert "was asked for" not in coarse.note


def test_float32_convolutions_are_no_tf32() -> None:
    """Held against float64: TF32 is wrong in the fourth digit, float32 in the seventh."""
    image, style = to_tensor(picture(64, 64), CUDA), to_tensor(picture(64, 64, seed=1), CUDA)
    terms = {}
    for dtype in (torch.float32, torch.float64):
        made = Objective(network().to(CUDA).to(dtype), image.to(dtype), [style.to(dtype)], Settings())
        terms[dtype] = made.measure(style.to(dtype) * 0.5 + image.to(dtype) * 0.5, Settings())
    assert torch.allclose(terms[torch.float32].double(), terms[torch.float64], rtol=2e-5, atol=1e-7)


class Counting:
    """CUDA's recorder, and how often it recorded and was replayed."""

    def __init__(self) -> None:
        self.recorded, self.replayed = 0, 0

    def __call__(self, work: object) -> Recording:
        self.recorded += 1
        again, results = capture(work)

        def counted() -> None:
            self.replayed += 1
            again()

        return counted, results


def descent(recorder: object, precision: str = "float32") -> Descent:
    settings = Settings(precision=precision, optimizer="adam")
    content, style = to_tensor(picture(96, 128), CUDA), to_tensor(picture(90, 70, seed=1), CUDA)
    objective = Objective(network().to(CUDA), content, [style], settings)
    return Descent(content, objective, settings, recorder and Replay(recorder))


def totals(made: Descent, steps: int = PLAIN_STEPS + 5) -> list[float]:
    return [made.step(1.0).total for _ in range(steps)]


@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
def test_a_captured_graph_gives_the_same_losses_and_is_captured_anew_for_another_function(precision: str) -> None:
    if supported_precision(precision, CUDA) != precision:
        pytest.skip(f"this GPU has no {precision}")
    recorder = Counting()
    replayed, without = descent(recorder, precision), descent(None, precision)
    # Sums by several threads at once have no fixed order, and steps add up what rounding makes of that.
    near = 1e-4 if precision == "float32" else 1e-2
    assert totals(replayed) == pytest.approx(totals(without), rel=near)
    for made in (replayed, without):
        made.reweigh(made.settings.replace(style_weight=2))
    assert totals(replayed) == pytest.approx(totals(without), rel=10 * near)
    for made in (replayed, without):
        made.repaint()
    assert totals(replayed) == pytest.approx(totals(without), rel=10 * near)
    assert (recorder.recorded, recorder.replayed) == (3, 3 + 15)


def test_a_replay_is_the_gradient_of_the_picture_now() -> None:
    made = descent(Counting())
    totals(made)
    again = made._replay.gradient(made.objective, made.picture(), made.settings)
    anew = made.objective.gradient(made.picture(), made.settings)
    for one, other in zip(again, anew, strict=True):
        assert (one - other).norm() <= 1e-4 * other.norm()


def test_a_capture_that_fails_leaves_the_run_and_the_stream_as_they_were(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def reading(work: object) -> Recording:
        def asks() -> Result:
            gradient, terms = work()
            terms.tolist()  # What waits for the device cannot be captured.
            return gradient, terms

        return capture(asks)

    monkeypatch.setattr(replay, "capture", reading)
    before = torch.cuda.current_stream()
    steps = paint("cuda", init="noise", coarsest=128, steps=8, patch_weight=0, precision="bfloat16")
    assert steps[-1].end == "finished"
    assert steps[-1].losses.total < steps[0].losses.total
    assert torch.cuda.current_stream() == before
    assert caplog.text.count("not replayed as a CUDA graph") == 1
