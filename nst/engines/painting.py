"""One run at a worker: its Steps are recorded, published and observed, and then its files are written."""

from collections.abc import Iterator
from dataclasses import replace

from nst.download_progress import ignore_progress
from nst.engines.estimates import Observer
from nst.engines.film_run import paint_film
from nst.engines.run import LocalRun
from nst.engines.worker import Worker
from nst.pyramid import total_steps
from nst.runs.finish import finish
from nst.runs.record import frame_interval, record
from nst.steps import Job, Step
from nst.transfer.options import StylizeOptions


def paint_run(worker: Worker, run: LocalRun, job: Job, options: StylizeOptions, observer: Observer) -> Step | None:
    """Let a worker paint a run, which steers it; the last Step, or None if there was none.

    Args:
        options: what holds for every run; where they let downloads pass, the run reports them.
    """
    last: Step | None = None
    steps = _steps(worker, run, job, options)
    for last in record(steps, run.where, job) if run.saved else steps:
        run.publish(last)
        observer.see(last)
    return last


def save_run(run: LocalRun, job: Job, last: Step) -> None:
    """Write the files of a run after its last Step."""
    run.save()
    for kind, path in finish(run.where, job, last):
        run.add_file(kind, path)


def _steps(worker: Worker, run: LocalRun, job: Job, options: StylizeOptions) -> Iterator[Step]:
    options = replace(
        options, controls=run.controls, content_size=job.content_size, start=job.start, mask=job.mask,
        frame_every=0 if job.film else frame_interval(total_steps(job.scales), job.picture_every),
        report=run.downloading if options.report is ignore_progress else options.report,
        metrics=run.saved,
    )  # fmt: skip
    if job.film is not None and worker.paint_frames is not None:
        return paint_film(job, run.where, options, worker.paint_frames)
    return worker.paint(job.content, job.styles, job.settings, options)
