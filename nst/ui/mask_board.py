"""The photo with its mask over it: what is painted is tinted, and a mask can be drawn with mouse, pen or finger.

Gradio's own editor would send the photo back with every stroke, keep it in memory without a bound, and load a library
larger than the page. Here the mask alone is uploaded, as any other picture.
"""

from collections.abc import Sequence
from html import escape
from typing import Any

import gradio as gr

#: Long side of a drawing in pixels: its edges are softened by more than its pixels are wide.
DRAWN_SIDE = 640

# Everything is escaped before it gets here; see ``nst.ui.picker`` about braces.
_TEMPLATE = """
${value && `<div class="board${value.brushes.length ? " drawn" : ""}" style="--ratio:${value.ratio}">
  <div class="photo"><img src="${value.photo}" alt="Your photo; what is tinted is painted" draggable="false">
    <canvas aria-hidden="true"></canvas></div>
  ${value.brushes.length ? `<fieldset><legend>Brush</legend>${value.brushes.map(([colour, label], place) => `
      <label><input type="radio" name="brush" value="${colour}"${place ? "" : " checked"}>
        <i class="swatch" data-colour="${colour}"></i>${label}</label>`).join("")}</fieldset>
    <label class="width">Width <input type="range" min="2" max="30" value="10"></label>
    <div class="tools"><button type="button" data-do="undo">Undo</button>
      <button type="button" data-do="clear">Clear</button>
      <button type="button" data-do="enlarge">Enlarge</button></div><p class="lost" role="alert"></p>`
  : `<p class="key"><i class="swatch" data-colour="#ffffff"></i>painted
    <i class="swatch" data-colour="#000000"></i>stays the photo</p>`}
</div>` || ""}
"""

