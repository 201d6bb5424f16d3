"""The recipes: what the file holds, whether the conversions are right, and whether each paints."""

import functools
import itertools
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pytest
import torch

from nst.errors import SettingsError
from nst.features.base import FeatureNetwork, check_layers
from nst.features.vgg import CHANNELS, VGGFeatures
from nst.networks import NETWORKS, VGG16
from nst.pyramid import plan_scales, work
from nst.recipes import DEFAULT_RECIPE, SAMPLE, Recipe, find_recipe, qualities, recipes
from nst.settings import Settings
from nst.steps import Picture
from nst.transfer.loop import stylize_steps
from nst.transfer.losses import raw_style_loss, variation
from nst.transfer.options import StylizeOptions
from tests.features.test_vgg import random_tensors
from tests.networks import trained_vgg19

Array = npt.NDArray[np.float64]

OWN = ("draft", "standard", "fine")
PUBLISHED = (
    "gatys", "keras", "adam-128", "tensorflow", "vgg16-lbfgs",
    "adam-5000", "adam-5000-early", "adam-5000-balanced", "adam-5000-late",
)  # fmt: skip
ADAM_5000 = ("adam-5000", "adam-5000-early", "adam-5000-balanced", "adam-5000-late")

# --- the file ----------------------------------------------------------------------------------


def test_the_known_setups_are_there_and_ours_come_first() -> None:
    assert tuple(recipe.name for recipe in recipes()) == OWN + PUBLISHED
    assert qualities() == OWN


@pytest.mark.parametrize("recipe", recipes(), ids=lambda recipe: recipe.name)
def test_a_recipe_says_what_it_is_and_a_published_one_where_it_is_from(recipe: Recipe) -> None:
    assert recipe.title
    assert recipe.description.endswith(".")
    assert len(recipe.description) < 120, "one line"
    told = [recipe.source, recipe.published, recipe.converted, recipe.differs]
    assert all(told) == (not recipe.own)
    assert any(told) == (not recipe.own)
    assert recipe.url.startswith("https://") == (not recipe.own and recipe.name != "adam-128")


@pytest.mark.parametrize("recipe", recipes(), ids=lambda recipe: recipe.name)
def test_every_recipe_is_valid_and_names_layers_of_its_network(recipe: Recipe) -> None:
    settings = recipe.to_settings()
    network = NETWORKS[settings.network]
    check_layers(network.title, network.layers, network.style_layers, settings)
    assert recipe.own or recipe.published.startswith((network.title, "As adam-5000"))


def test_the_numbers_that_people_know() -> None:
    def told(name: str, *settings: str) -> list[object]:
        values = find_recipe(name).to_settings().to_dict()
        return [values[setting] for setting in settings]

    assert told("gatys", "optimizer", "init", "steps") == ["lbfgs", "content", 500]
    assert told("keras", "optimizer", "lr_schedule", "steps") == ["sgd", "exponential", 4000]
    # Of pixels from 0 to 255.
    assert find_recipe("keras").settings["learning_rate"] == pytest.approx(100 / 255**2, rel=1e-3)
    assert find_recipe("keras").settings["lr_final"] == pytest.approx(0.96**40, abs=5e-4)
    assert told("adam-128", "optimizer", "steps", "size", "enlarge") == ["adam", 1000, 128, "original"]
    assert told("tensorflow", "optimizer", "learning_rate", "steps") == ["adam", 0.02, 10 * 100]
    assert told("vgg16-lbfgs", "network", "optimizer", "steps") == ["vgg16", "lbfgs", 10 * 20]
    assert [told(name, "optimizer", "steps") for name in ADAM_5000] == [["adam", 5000]] * 4
    intervals = [find_recipe(name).picture_every for name in ("keras", "tensorflow", "vgg16-lbfgs", *ADAM_5000)]
    assert intervals == [100, 100, 20, 500, 500, 500, 500]


def test_levels_of_quality_rise_and_standard_is_what_the_settings_are() -> None:
    steps = [find_recipe(name).to_settings().steps for name in OWN]
    assert steps == sorted(set(steps))
    assert find_recipe(DEFAULT_RECIPE).to_settings() == Settings()


