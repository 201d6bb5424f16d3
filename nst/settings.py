"""Settings: everything that decides the pixels, with its bounds, unit and help text, written once.

The sliders of the page, the flags of the command line and the checks of the API are generated from
``specs()``, so a default or a limit is changed here and nowhere else.
"""

import difflib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from nst.errors import FieldName, SettingsError
from nst.networks import DEFAULT_NETWORK, NETWORKS
from nst.validation import Spec, check

ORIGINAL = "original"
AUTO = "auto"

#: The most steps times pixels that one run may take, over all its scales: 5000 steps at ten megapixels.
MAX_WORK = 50_000_000_000


def _setting(default: Any, **spec: Any) -> Any:
    """A dataclass field that carries its Spec."""
    return field(default=default, metadata={"spec": Spec(**spec)})


class Checked:
    """What has settings as its dataclass fields, each with its Spec; they are checked when it is made.

    Raises:
        SettingsError: a value of the wrong type, not finite, or out of bounds, in one sentence.
    """

    def __post_init__(self) -> None:
        for name, spec in specs(type(self)).items():
            object.__setattr__(self, name, check(name, getattr(self, name), spec))

    def to_dict(self) -> dict[str, Any]:
        """All settings as plain values that JSON can hold (tuples become lists)."""
        values = {name: getattr(self, name) for name in specs(type(self))}
        return {name: list(v) if isinstance(v, tuple) else v for name, v in values.items()}


