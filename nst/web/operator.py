"""A page for whoever runs the studio: its painters, its line, and how the last runs went."""

from collections.abc import Callable, Sequence
from html import escape
from statistics import median

from starlette.responses import HTMLResponse

from nst.engines.base import Engine, PainterState, RunSummary
from nst.version import NAME

#: Seconds after which a browser loads the page anew.
REFRESH = 5

_STYLE = """
:root { color-scheme: light dark }
body { font: 16px/1.5 ui-sans-serif, system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem;
  background: light-dark(#fbf8f2, #161310); color: light-dark(#2e2924, #e9e1d3) }
h1 { font-size: 1.5rem } h2 { font-size: 1.1rem; margin-top: 2rem }
div { overflow-x: auto } table { border-collapse: collapse; width: 100% }
th, td { text-align: left; padding: .35rem 1rem .35rem 0; border-bottom: 1px solid light-dark(#d6cbb8, #463f36) }
"""


def operator(engine: Engine) -> Callable[..., HTMLResponse]:
    """What answers ``/operator``. Nothing on it shows a picture or whose it is."""

    def answer(_request: object) -> HTMLResponse:
        runs = engine.summaries
        body = [f"<h1>{NAME}: painters and runs</h1>", f"<p>{_overview(engine, runs)}</p>"]
        if engine.painters:
            body += ["<h2>Painters</h2>", _painters(engine.painters)]
        if runs:
            body += ["<h2>Runs</h2>", _runs(runs)]
        return HTMLResponse(_document("\n".join(body)))

    return answer


def _document(body: str) -> str:
    head = (
        f'<meta charset="utf-8"><meta http-equiv="refresh" content="{REFRESH}"><title>{NAME}: painters and runs</title>'
        f'<meta name="viewport" content="width=device-width"><style>{_STYLE}</style>'
    )
    return f'<!doctype html><html lang="en"><head>{head}</head><body><main>{body}</main></body></html>'


def _overview(engine: Engine, runs: Sequence[RunSummary]) -> str:
    if not engine.ready:
        return f"Not ready. {engine.waiting} waiting."
    waits = [run.waited for run in runs if run.state != "waiting"]
    typical = f" Half of the last {len(waits)} runs waited {median(waits):.0f} s or less." if waits else ""
    failed = sum(run.state == "failed" for run in runs)
    return escape(f"Ready on {engine.device}. {engine.waiting} waiting, {failed} of {len(runs)} failed.{typical}")


def _painters(painters: Sequence[PainterState]) -> str:
    heads = ("State", "Step", "Device", "Machine", "Process", "Lost during a run")
    rows = [
        (
            painter.state, f"{painter.step} of {painter.steps}" if painter.state == "painting" else "",
            painter.device, painter.host, painter.process or "", painter.losses,
        )
        for painter in painters
    ]  # fmt: skip
    return _table(heads, rows)


def _runs(runs: Sequence[RunSummary]) -> str:
    rows = [(run.state, f"{run.waited:.0f} s", f"{run.painted:.0f} s", run.error) for run in runs]
    return _table(("State", "Waited", "Painted", "Error"), rows)


def _table(heads: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    head = "".join(f'<th scope="col">{escape(name)}</th>' for name in heads)
    lines = ("".join(f"<td>{escape(str(cell))}</td>" for cell in row) for row in rows)
    body = "".join(f"<tr>{line}</tr>" for line in lines)
    # A keyboard can scroll what has the focus.
    return f'<div tabindex="0"><table><tr>{head}</tr>{body}</table></div>'