def test_a_sample_takes_a_tenth_of_the_work_of_a_draft_of_256_px() -> None:
    sample = find_recipe(DEFAULT_RECIPE).to_settings(SAMPLE)
    draft = find_recipe("draft").to_settings({"size": 256})
    assert plan_scales(640, 480, sample)[-1].width == 128
    assert work(plan_scales(640, 480, sample)) < work(plan_scales(640, 480, draft)) / 10


def test_what_is_changed_goes_on_top() -> None:
    keras = find_recipe("keras")
    settings = keras.to_settings({"steps": 7, "style_weight": 3})
    assert (settings.steps, settings.style_weight) == (7, 3)
    assert settings.replace(steps=keras.settings["steps"], style_weight=keras.settings["style_weight"]) == (
        keras.to_settings()
    )
    with pytest.raises(SettingsError, match="steps is 0"):
        keras.to_settings({"steps": 0})
    with pytest.raises(SettingsError, match="There is no setting called 'colour'"):
        keras.to_settings({"colour": 0})


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("gattys", "There is no recipe called 'gattys'; there are draft, standard, fine, gatys.* Did you mean gatys?"),
        (7, "There is no recipe called 7; there are draft"),
        (None, "There is no recipe called None"),
    ],
)
def test_an_unknown_recipe_is_one_sentence_with_the_nearest(name: object, sentence: str) -> None:
    with pytest.raises(SettingsError, match=sentence):
        find_recipe(name)  # type: ignore[arg-type]
    assert find_recipe(" Keras ").name == "keras"


# --- the conversions, against the losses as the sources write them --------------------------------

#: Our networks see RGB from 0 to 1 but have the activations of the original ones, which see 0 to 255; torchvision's see
#: pixels divided by their deviation of 0.226, and have as much less in every layer.
TORCHVISION = 1 / (255 * 0.226)


def grams(seed: int) -> list[Array]:
    """Gram matrices of the five style layers, divided by positions, as our networks might have them."""
    random = np.random.default_rng(seed)
    features = [random.standard_normal((channels, 3 * channels)) for channels in CHANNELS]
    return [flat @ flat.T / flat.shape[1] for flat in features]


def positions(rows: int, columns: int) -> list[float]:
    """Positions of the five style layers: each block has a quarter of the one before."""
    return [rows * columns / 4**block for block in range(5)]


def keras_style(ours: Sequence[Array], theirs: Sequence[Array], weight: float) -> float:
    """Sums of squares of undivided Grams, by 4 * 3^2 * (rows * columns)^2; a fifth of the weight each."""
    total = 0.0
    for gram, target, count in zip(ours, theirs, positions(400, 600), strict=True):
        difference = (gram - target) * count
        total += weight / 5 * float((difference**2).sum()) / (4 * 3**2 * (400 * 600) ** 2)
    return total


def source_losses(name: str) -> tuple[float, float]:
    """(style, content) as the source counts them, from our Grams and a mean square of 1 in our content layer."""
    ours, theirs = grams(0), grams(1)
    squares = [float(((gram - target) ** 2).mean()) for gram, target in zip(ours, theirs, strict=True)]
    match name:
        case "gatys":
            return sum(1000 / c**2 * square for c, square in zip(CHANNELS, squares, strict=True)), 1.0
        case "keras":
            # block5_conv2 has 512 channels at a 256th of the positions; content is a sum.
            return keras_style(ours, theirs, 1e-6), 2.5e-8 * 512 * 400 * 600 / 256
        case "vgg16-lbfgs":
            return keras_style(ours, theirs, 1.0), 0.025 * 512 * 400 * 600 / 64
        case "adam-128":
            return 10_000 * sum(squares) * TORCHVISION**4, 10.0 * TORCHVISION**2
        case "tensorflow":
            return 1e-2 / 5 * sum(squares), 1e4
    layers = {"adam-5000": (1, 0.8, 0.5, 0.3, 0.1), "adam-5000-early": (1.5, 1.2, 0.5, 0.3, 0.1),
              "adam-5000-balanced": (1, 1, 1, 1, 1), "adam-5000-late": (1, 0.8, 0.5, 0.2, 0.05)}[name]  # fmt: skip
    content, style = {"adam-5000": (1, 1e6), "adam-5000-early": (1, 5e5),
                      "adam-5000-balanced": (0.5, 2e6), "adam-5000-late": (2, 5e5)}[name]  # fmt: skip
    counted = zip(layers, squares, CHANNELS, positions(400, 300), strict=True)
    total = sum(w * square * n**2 / (c * n) for w, square, c, n in counted)
    return style * total * TORCHVISION**4, content * TORCHVISION**2


