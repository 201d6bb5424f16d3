"""Cards to click: the gallery of styles and the example photos, as one small component."""

from collections.abc import Iterable, Mapping, Sequence
from html import escape
from typing import Any

import gradio as gr

# Everything in a card is escaped before it gets here. Handlebars braces stay out of this template:
# what they insert would be evaluated as part of the JavaScript template literal. In a tab that is drawn late, Gradio
# renders the value before the cards are there.
_TEMPLATE = """
<div class="cards" role="group" aria-label="%s">
  ${(typeof cards === "undefined" ? [] : cards).concat(value.extra || []).map((card) => {
    const place = value.picked.indexOf(card.key) + 1, sample = (value.samples || {})[card.key];
    return `<button type="button" class="card${sample ? " sampled" : ""}" data-key="${card.key}"
        aria-pressed="${place > 0}" aria-description="${card.about}">
      <span class="thumb"><img src="${sample || card.thumb}" alt="${card.alt}" draggable="false"></span>
      <span class="badge" aria-hidden="true">${value.picked.length > 1 ? place || "" : "✓"}</span>
      ${card.kind && `<span class="kind ${card.kind}" role="img" aria-label="${card.kind}"></span>`}
      <span class="name">${card.title}</span><span class="by">${card.by}</span>
      <span class="mark">${(value.marks || {})[card.key] ?? card.mark}</span></button>`;
  }).join("")}
</div>
<p class="picked">${(typeof cards === "undefined" ? [] : cards).concat(value.extra || [])
  .filter((card) => value.picked.includes(card.key))
  .map((card) => `<b>${card.title}</b>${card.by ? ", " + card.by : ""}`).join("; ")}</p>
"""

# A card shows a part of its picture. The whole of it appears beside the card that the mouse is over or the keyboard
# is at, above everything else, so that nothing moves for it. A finger has no way to hover, and gets none.
_PEEK = """
const peek = document.createElement('figure');
peek.className = 'peek';
peek.setAttribute('aria-hidden', 'true');
peek.append(document.createElement('img'), document.createElement('figcaption'));
document.body.append(peek);
const [picture, caption] = peek.children;
let at = null;
const hide = () => { at = null; peek.classList.remove('shown'); };
const place = (card) => {
  const room = 12, box = card.getBoundingClientRect(), {offsetWidth: w, offsetHeight: h} = peek;
  const within = (start, size, whole) => Math.max(room, Math.min(start, whole - size - room));
  const right = element.getBoundingClientRect().right + 2 * room;
  const beside = right + w + room <= innerWidth;
  const above = box.top - h - room >= room ? box.top - h - room : box.bottom + room;
  peek.style.left = within(beside ? right : box.left + (box.width - w) / 2, w, innerWidth) + 'px';
  peek.style.top = (beside ? within(box.top + (box.height - h) / 2, h, innerHeight) : above) + 'px';
};
const show = (card) => {
  if (!card || card === at) return;
  const image = card.querySelector('img'), {naturalWidth: w, naturalHeight: h} = image;
  const by = card.querySelector('.by').textContent;
  at = card;
  picture.src = image.src;
  peek.style.setProperty('--ratio', w / h || 1);
  caption.replaceChildren(card.querySelector('.name').textContent + (by ? ', ' + by : ''));
  const more = document.createElement('small');
  more.textContent = card.getAttribute('aria-description');
  if (more.textContent) caption.append(more);
  place(card);
  peek.classList.add('shown');
};
const of = (event) => event.target.closest('[data-key]');
element.addEventListener('pointerover', (event) => {
  if (event.pointerType === 'mouse') of(event) ? show(of(event)) : hide();
});
element.addEventListener('pointerleave', hide);
element.addEventListener('focusin', (event) => { if (event.target.matches(':focus-visible')) show(of(event)); });
element.addEventListener('focusout', hide);
document.addEventListener('keydown', (event) => { if (event.key === 'Escape') hide(); });
addEventListener('scroll', () => { if (at) place(at); }, {capture: true, passive: true});
"""
_CLICK = """
element.addEventListener('click', (event) => {
  const card = event.target.closest('[data-key]');
  if (card) trigger('click', {key: card.dataset.key});
});
"""

Card = dict[str, str]


def card(
    key: str, title: str, thumb: str, *, by: str = "", mark: str = "", about: str = "", alt: str = "", kind: str = ""
) -> Card:
    """One card: ``thumb`` is a data URI, everything else is plain text and is escaped here.

    A ``kind``, such as "film", has a sign in the corner; the style sheet draws it.
    """
    texts = {"key": key, "title": title, "by": by, "mark": mark, "about": about, "alt": alt, "kind": kind}
    return {name: escape(text, quote=True) for name, text in texts.items()} | {"thumb": thumb}


def picker(
    title: str, cards: Iterable[Card], elem_id: str, picked: Sequence[str] = (), *, peek: bool = True
) -> gr.HTML:
    """A group of cards; ``.click`` brings the key of the card in its event data.

    With ``peek``, the whole picture of a card appears beside the one that is pointed at.
    """
    return gr.HTML(
        picked_value(picked), html_template=_TEMPLATE % escape(title), js_on_load=_PEEK * peek + _CLICK,
        apply_default_css=False, elem_id=elem_id, cards=list(cards),
    )  # fmt: skip


def picked_value(
    picked: Sequence[str],
    extra: Iterable[Card] = (),
    samples: Mapping[str, str] | None = None,
    marks: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """The value of a picker.

    Args:
        picked: the keys that are picked, in order.
        extra: cards beyond the fixed ones.
        samples: key -> data URI, in place of the pictures of those cards.
        marks: key -> plain text, in place of the marks of those cards.
    """
    marked = {key: escape(text, quote=True) for key, text in (marks or {}).items()}
    return {"picked": list(picked), "extra": list(extra), "samples": dict(samples or {}), "marks": marked}
