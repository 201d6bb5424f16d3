"""How far the loss of each recipe falls, shortened, on VGG at full size with scaled random weights and built in.

Random weights say nothing of the picture, but the descent is the same: the same losses, optimiser and schedule.
The recipe ``keras`` takes all of its 4000 steps, because its source prints the loss at step 100 and at step 4000.
"""

from collections.abc import Iterator
from functools import cache
from pathlib import Path

from benchmarks.machine import photo
from benchmarks.step import scaled_random_tensors
from nst.features.base import FeatureNetwork
from nst.features.gabor import GaborNetwork
from nst.features.vgg import VGGFeatures
from nst.pictures.decode import read_picture
from nst.recipes import BUILT_IN, Recipe, recipes
from nst.settings import AUTO
from nst.transfer.loop import stylize_steps

SIDE = 64
#: Steps of the shortened form.
STEPS = 200
WHOLE = "keras"
#: Where the log of that recipe's source begins.
FROM = 100
PAINTING = Path(__file__).parents[1] / "assets" / "styles" / "starry_night.jpg"


def measure(device: str = "cpu") -> Iterator[tuple[str, int, dict[str, tuple[float, float]]]]:
    """For each recipe its name, its steps here, and the first and last loss on the two kinds of network."""
    for recipe in recipes():
        steps = recipe.settings["steps"] if recipe.name == WHOLE else min(STEPS, recipe.settings["steps"])
        networks = (recipe.network.replace(AUTO, "vgg19"), BUILT_IN)
        found = {name: _falls(recipe, name, steps, device) for name in networks}
        yield recipe.name, steps, {"vgg": found[networks[0]], "built_in": found[BUILT_IN]}


def _falls(recipe: Recipe, name: str, steps: int, device: str) -> tuple[float, float]:
    """The loss at the first step, of keras at step 100, and at the last."""
    settings = recipe.on(name, {"size": SIDE, "steps": steps})
    painting = read_picture(PAINTING)
    run = stylize_steps(
        photo(SIDE, SIDE), painting, settings, device=device, network=_network(name), preview_seconds=-1
    )
    totals = [step.losses.total for step in run]
    return totals[FROM if recipe.name == WHOLE else 0], totals[-1]


@cache
def _network(name: str) -> FeatureNetwork:
    return GaborNetwork() if name == BUILT_IN else VGGFeatures(name, scaled_random_tensors(name))