def our_losses(settings: Settings) -> tuple[float, float]:
    """(style, content) as ours, of the same."""
    pairs = [tuple(map(torch.from_numpy, pair)) for pair in zip(grams(0), grams(1), strict=True)]
    losses = [float(raw_style_loss(gram, target)) for gram, target in pairs]
    style = sum(w * x for w, x in zip(settings.style_layer_weights, losses, strict=True))
    return settings.style_weight * style, settings.content_weight


@pytest.mark.parametrize("name", PUBLISHED)
def test_style_and_content_weigh_as_in_the_source(name: str) -> None:
    settings = find_recipe(name).to_settings()
    (style, content), (source_style, source_content) = our_losses(settings), source_losses(name)
    assert settings.style_loss == "raw"
    assert style / content == pytest.approx(source_style / source_content, rel=0.01)


@pytest.mark.parametrize("name", ["gatys", "keras", "tensorflow"])
def test_what_was_published_for_the_same_network_has_the_sources_own_losses(name: str) -> None:
    assert our_losses(find_recipe(name).to_settings()) == pytest.approx(source_losses(name), rel=0.01)


@pytest.mark.parametrize("name", ["keras", "vgg16-lbfgs", "tensorflow"])
def test_total_variation_weighs_as_in_the_source_where_neighbours_differ_by_a_twentieth(name: str) -> None:
    rows, columns = (384, 512) if name == "tensorflow" else (400, 600)
    image = np.zeros((rows, columns, 3))
    image[:, ::2] = 0.05
    settings = find_recipe(name).to_settings()
    tensor = torch.from_numpy(image).permute(2, 0, 1)[None]
    ours = settings.tv_weight * float(variation(tensor, -2) + variation(tensor, -1))
    across, down = np.diff(image, axis=1), np.diff(image, axis=0)
    if name == "tensorflow":
        theirs = 30 * (np.abs(across).sum() + np.abs(down).sum())
    else:
        squares = (across[:-1] * 255) ** 2 + (down[:, :-1] * 255) ** 2
        theirs = {"keras": 1e-6, "vgg16-lbfgs": 1.0}[name] * (squares**1.25).sum()
    assert ours / settings.content_weight == pytest.approx(theirs / source_losses(name)[1], rel=0.02)


# --- each runs ------------------------------------------------------------------------------------


@functools.cache
def network(name: str) -> FeatureNetwork:
    """The trained VGG-19, or a VGG-16 with scaled random weights, whose trained ones would have to be fetched."""
    return trained_vgg19() if name == "vgg19" else VGGFeatures(VGG16, random_tensors(VGG16))


def picture(seed: int) -> Picture:
    """A smooth picture with some grain, 64 x 32 px."""
    random = np.random.default_rng(seed)
    coarse = torch.from_numpy(random.random((1, 3, 4, 8)))
    smooth = torch.nn.functional.interpolate(coarse, (32, 64), mode="bicubic")[0].permute(1, 2, 0).numpy()
    return ((smooth + random.normal(0, 0.03, smooth.shape)).clip(0, 1) * 255).astype(np.uint8)


@pytest.mark.parametrize("recipe", recipes(), ids=lambda recipe: recipe.name)
def test_a_shortened_form_of_each_never_raises_its_loss_and_ends_lower(recipe: Recipe) -> None:
    """But for the last Step, which measures Adam's average of the iterates. A rate for 600 px may be too high at first.

    Without the pieces of the painting: they are found anew on the way, and make another function of the loss.
    """
    settings = recipe.to_settings({"size": 64, "steps": 4, "patch_weight": 0})
    options = StylizeOptions(device="cpu", network=network(settings.network), preview_seconds=-1)
    steps = list(stylize_steps(picture(0), picture(1), settings, options))
    totals = [step.losses.total for step in steps]
    assert (len(totals), steps[-1].end) == (5, "finished")
    assert all(after <= before for before, after in itertools.pairwise(totals[:-1]))
    assert totals[-1] < totals[0]