@dataclass(frozen=True, kw_only=True)
class Settings(Checked):
    """Everything that decides the pixels of a result; frozen and checked when it is made.

    Raises:
        SettingsError: a value of the wrong type, not finite, or out of bounds, in one sentence.
    """

    # A table to be read, one setting after the other:
    # fmt: off
    # --- what everybody sets
    size: int | str = _setting(
        512, label="Size", kind="size", minimum=64, maximum=8192, words=(ORIGINAL,), unit="px", group="main",
        offered=(256, 384, 512, 768, 1024, 1536, 2048),
        help="Long side of the result in pixels, or 'original' for the photo's own size.",
    )
    style_weight: float = _setting(
        1.0, label="Style strength", kind="number", minimum=0, maximum=1e9, slider=(0, 5, 0.05), group="main",
        live=True,
        help="How strongly the result takes on the painting's colours and strokes.",
    )
    content_weight: float = _setting(
        0.2, label="Content weight", kind="number", minimum=0, maximum=1e9, slider=(0, 1, 0.01), group="main",
        live=True,
        help="How closely the result keeps to the photo's shapes.",
    )
    tv_weight: float = _setting(
        1.0, label="Smoothness", kind="number", minimum=0, maximum=1e9, slider=(0, 5, 0.05), group="main", live=True,
        help="Total variation: higher values calm grain and speckle.",
    )
    patch_weight: float = _setting(
        0.05, label="Brushwork", kind="number", minimum=0, maximum=1e9, slider=(0, 1, 0.01), group="main", live=True,
        help="How much the result is built from patches of the painting itself; 0 turns this off.",
    )
    style_scale: float = _setting(
        1.0, label="Brush size", kind="number", minimum=0.1, maximum=8, slider=(0.25, 3, 0.05), group="main",
        help="Size of the style picture relative to the photo: above 1 gives broader strokes.",
    )
    colours: str = _setting(
        "style", label="Colours", kind="choice", choices=("style", "keep", "match"), group="main",
        choice_labels=("The painting's", "The photo's own", "The painting's, fitted to the photo"),
        help="The painting's (style), the photo's own (keep), or the painting's adjusted to the photo's (match).",
    )
    # --- which network sees what
    network: str = _setting(
        DEFAULT_NETWORK.name, label="Network", kind="choice", choices=tuple(NETWORKS),
        choice_labels=tuple(network.title for network in NETWORKS.values()),
        help=f"Compares the pictures. {'; '.join(f'{n.title} is {n.weights.origin}' for n in NETWORKS.values())}.",
    )
    style_layers: tuple[str, ...] = _setting(
        (), label="Style layers", kind="names", group="layers",
        help="Layers whose statistics define the style, fine to coarse; empty means the network's five defaults.",
    )
    style_layer_weights: tuple[float, ...] = _setting(
        (1.0, 1.0, 1.0, 1.0, 1.0), label="Style layer", kind="numbers", minimum=0, maximum=1e9, slider=(0, 4, 0.05),
        group="layers", live=True,
        help="How much this layer counts beside the others: the first sees fine grain, the last large shapes.",
    )
    content_layers: tuple[str, ...] = _setting(
        (), label="Content layer", kind="names", group="layers",
        help="Layers that hold the photo's shapes; empty means the network's own.",
    )
    pooling: str = _setting(
        "max", label="Pooling", kind="choice", choices=("max", "average"),
        help="How the network shrinks its activations: average is smoother.",
    )
    precision: str = _setting(
        "float32", label="Precision", kind="choice", choices=("float32", "tf32", "bfloat16"),
        help="Of the convolutions: lower is faster on GPUs. Statistics, losses and pixels stay float32.",
    )
    # --- losses
    style_loss: str = _setting(
        "balanced", label="Style loss", kind="choice", choices=("balanced", "raw"),
        help="balanced: each layer relative to the size of its target; raw: plain differences, for published weights.",
    )
    style_weights: tuple[float, ...] = _setting(
        (), label="Style weights", kind="numbers", minimum=0, maximum=1e6, slider=(0, 1, 0.05),
        help="One weight for each style picture; empty means equal shares.",
    )
    # --- where it starts and how it moves
    init: str = _setting(
        "recoloured", label="Initial picture", kind="choice",
        choices=("recoloured", "content", "noise", "style", "blend"),
        help="What it starts from: the photo in the painting's colours, the photo, noise, the painting, or a blend.",
    )
    init_blend: float = _setting(
        0.3, label="Noise in the blend", kind="number", minimum=0, maximum=1, slider=(0, 1, 0.05),
        help="Share of noise when the initial picture is a blend.",
    )
    optimizer: str = _setting(
        "lbfgs", label="Optimiser", kind="choice", choices=("lbfgs", "adam", "sgd"),
        help="L-BFGS needs the fewest steps; Adam averages its iterates; SGD is plain gradient descent.",
    )
    learning_rate: float | str = _setting(
        AUTO, label="Learning rate", kind="number", minimum=1e-6, maximum=1e4, words=(AUTO,),
        help="Step length; auto is 1 for L-BFGS, 0.02 for Adam and 0.003 for SGD.",
    )
    lr_schedule: str = _setting(
        "constant", label="Rate schedule", kind="choice", choices=("constant", "exponential", "cosine"),
        help="How the learning rate falls over the steps of a scale.",
    )
    lr_final: float = _setting(
        0.1, label="Final rate", kind="number", minimum=1e-4, maximum=1, slider=(0.01, 1, 0.01),
        help="Learning rate of the last step, as a fraction of the first.",
    )
    history: int = _setting(
        5, label="L-BFGS history", kind="integer", minimum=1, maximum=100, slider=(1, 50, 1),
        help="Past steps that L-BFGS remembers; each holds two pictures in memory.",
    )
    pixel_range: str = _setting(
        "held", label="Pixel values", kind="choice", choices=("held", "free"),
        help="held: pixels stay between black and white at every step; free: only at the end, as in published setups.",
    )
    # --- coarse to fine
    steps: int = _setting(
        40, label="Steps", kind="integer", minimum=1, maximum=5000, slider=(5, 500, 5), unit="steps",
        help="Optimiser steps at the coarsest scale.",
    )
    step_decay: float = _setting(
        0.5, label="Steps kept per scale", kind="number", minimum=0.1, maximum=1, slider=(0.1, 1, 0.05),
        help="Each finer scale takes this fraction of the previous scale's steps.",
    )
    plateau: float = _setting(
        0.0, label="Plateau tolerance", kind="number", minimum=0, maximum=0.5, slider=(0, 0.1, 0.005),
        help="A scale ends when ten steps lowered the loss by no more than this share; 0 takes all steps.",
    )
    coarsest: int = _setting(
        128, label="Coarsest scale", kind="integer", minimum=32, maximum=8192, slider=(64, 1024, 32), unit="px",
        help="Long side at which the painting begins; if it is not below the size, there is only one scale.",
    )
    pyramid_factor: float = _setting(
        2.0, label="Scale factor", kind="number", minimum=1.1, maximum=8, slider=(1.2, 4, 0.1),
        help="How much larger each scale is than the one before.",
    )
    enlarge: str = _setting(
        "off", label="Enlarge", kind="choice", choices=("off", ORIGINAL),
        help="Enlarges the finished picture to the photo's own size, if that is larger.",
    )
    seed: int = _setting(
        0, label="Seed", kind="integer", minimum=0, maximum=2**31 - 1,
        help="Same seed, settings and device give the same picture.",
    )

    # fmt: on
    @classmethod
    def from_mapping(cls, values: Mapping[str, Any]) -> "Settings":
        """Settings from a plain mapping, such as parsed JSON; unknown names are refused."""
        for name in values:
            find_setting(name)
        return cls(**values)

    def replace(self, **changes: Any) -> "Settings":
        """A copy with some settings changed and checked."""
        return Settings.from_mapping({**self.to_dict(), **changes})


