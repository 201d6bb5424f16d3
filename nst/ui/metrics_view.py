"""The metrics of a picture as the page shows them."""

from collections.abc import Mapping
from html import escape
from typing import Any

from nst.pictures.metrics import shown_metrics

EMPTY = '<p class="hint">When the picture is finished, its metrics are here.</p>'


def metrics_table(metrics: Mapping[str, Any]) -> str:
    """A table of metrics with their explanations, as HTML; a hint where there are none."""
    rows = "".join(
        f'<tr><th scope="row">{escape(metric.label)}</th><td>{"<br>".join(escape(value).split(", "))}</td>'
        f"<td>{escape(metric.remark)}</td></tr>"
        for metric, value in shown_metrics(metrics)
    )
    return f'<table class="metrics"><tbody>{rows}</tbody></table>' if rows else EMPTY
