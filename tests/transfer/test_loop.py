"""The loop: every Step of a run, its losses and its picture."""

import itertools

import numpy as np
import pytest
import torch

from nst.pictures.metrics import METRICS
from nst.settings import Settings
from nst.steps import Start
from tests.networks import trained_vgg19
from tests.transfer.runs import TINY, Failing, paint, picture, run


def test_steps_count_up_over_all_scales_and_the_last_one_ends() -> None:
    steps = paint()
    assert [step.index for step in steps] == list(range(10))
    assert {step.total for step in steps} == {9}
    assert [step.scale for step in steps] == [1] * 6 + [2] * 4
    assert [(step.width, step.height) for step in steps][5:7] == [(43, 32), (64, 48)]
    assert [step.end for step in steps] == [None] * 9 + ["finished"]
    assert steps[-1].image.shape == (48, 64, 3)
    assert steps[-1].image.dtype == np.uint8


def test_the_losses_fall_and_the_last_is_the_lowest() -> None:
    steps = paint(TINY.replace(steps=20, coarsest=64, init="content", tv_weight=0, history=20))
    totals = [step.losses.total for step in steps]
    assert totals[-1] < totals[0] / 5
    assert totals[-1] == min(totals)


@pytest.mark.parametrize(
    "settings",
    [{}, {"learning_rate": 50}, {"optimizer": "sgd", "learning_rate": 3000}, {"pixel_range": "free", "init": "noise"}],
    ids=["lbfgs", "too fast", "sgd too fast", "free"],
)
def test_no_picture_of_lbfgs_or_sgd_is_much_worse_than_the_one_before(settings: dict[str, object]) -> None:
    steps = paint(TINY.replace(steps=40, coarsest=64, **settings))
    totals = [step.losses.total for step in steps]
    assert all(after <= 1.02 * before for before, after in itertools.pairwise(totals))
    assert totals[-1] < totals[0] / 2
    assert steps[-1].note == ""


def test_each_step_looks_once_with_a_gradient_and_the_end_once_without() -> None:
    network = Failing()
    assert len(paint(TINY.replace(coarsest=64, learning_rate=50), network=network)) == 7
    assert network.calls == 6


def test_the_total_is_the_weighted_sum_and_every_layer_is_reported() -> None:
    settings = TINY.replace(
        content_weight=0.3, style_weight=2, tv_weight=0.7, patch_weight=0.6, style_layer_weights=(1, 3)
    )
    for step in paint(settings):
        losses = step.losses
        layers = losses.style_layers
        assert list(layers) == ["fine", "coarse"]
        assert losses.terms["style"] == pytest.approx((layers["fine"] + 3 * layers["coarse"]) / 4, rel=1e-5)
        expected = (
            0.3 * losses.terms["content"]
            + 2 * losses.terms["style"]
            + 0.7 * losses.terms["tv"]
            + 0.6 * losses.terms["patch"]
        )
        assert losses.total == pytest.approx(expected, rel=1e-5)


def test_raw_losses_are_sums_over_layers() -> None:
    losses = paint(TINY.replace(style_loss="raw", style_layer_weights=(1, 3)))[0].losses
    layers = losses.style_layers
    assert losses.terms["style"] == pytest.approx(layers["fine"] + 3 * layers["coarse"], rel=1e-5)


def test_the_losses_belong_to_the_steps_own_image() -> None:
    """Total variation can be measured on the image itself."""
    for step in paint():
        image = step.image.astype(float) / 255
        tv = (np.diff(image, axis=0) ** 2).mean() + (np.diff(image, axis=1) ** 2).mean()
        assert step.losses.terms["tv"] == pytest.approx(tv, rel=0.02, abs=1e-5)


def test_the_first_image_is_the_start_and_records_are_immutable() -> None:
    steps = paint(TINY.replace(init="content", coarsest=64))
    assert np.abs(steps[0].image.astype(int) - steps[1].image.astype(int)).max() > 0
    with pytest.raises(AttributeError):
        steps[0].index = 3
    before = steps[0].image.copy()
    assert np.array_equal(steps[0].image, before)


def test_the_same_seed_gives_the_same_picture_and_another_seed_another() -> None:
    noisy = TINY.replace(init="noise")
    one, two, other = paint(noisy), paint(noisy), paint(noisy.replace(seed=1))
    assert np.array_equal(one[-1].image, two[-1].image)
    assert not np.array_equal(one[-1].image, other[-1].image)


@pytest.mark.parametrize("optimizer", ["lbfgs", "adam", "sgd"])
@pytest.mark.parametrize("schedule", ["constant", "exponential", "cosine"])
def test_every_optimiser_and_schedule_lowers_the_loss(optimizer: str, schedule: str) -> None:
    settings = TINY.replace(optimizer=optimizer, lr_schedule=schedule, steps=25, coarsest=64, init="content")
    steps = paint(settings)
    assert steps[-1].losses.total < steps[0].losses.total * 0.9


@pytest.mark.parametrize("init", ["recoloured", "content", "noise", "style", "blend"])
def test_every_start_ends_finite(init: str) -> None:
    assert np.isfinite(paint(TINY.replace(init=init))[-1].losses.total)


