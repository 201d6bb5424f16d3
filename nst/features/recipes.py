"""A recipe on this machine: its settings for the network that paints here, and what to say of another one."""

import logging
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from nst.features.registry import explain, title
from nst.features.weights.places import find_weights, named_file
from nst.recipes import Recipe
from nst.settings import AUTO, Settings

logger = logging.getLogger(__name__)


def recipe_settings(
    recipe: Recipe,
    given: Mapping[str, Any] | None = None,
    weights: str | Path | None = None,
    *,
    offline: bool = False,
) -> tuple[Settings, str]:
    """The settings of a recipe where they will be used.

    A published recipe wants the network it was published for. Where that one's weights are not on this machine,
    "auto" decides, and the settings are those for the network that it takes: a recipe waits for no download.

    Args:
        recipe: what is followed.
        given: settings by name that go on top; a network among them is taken instead of the recipe's.
        weights: a file of trained weights the user names, or None.
        offline: whether weights that are not on this machine stay away.

    Returns:
        The settings, with the network that paints instead of "auto" if the recipe is a published one; and "", or
        the sentence for the user that says that another network paints than the recipe was published for.

    Raises:
        SettingsError: a setting that is unknown or not valid.
        WeightsError: a weights file was named and is not there.
    """
    given = dict(given or {})
    asked = Settings.from_mapping(given).network
    if recipe.own:
        return recipe.on(asked, given), ""
    wished = asked if asked != AUTO else _wished(recipe.network, weights)
    network, reason = explain(wished, weights, offline=offline)
    note = (
        ""
        if network == recipe.network
        else f"The recipe {recipe.name} was published for {title(recipe.network)}. {reason}"
    )
    if note:
        logger.info(note)
    return recipe.on(network, given), note


def _wished(network: str, weights: str | Path | None) -> str:
    """The network, if its own weights are on this machine, else "auto"."""
    # A file that the user names is found for every network; like "auto", this takes it for VGG-19's.
    another = network != "vgg19" and named_file(weights)
    return AUTO if another or find_weights(network, weights) is None else network
