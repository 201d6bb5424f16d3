"""Cards to click: the gallery of styles and the example photos, as one small component."""

from collections.abc import Iterable, Sequence
from html import escape

import gradio as gr

# Everything in a card is escaped before it gets here. Handlebars braces stay out of this template:
# what they insert would be evaluated as part of the JavaScript template literal.
_TEMPLATE = """
<div class="cards" role="group" aria-label="${title}">
  ${cards.concat(value.extra || []).map((card) => {
    const place = value.picked.indexOf(card.key) + 1;
    return `<button type="button" class="card" data-key="${card.key}" aria-pressed="${place > 0}" title="${card.about}">
      <span class="thumb"><img src="${card.thumb}" alt="${card.alt}" draggable="false"></span>
      <span class="badge" aria-hidden="true">${value.picked.length > 1 ? place || "" : "✓"}</span>
      <span class="name">${card.title}</span><span class="by">${card.by}</span></button>`;
  }).join("")}
</div>
"""

_ON_LOAD = """
element.addEventListener('click', (event) => {
  const card = event.target.closest('[data-key]');
  if (card) trigger('click', {key: card.dataset.key});
});
"""

Card = dict[str, str]


def card(key: str, title: str, thumb: str, *, by: str = "", about: str = "", alt: str = "") -> Card:
    """One card: ``thumb`` is a data URI, everything else is plain text and is escaped here."""
    texts = {"key": key, "title": title, "by": by, "about": about, "alt": alt}
    return {name: escape(text, quote=True) for name, text in texts.items()} | {"thumb": thumb}


def picker(title: str, cards: Iterable[Card], elem_id: str, picked: Sequence[str] = ()) -> gr.HTML:
    """A group of cards; ``.click`` brings the key of the card in its event data."""
    return gr.HTML(
        picked_value(picked), html_template=_TEMPLATE, js_on_load=_ON_LOAD, apply_default_css=False,
        elem_id=elem_id, cards=list(cards), title=title,
    )  # fmt: skip


def picked_value(picked: Sequence[str], extra: Iterable[Card] = ()) -> dict[str, list]:
    """The value of a picker: the keys that are picked, in order, and cards beyond the fixed ones."""
    return {"picked": list(picked), "extra": list(extra)}