@pytest.mark.parametrize("value", [0, 128, 255])
def test_flat_pictures_stay_finite(value: int) -> None:
    flat = np.full((30, 40, 3), value, np.uint8)
    settings = TINY.replace(steps=3, patch_weight=0.2)
    for content, style in ((flat, picture()), (picture(), flat), (flat, flat)):
        last = paint(settings, content, style)[-1]
        assert last.end == "finished"
        assert np.isfinite(last.losses.total)


@pytest.mark.parametrize(("height", "width"), [(100, 5), (5, 100)])
def test_the_narrowest_pictures_pass_through_the_trained_network_uncropped(height: int, width: int) -> None:
    settings = Settings(size="original", coarsest=128, steps=2)
    photo, black = picture(height, width), np.zeros((9, 90, 3), np.uint8)
    last = paint(settings, photo, black, network=trained_vgg19())[-1]
    assert last.image.shape == (height, width, 3)
    assert np.isfinite(last.losses.total)


def test_two_styles_share_by_their_weights() -> None:
    styles = [picture(seed=1), picture(seed=2)]

    def first(**settings: object) -> dict[str, float]:
        steps = run(TINY.replace(init="content", **settings), styles=styles)
        return dict(next(steps).losses.style_layers)

    alone = dict(paint(TINY.replace(init="content"))[0].losses.style_layers)
    assert first(style_weights=(1, 0)) == pytest.approx(alone)
    assert first(style_weights=(2, 2)) == pytest.approx(first())
    assert first() != pytest.approx(alone)


@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
def test_no_torch_mode_leaks_to_the_consumer(precision: str) -> None:
    settings = TINY.replace(precision=precision)
    for _ in run(settings):
        assert torch.is_grad_enabled()
        assert not torch.is_inference_mode_enabled()
        assert not torch.is_autocast_enabled("cpu")


def test_bfloat16_ends_with_the_losses_of_float32() -> None:
    fine, coarse = (paint(TINY.replace(precision=precision)) for precision in ("float32", "bfloat16"))
    assert coarse[-1].losses.total == pytest.approx(fine[-1].losses.total, rel=0.01)
    assert coarse[-1].losses.total != fine[-1].losses.total
    assert "slower" in coarse[0].note or "bfloat16" not in coarse[0].note


def test_a_smaller_copy_of_the_photo_is_painted_at_the_sizes_of_the_photo_itself():
    settings = TINY.replace(enlarge="original")
    photo, copy = picture(301, 403), picture(150, 201)
    whole, small = (paint(settings, content, content_size=(403, 301)) for content in (photo, copy))
    sizes = [[(step.width, step.height) for step in steps] for steps in (whole, small)]
    assert sizes[0] == sizes[1]
    assert whole[-1].image.shape == small[-1].image.shape == (301, 403, 3)


def test_metrics_are_those_of_the_finished_picture_where_they_are_asked_for() -> None:
    plain, measured = paint()[-1], paint(metrics=True)[-1]
    assert plain.metrics == {}
    np.testing.assert_array_equal(measured.image, plain.image)
    assert list(measured.metrics) == list(METRICS)
    assert all(step.metrics == {} for step in paint(metrics=True)[:-1])
    assert measured.metrics["relative_style_loss"] == pytest.approx(measured.losses.style_layers)
    assert measured.metrics["relative_content_loss"] == pytest.approx(measured.losses.terms["content"])


def test_a_layer_that_sees_nothing_of_a_narrow_region_alone_is_not_among_the_metrics() -> None:
    mask = np.zeros((32, 64, 3), np.uint8)
    mask[:, 30:34] = 255
    last = paint(TINY, picture(32, 64), mask=mask, metrics=True)[-1]
    assert [*last.metrics["relative_style_loss"]] == ["fine"]
    assert last.metrics["relative_style_loss"]["fine"] == pytest.approx(last.losses.style_layers["fine"])


@pytest.mark.parametrize("settings", [{}, {"style_loss": "raw"}, {"pixel_range": "free"}, {"optimizer": "adam"}])
def test_losses_among_the_metrics_are_relative_with_every_kind_of_run(settings: dict[str, object]) -> None:
    """Measured once more, on the picture as it was saved, in a run of balanced losses that changes nothing."""
    small = TINY.replace(coarsest=64, steps=3, **settings)
    last = paint(small, metrics=True)[-1]
    start = Start(last.image)
    still = TINY.replace(coarsest=64, steps=1, learning_rate=1e-6, optimizer="sgd")
    again = paint(still, metrics=True, start=start)[-1].metrics
    assert last.metrics["relative_content_loss"] == pytest.approx(again["relative_content_loss"], rel=0.02)
    assert last.metrics["relative_style_loss"] == pytest.approx(again["relative_style_loss"], rel=0.05)


def test_the_photo_itself_has_no_content_loss_and_the_style_itself_no_style_loss() -> None:
    photo, painting = picture(48, 64), picture(48, 64, seed=1)
    still = TINY.replace(coarsest=64, steps=1, learning_rate=1e-6, optimizer="sgd", style_scale=1)
    as_photo, as_style = (
        paint(still, photo, painting, metrics=True, start=Start(start))[-1].metrics for start in (photo, painting)
    )
    assert as_photo["relative_content_loss"] < 1e-6 < as_style["relative_content_loss"]
    assert as_photo["ssim"] > 0.999 > as_style["ssim"]
    assert max(as_style["relative_style_loss"].values()) < 1e-6 < min(as_photo["relative_style_loss"].values())
    assert as_style["palette"] < 0.1 < as_photo["palette"]
