"""The metrics of a picture as the page shows them."""

from nst.ui.metrics_view import metrics_table


def test_there_is_a_row_for_each_metric_and_a_hint_without_any() -> None:
    table = metrics_table({"relative_style_loss": {"<b>": 0.5}, "ssim": 0.25})
    assert table.count("<tr>") == 2
    assert "<td>&lt;b&gt; 0.5</td>" in table
    assert '<th scope="row">Structure kept</th><td>0.25</td>' in table
    assert "its metrics appear here" in metrics_table({})
    assert "Films are not measured." in metrics_table({}, film=True)