@dataclass(frozen=True, kw_only=True)
class FilmSettings(Checked):
    """What a film has beside the Settings of its pictures, which would stand among those without any effect.

    Raises:
        SettingsError: as for Settings.
    """

    # fmt: off
    frame_rate: int = _setting(
        12, label="Frames per second", kind="integer", minimum=1, maximum=60, slider=(4, 30, 1),
        help="How many frames per second to paint, at most; the film plays at this rate, or at the clip's if that is "
        "lower.",
    )
    frame_steps: int = _setting(
        3, label="Steps per frame", kind="integer", minimum=1, maximum=1000, slider=(2, 40, 1),
        help="Optimiser steps for each frame after the first; each begins with the frame before, shifted along with "
        "the motion.",
    )
    temporal_weight: float = _setting(
        50.0, label="Steadiness", kind="number", minimum=0, maximum=1e9, slider=(0, 200, 5),
        help="How closely each frame follows the one before: higher values flicker less.",
    )
    mask_motion: str = _setting(
        "follow", label="Mask", kind="choice", choices=("follow", "fixed"),
        choice_labels=("Follows what is in it", "Stays where it is"),
        help="It follows what it was drawn on, and a rule looks at each frame; fixed, it stays as in the first.",
    )
    # fmt: on

    @property
    def mask_follows(self) -> bool:
        """Whether a mask moves; else it is the same in all frames."""
        return self.mask_motion == "follow"


def specs(*records: type[Checked]) -> dict[str, Spec]:
    """The Spec of every setting of these records by name, in order; of Settings without any."""
    return {name: spec for record in records or (Settings,) for name, spec in _SPECS[record].items()}


def find_setting(name: str, *records: type[Checked]) -> Spec:
    """The Spec of the setting of that name in these records; in Settings without any.

    Raises:
        SettingsError: there is no such setting; the sentence names the closest one.
    """
    known = specs(*records)
    if name in known:
        return known[name]
    near = difflib.get_close_matches(name, known, n=1)
    hint = (" Did you mean ", FieldName(near[0]), "?") if near else ()
    raise SettingsError(f"There is no setting called {name[:60]!r}.", *hint)


def by_label(field: FieldName) -> str:
    """What the page calls a setting: "Style strength", or "Style layer 2" for an entry of a list."""
    known = specs(Settings, FilmSettings)
    label = known[field.name].label if field.name in known else field.name
    return label if field.entry is None else f"{label} {field.entry + 1}"


def live_names() -> frozenset[str]:
    """The settings that may change during a run."""
    return frozenset(name for name, spec in specs().items() if spec.live)


_SPECS: dict[type[Checked], dict[str, Spec]] = {
    record: {f.name: f.metadata["spec"] for f in fields(record)} for record in (Settings, FilmSettings)
}