_ON_LOAD = """
const SIDE = %d, TINTS = [[214, 158, 30], [200, 45, 40], [30, 140, 75], [45, 90, 210]], STEPS = 10;
// The mask itself; the canvas on the page shows it as a tint, and goes whenever the page draws this part anew.
const mask = Object.assign(document.createElement('canvas'), {width: 1, height: 1});
const pen = mask.getContext('2d', {willReadFrequently: true});
const one = (selector) => element.querySelector(selector);
let version = '', earlier = [], at = null, due = false, sending = 0, held = false;

const tint = () => {
  due = false;
  const canvas = one('canvas'), {width, height} = mask;
  if (!canvas) return;
  const picture = pen.getImageData(0, 0, width, height), pixels = picture.data;
  for (let i = 0; i < pixels.length; i += 4) {
    const rgb = [pixels[i], pixels[i + 1], pixels[i + 2]], all = Math.min(...rgb), most = Math.max(...rgb);
    const shares = [all, ...rgb.map((value) => value - all)], sum = shares.reduce((a, b) => a + b) || 1;
    for (const c of [0, 1, 2]) pixels[i + c] = TINTS.reduce((mix, colour, k) => mix + colour[c] * shares[k], 0) / sum;
    pixels[i + 3] = most * .5;
  }
  Object.assign(canvas, {width, height}).getContext('2d').putImageData(picture, 0, 0);
};
const show = () => { if (!due) requestAnimationFrame(tint); due = true; };
const fill = () => { pen.fillStyle = '#fff'; pen.fillRect(0, 0, mask.width, mask.height); };
const load = (uri) => new Promise((resolve) => {
  const image = new Image();
  image.onload = () => resolve(image);
  image.onerror = () => resolve(null);
  image.src = uri;
});

const send = async () => {
  const turn = ++sending;
  try {
    const blob = await new Promise((resolve) => mask.toBlob(resolve));
    const {path} = await upload(new File([blob], 'drawing.png', {type: 'image/png'}));
    if (turn === sending) trigger('input', {path});
    one('.lost')?.replaceChildren();
  } catch { one('.lost')?.replaceChildren('The drawing did not arrive: draw another stroke.'); }
  if (turn !== sending) return;
  sending = 0;
  if (held) document.getElementById('run').click();
  held = false;
};
// Run waits for a drawing that is on its way.
document.addEventListener('click', (event) => {
  if (!sending || !event.target.closest('button#run')) return;
  held = true;
  event.stopImmediatePropagation();
}, true);

const sync = async () => {
  if (!props.value) { version = ''; return; }
  if (version !== props.value.version) {
    version = props.value.version;
    const [photo, drawn] = await Promise.all([load(props.value.photo), props.value.mask && load(props.value.mask)]);
    if (version !== props.value?.version) return;
    const {naturalWidth: w, naturalHeight: h} = photo, scale = SIDE / Math.max(w, h);
    Object.assign(mask, {width: Math.round(w * scale), height: Math.round(h * scale)});
    earlier = [];
    fill();
    if (drawn) pen.drawImage(drawn, 0, 0, mask.width, mask.height);
  }
  show();
};
watch('value', sync);
sync();

const keep = () => {
  earlier = [...earlier.slice(1 - STEPS), pen.getImageData(0, 0, mask.width, mask.height)];
};
const move = (event) => {
  const box = one('canvas').getBoundingClientRect();
  const to = [(event.clientX - box.x) / box.width * mask.width, (event.clientY - box.y) / box.height * mask.height];
  pen.strokeStyle = one('[name=brush]:checked').value;
  pen.lineWidth = one('[type=range]').value / 100 * Math.max(mask.width, mask.height);
  pen.lineCap = pen.lineJoin = 'round';
  pen.beginPath();
  pen.moveTo(...(at || to));
  pen.lineTo(...to);
  pen.stroke();
  at = to;
  show();
};
element.addEventListener('pointerdown', (event) => {
  if (!event.target.matches('.drawn canvas') || event.button) return;
  event.preventDefault();
  event.target.setPointerCapture(event.pointerId);
  keep();
  move(event);
});
element.addEventListener('pointermove', (event) => {
  if (at) for (const part of event.getCoalescedEvents?.() || [event]) move(part);
});
for (const end of ['pointerup', 'pointercancel']) element.addEventListener(end, () => { if (at) send(); at = null; });

const enlarge = (large) => {
  element.classList.toggle('large', large);
  one('[data-do=enlarge]').textContent = large ? 'Done' : 'Enlarge';
};
element.addEventListener('click', (event) => {
  const action = event.target.dataset.do;
  if (action === 'enlarge') enlarge(!element.classList.contains('large'));
  if (action === 'clear') { keep(); fill(); }
  if (action === 'undo' && earlier.length) pen.putImageData(earlier.pop(), 0, 0);
  if (action === 'clear' || action === 'undo') { show(); send(); }
});
document.addEventListener('keydown', (event) => {
  if (event.key !== 'Escape' || !element.classList.contains('large')) return;
  event.stopImmediatePropagation();
  enlarge(false);
}, true);
"""


def mask_board() -> gr.HTML:
    """The board; ``.input`` brings the path of the uploaded drawing in its event data."""
    return gr.HTML(
        "", html_template=_TEMPLATE, js_on_load=_ON_LOAD % DRAWN_SIDE, apply_default_css=False, elem_id="board"
    )


def board_value(
    photo: str, size: tuple[int, int], mask: str, version: str, brushes: Sequence[tuple[str, str]] = ()
) -> dict[str, Any]:
    """The value of a board; "" shows nothing.

    Args:
        photo: a data URI.
        size: its width and height in pixels.
        mask: a data URI of a mask, or "" for one that is white.
        version: the mask on the page is replaced when this changes.
        brushes: colour and label of each; without any, nothing can be drawn.
    """
    labelled = [(colour, escape(label)) for colour, label in brushes]
    ratio = f"{size[0] / size[1]:.4f}"
    return {"photo": photo, "ratio": ratio, "mask": mask, "version": version, "brushes": labelled}
