"""The state of one run: its pictures, and how far it has come. Its public methods are the parts of the loop."""

import logging
import time
from collections.abc import Sequence
from dataclasses import replace

import torch
from torch import Tensor

from nst.features.base import check_layers
from nst.pyramid import Scale, find_step, total_steps
from nst.settings import Settings
from nst.steps import Losses, Picture, Start, Step
from nst.transfer.descent import Descent
from nst.transfer.initial import finer_picture, first_picture, predicted_picture
from nst.transfer.measurement import Prediction
from nst.transfer.objective import Objective
from nst.transfer.optimizers import rate_factor
from nst.transfer.options import Previews, StylizeOptions
from nst.transfer.preparation import prepare_run
from nst.transfer.regions import Regions
from nst.transfer.replay import make_replay
from nst.transfer.source_pictures import SourcePictures

logger = logging.getLogger(__name__)

RESTARTED = "The loss was not finite: the picture went back one step and the optimiser started afresh."
GAVE_UP = "The loss was not finite a second time: the run ended early, with its last good picture."
STOPPED_EARLY = "It ended at {} x {} px, before the finer scales; let it run on for {} x {} px."
ENLARGED = "It was painted at {} x {} px and enlarged to {} x {} px."


class TransferState:
    """One run on its way from scale to scale.

    ``first_count`` is the number of steps at the current scale that were taken before the run began: those of an
    earlier run up to its checkpoint.

    Args:
        content: the photo, uint8 (H, W, 3).
        styles: the paintings, uint8 (h, w, 3) each.
        settings: at the start; ``settings`` are those in force.
        options: see ``StylizeOptions``.
        mask: that of the options as it is in this frame of a film, uint8 (H, W, 3), where it may be black.

    Raises:
        NSTError: a StyleError, SettingsError, WeightsError or DeviceError.
        DownloadStopped: the run was stopped while weights were fetched.
    """

    scale: Scale
    first_count: int
    descent: Descent

    def __init__(
        self,
        content: Picture,
        styles: Sequence[Picture],
        settings: Settings,
        options: StylizeOptions,
        mask: Picture | None = None,
    ) -> None:
        self.settings, self._prepared = settings, prepare_run(content, styles, settings, options).with_mask(mask)
        self._pictures = SourcePictures(content, styles, settings, self._prepared)
        self._previews = Previews(options.preview_seconds, options.frame_every)
        self._metrics = options.metrics
        self._replay = make_replay(settings.precision, self._prepared.device)
        self._level, self._index, self._skipped, self._restarts = -1, 0, 0, 0
        self._note, self._started, self._start = "", time.monotonic(), options.start
        self._objective: Objective | None = None
        if self._start is not None:
            self._go_on(self._start)
        for sentence in self._prepared.notes:
            self._add_note(sentence, logging.INFO)

    def begin_frame(self, content: Picture, settings: Settings, start: Start, mask: Picture | None = None) -> None:
        """Go over to the next frame of a film: another content of the same size, painted at the finest scale alone.

        Network and styles stay, the latter in the colours that the first frame gave them.

        Args:
            content: the frame, uint8 (H, W, 3).
            settings: those in force at its first step; only weights and ``steps`` may differ.
            start: the frame before, moved along.
            mask: where the regions are in it, uint8 (H, W, 3); where they were when None.
        """
        self._objective = self.descent.objective
        del self.descent  # With its memory, before there is another.
        self.settings, self._start = settings, start
        self._prepared = self._prepared.for_frames(settings).with_mask(mask)
        self._pictures.begin_frame(content, self._prepared.mask)
        self._level, self._index, self._skipped, self._restarts = -1, 0, 0, 0

    # --- the loop's parts, in its order --------------------------------------------------------

    def begin_scale(self) -> bool:
        """Begin the coarsest scale or, after the steps of one, the next finer; False at the end of the run."""
        coarser = hessian_scale = None
        if self._level < 0:
            self._level, self.first_count = find_step(self._prepared.scales, self._index + self._skipped)
        else:
            self._losses = self.descent.judge_last_step()
            if self._over or self._finest:
                return False
            coarser, hessian_scale = self.descent.picture(), self.descent.hessian_scale
            del self.descent  # With its memory, before there is another.
            self._level, self.first_count = self._level + 1, 0
        self.scale = self._prepared.scales[self._level]
        content = self._pictures.content_at(self.scale, last=self._finest)
        objective = self._make_objective(content)
        start = objective.regions.hold(self._initial_picture(objective, content, coarser), content)
        start = start.to(self._prepared.device)
        self.descent = Descent(start, objective, self.settings, self._replay, hessian_scale)
        return True

    def obey_controls(self) -> bool:
        """Wait while the run is paused, then let weights that were moved act; False where the run is over."""
        self._prepared.controls.wait()
        if self._over:
            return False
        changed = self._prepared.controls.apply(self.settings)
        if changed != self.settings:
            network = self._prepared.network
            check_layers(network.name, network.layers, network.style_layers, changed)
            self.settings = changed
            self.descent.reweigh(changed)
        return True

    def repaint_if_due(self, count: int) -> None:
        """Half-way through a scale, find the nearest pieces of the painting anew, if they pull."""
        # A finer scale of a single step has just begun with such a picture, as does a frame that follows another.
        due = count == self.scale.steps // 2 and (count > 0 or self._level == 0)
        if due and self.settings.patch_weight > 0 and self.descent.objective.prediction is None:
            self.descent.repaint()

    def rate(self, count: int) -> float:
        """The relative learning rate of a step of the scale."""
        return rate_factor(self.settings.lr_schedule, self.settings.lr_final, count, self.scale.steps)

    def note_divergence(self) -> None:
        """The first time the run goes on with a fresh optimiser, the second time it ends. The step counts as taken."""
        self._restarts += 1
        self._index += 1
        self._add_note(GAVE_UP if self._given_up else RESTARTED)

    def step(self, losses: Losses) -> Step:
        """The record of the step just taken, with its picture where a preview is due."""
        picture = self._pictures.show(self.descent.picture()) if self._previews.due(self._index) else None
        step = self._record(losses, picture)
        self._index += 1
        return step

    def settled(self, count: int) -> bool:
        """Whether the scale ends on a plateau after this step; the steps that it skips count as taken."""
        half = self.scale.steps // 2
        if not self.descent.settled() or (count < half and self.settings.patch_weight > 0):
            return False
        self._skipped += self.scale.steps - count - 1
        return True

    def last_step(self) -> Step:
        """The record that ends the run, with the finished picture, enlarged where the settings ask for it."""
        scales, enlarged = self._prepared.scales, self._prepared.enlarged
        picture = self._pictures.show(self.descent.picture(), enlarged)
        if not self._finest:
            self._add_note(
                STOPPED_EARLY.format(self.scale.width, self.scale.height, scales[-1].width, scales[-1].height)
            )
        if enlarged:
            self._add_note(ENLARGED.format(self.scale.width, self.scale.height, *enlarged), logging.INFO)
        complete = not self._given_up and self._index + self._skipped == total_steps(scales)
        step = self._record(self._losses, picture, end="finished" if complete else "stopped")
        if not self._metrics:
            return step
        return replace(step, metrics=self.descent.relative_losses())

    # --- the beginning of the run and of a scale -----------------------------------------------

    def _go_on(self, start: Start) -> None:
        """Count on from where an earlier run was."""
        self.settings = start.settings or self.settings
        self._index, self._skipped = start.index, start.skipped
        self._started -= start.seconds

    def _make_objective(self, content: Tensor) -> Objective:
        """What is minimised at the current scale."""
        regions = self._pictures.regions(content)
        prediction = self._predict(regions)
        if self._objective is not None:
            self._objective.set_content(content, regions or self._objective.regions, prediction)
            return self._objective
        styles, tiling = self._pictures.styles_at(self.scale), self._prepared.tilings[self._level]
        network, device = self._prepared.network, self._prepared.device
        return Objective(network, content, styles, self.settings, tiling, device, regions, prediction)

    def _predict(self, regions: Regions | None) -> Prediction | None:
        """What a frame of a film is held to, where it is painted; None for a picture."""
        start = self._start
        if start is None or start.trust is None:
            return None
        trust = torch.from_numpy(start.trust).to(self._prepared.home)[None, None].float().div_(255)
        if regions is not None and regions.strength is not None:
            trust *= regions.strength
        return Prediction(self._pictures.as_painted(start, self.scale), trust, start.temporal_weight)

    def _initial_picture(self, objective: Objective, content: Tensor, coarser: Tensor | None) -> Tensor:
        """The coarser scale's result, enlarged; at the first scale, what the run starts from."""
        if coarser is not None:
            return finer_picture(self.settings, content, self._pictures.styles, coarser, objective)
        if objective.prediction is not None:
            return predicted_picture(self.settings, content, self._pictures.styles, objective.prediction, objective)
        if self._start is not None:
            return self._started_picture(objective, self._start)
        return first_picture(self.settings, content, self._pictures.styles, objective.regions)

    def _started_picture(self, objective: Objective, start: Start) -> Tensor:
        """The picture to start from; from a checkpoint on, pieces of the painting pull as they did before it."""
        image = self._pictures.as_painted(start, self.scale)
        begun = self._level > 0 or self.first_count > self.scale.steps // 2
        if begun and self.settings.patch_weight > 0:
            objective.repaint(image)
        return image

    # --- records -------------------------------------------------------------------------------

    @property
    def _given_up(self) -> bool:
        return self._restarts > 1

    @property
    def _over(self) -> bool:
        """Whether no further step is to be taken."""
        return self._given_up or self._prepared.controls.stopped

    @property
    def _finest(self) -> bool:
        return self._level == len(self._prepared.scales) - 1

    def _record(self, losses: Losses, picture: Picture | None, end: str | None = None) -> Step:
        """The record of the current step; waiting notes travel with it."""
        note, self._note = self._note, ""
        return Step(
            index=self._index,
            total=total_steps(self._prepared.scales),
            scale=self._level + 1,
            scales=len(self._prepared.scales),
            width=self.scale.width,
            height=self.scale.height,
            losses=losses,
            seconds=time.monotonic() - self._started,
            settings=self.settings,
            network=self._prepared.network.name,
            device=self._prepared.device_name,
            image=picture,
            end=end,
            note=note,
            skipped=self._skipped,
        )

    def _add_note(self, sentence: str, level: int = logging.WARNING) -> None:
        """A sentence for the log and, with the next Step, for the user."""
        logger.log(level, sentence)
        self._note = f"{self._note} {sentence}".strip()
