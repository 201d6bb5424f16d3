"""A recipe on this machine: its settings for the network that paints here, and what to say of another one."""

import logging
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from nst.features.registry import explain, title
from nst.features.weights import find_weights
from nst.recipes import Recipe
from nst.settings import AUTO, Settings

logger = logging.getLogger(__name__)


def recipe_settings(
    recipe: Recipe, given: Mapping[str, Any] | None = None, weights: str | Path | None = None
) -> tuple[Settings, str]:
    """The settings of a recipe where they will be used.

    A published recipe wants the network it was published for. Where that one's weights are not on this machine,
    "auto" decides, and the settings are those for the network that it takes; nothing is downloaded for a recipe.

    Args:
        recipe: what is followed.
        given: settings by name that go on top; a network among them is taken instead of the recipe's.
        weights: a file of trained weights the user names, or None.

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
    network, reason = explain(asked if asked != AUTO else _wished(recipe.network, weights), weights)
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
    found = find_weights(network, weights)
    # A file that the user names is found for every network; like "auto", this takes it for VGG-19's.
    named = network != "vgg19" and found == find_weights("vgg19", weights)
    return AUTO if found is None or named else network
