"""Records of the losses."""

from nst.steps import Losses


def test_losses_have_their_terms_in_order_the_layers_after_the_style_and_the_total_last() -> None:
    losses = Losses(terms={"content": 1.0, "style": 2.0, "hue": 3.0}, style_layers={"one": 4.0}, total=5.0)
    expected = {"content": 1.0, "style": 2.0, "style_layers": {"one": 4.0}, "hue": 3.0, "total": 5.0}
    assert list(losses.to_dict().items()) == list(expected.items())
