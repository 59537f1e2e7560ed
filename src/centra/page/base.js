"use strict";
// What all parts of the page share: its data, what is chosen, numbers as text, colours of clusters.
const page = (() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const $ = (id) => document.getElementById(id);
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const narrow = matchMedia("(max-width: 40rem)");
  const state = {
    model: data.models.findIndex((m) => m.k === data.chosen), step: 0, only: null, whole: false, timer: null,
    lasso: false, selected: [], paper: false,
  };
  const model = () => data.models[state.model];
  const dim = () => dark.matches && !state.paper; // paper is white

  // --- base64 to numbers, and what rows are called ----------------------------------------------
  const bytes = (text) => {
    const read = atob(text), made = new Uint8Array(read.length);
    for (let i = 0; i < read.length; i++) made[i] = read.charCodeAt(i);
    return made.buffer;
  };
  const numbers = new Uint32Array(bytes(data.numbers));
  const labelsOf = (m, step) => (m.k <= 256 ? new Uint8Array(bytes(step.labels)) : new Uint16Array(bytes(step.labels)));
  const nameOf = (i) => (data.called ? data.called[i] : "row " + numbers[i]);

  // --- the picture: where rows lie, which are in colour, how large they are ----------------------
  const floats = (text) => new Float32Array(bytes(text));
  const x = floats(data.x), y = floats(data.y);
  const dots = () => (x.length > 2000 ? { size: 4, opacity: 0.75 } : { size: 7, opacity: 0.9 });
  const look = () => {
    const style = getComputedStyle(document.documentElement);
    const named = (name) => style.getPropertyValue("--" + name).trim();
    return { ground: named("ground"), ink: named("ink"), soft: named("soft"), line: named("line"), mark: named("mark"), pick: named("pick") };
  };
  // Labels of the rows at this step, a colour for each cluster, and which clusters are in colour.
  const tinted = () => {
    const m = model(), all = Array.from({ length: m.k }, (_, j) => j), shown = (j) => state.only === null || state.only === j;
    const faint = dim() ? "#34383e" : "#e3e3e0";
    return { labels: labelsOf(m, m.steps[state.step]), palette: all.map((j) => (shown(j) ? color(j) : faint)), which: all.filter(shown) };
  };

  // --- text -------------------------------------------------------------------------------------
  const short = (text, most = 24) => (text.length > most ? text.slice(0, most - 1) + "…" : text);
  const many = (n, what) => n.toLocaleString("en") + " " + what + (n === 1 ? "" : "s");
  const whole = new Intl.NumberFormat("en", { maximumFractionDigits: 0 });
  const digits = new Intl.NumberFormat("en", { maximumSignificantDigits: 6 });
  const number = (value) => {
    if (value === null) return "–";
    const size = Math.abs(value);
    if (!Number.isInteger(value) && (size < 1e-3 || size >= 1e9)) return value.toExponential(3);
    return (Number.isInteger(value) || size >= 1e5 ? whole : digits).format(value);
  };
  const percent = (value) => (100 * value).toFixed(1) + " %";
  // A sentence begins with a capital, but k is k.
  const sentence = (text) => (/^k\b/.test(text) ? text : text.charAt(0).toUpperCase() + text.slice(1));
  const titled = (name) => data.titles[name] ?? name.replaceAll("_", " ");

  // --- colours ----------------------------------------------------------------------------------
  const mixed = (color, other, share) => {
    const parts = (c) => [1, 3, 5].map((at) => parseInt(c.slice(at, at + 2), 16));
    const [a, b] = [parts(color), parts(other)];
    return "#" + a.map((v, i) => Math.round(v + share * (b[i] - v)).toString(16).padStart(2, "0")).join("");
  };
  // On a dark ground all colours are lighter, near-black most of all. Where the colours start again
  // they are darker, so that two neighbours are not taken for one cluster.
  const color = (cluster) => {
    const style = model().styles[cluster]; // so that neighbours have different colours
    const base = data.colors[style % data.colors.length], black = base === "#222222";
    const again = Math.floor(style / data.colors.length) % 2 === 1;
    if (dim()) return mixed(base, "#ffffff", black ? (again ? 0.5 : 0.85) : (again ? 0.1 : 0.4));
    if (again) return black ? "#6b6b6b" : mixed(base, "#000000", 0.4);
    return base;
  };
  // Blue below the average, vermilion above: as far from the ground as the value from the average.
  const shade = (deviation) => {
    const strength = 0.5 * Math.min(Math.abs(deviation) / 2.5, 1);
    if (Math.abs(deviation) < 0.1) return "";
    const [low, high] = dim() ? ["62, 150, 255", "255, 122, 66"] : ["0, 81, 177", "199, 66, 0"];
    return "rgba(" + (deviation < 0 ? low : high) + ", " + strength.toFixed(3) + ")";
  };

  const element = (name, text, kind) => {
    const made = document.createElement(name);
    if (text !== undefined) made.textContent = text;
    if (kind) made.className = kind;
    return made;
  };
  const swatch = (j) => {
    const made = element("span", undefined, "swatch");
    made.style.background = color(j);
    return made;
  };
  // What waits for the drawing library puts its functions here; until then, and without it, all else works.
  const pictures = { draw: () => {}, criteria: () => {}, paper: () => {}, clear: () => {} };
  return {
    data, $, dark, narrow, state, model, numbers, labelsOf, nameOf, short, many, number, percent, sentence, titled,
    color, shade, element, swatch, pictures, floats, x, y, dots, look, tinted,
  };
})();
