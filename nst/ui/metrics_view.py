"""The metrics of a picture as the page shows them."""

from collections.abc import Mapping
from html import escape
from typing import Any

from nst.pictures.metrics import shown_metrics

_WAITING = "When the picture is finished, its metrics appear here."
_FILM = "Films are not measured."


def metrics_table(metrics: Mapping[str, Any], *, film: bool = False) -> str:
    """A table of metrics with their explanations, as HTML; a hint where there are none, as of a ``film``."""
    rows = "".join(
        f'<tr><th scope="row">{escape(metric.label)}</th><td>{"<br>".join(escape(value).split(", "))}</td>'
        f"<td>{escape(metric.remark)}</td></tr>"
        for metric, value in shown_metrics(metrics)
    )
    if not rows:
        return f'<p class="hint">{_FILM if film else _WAITING}</p>'
    return f'<table class="metrics"><tbody>{rows}</tbody></table>'
