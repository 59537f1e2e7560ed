"""A page of its own: pictures, a slider that chooses one, a button that plays them.

matplotlib can write such a page too, but its buttons are letters of a font that the page fetches
from the network.
"""

from __future__ import annotations

import base64
from collections.abc import Sequence

from centra._utils.escapes import for_html, for_script

__all__ = ["page"]

_PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>k-means, step by step</title>
<style>
:root { color-scheme: light dark; }
body { margin: 1rem auto; max-width: __WIDTH__px; padding: 0 0.5rem;
  font: 1rem/1.4 system-ui, sans-serif; }
figure { margin: 0; }
img { display: block; width: 100%; height: auto; background: white; }
.controls { display: flex; gap: 0.75rem; align-items: center; margin-top: 0.5rem; }
input { flex: 1; min-width: 0; height: 2rem; accent-color: #0051b1; }
button { font: inherit; padding: 0.35rem 0.9rem; min-width: 5.2rem; }
p { margin: 0.4rem 0 0; min-height: 1.4em; font-variant-numeric: tabular-nums; }
</style>
</head>
<body>
<figure>
<img id="picture" alt="__ALT__" src="__FIRST__">
<div class="controls">
<button id="play" type="button">Play</button>
<input id="step" type="range" min="0" max="__LAST__" step="1" value="0" aria-label="iteration">
</div>
<p id="caption" aria-live="polite">__ALT__</p>
</figure>
<script>
"use strict";
const frames = __FRAMES__;
const captions = __CAPTIONS__;
const wait = __WAIT__;
const [picture, step, play, caption] =
  ["picture", "step", "play", "caption"].map((name) => document.getElementById(name));
let timer = null;

function show(i) {
  step.value = String(i);
  step.setAttribute("aria-valuetext", captions[i]);
  picture.src = "data:image/png;base64," + frames[i];
  picture.alt = caption.textContent = captions[i];
}

function stop() {
  clearInterval(timer);
  timer = null;
  play.textContent = "Play";
}

function next() {
  const i = Number(step.value) + 1;
  if (i < frames.length) show(i);
  if (i >= frames.length - 1) stop();
}

step.addEventListener("input", () => { stop(); show(Number(step.value)); });
play.addEventListener("click", () => {
  if (timer !== null) { stop(); return; }
  if (Number(step.value) === frames.length - 1) show(0);
  play.textContent = "Pause";
  timer = setInterval(next, wait);
});
show(0);
</script>
</body>
</html>
"""


def page(frames: Sequence[bytes], captions: Sequence[str], seconds: float, width: int = 760) -> str:
    """Write the page.

    Parameters
    ----------
    frames : sequence of bytes
        PNG images.
    captions : sequence of str
        What each of them shows: read out, and written below it.
    seconds : float
        How long each stays while the page plays them.
    width : int, default=760
        Width of the page in CSS pixels, at most.

    Returns
    -------
    html : str
        The page, with everything that it needs inside.
    """
    encoded = [base64.b64encode(frame).decode("ascii") for frame in frames]
    values = {
        "WIDTH": str(width),
        "ALT": for_html(captions[0]),
        "FIRST": f"data:image/png;base64,{encoded[0]}",
        "LAST": str(len(frames) - 1),
        "FRAMES": for_script(encoded),
        "CAPTIONS": for_script(list(captions)),
        "WAIT": str(round(1000 * seconds)),
    }
    parts = _PAGE.split("__")
    return "".join(values[part] if i % 2 else part for i, part in enumerate(parts))
