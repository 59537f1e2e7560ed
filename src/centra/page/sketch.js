"use strict";
// The first picture: rows and centres on a canvas, where plotly puts them. It is there at once; the drawing
// library, most of the file, is read when the browser has nothing else to do, or when it is needed.
(() => {
  const { $, data, state, model, x, y, look, tinted, pictures } = page;
  const place = $("plot"), canvas = page.element("canvas");
  place.append(canvas);

  // plotly's rule: all points are inside by their size and a twentieth of the axis.
  const range = (axis, length, step) => {
    const opening = data.opening?.[axis === 0 ? "x" : "y"];
    if (opening && !state.whole) return opening;
    const rows = axis === 0 ? x : y, steps = model().steps.slice(0, state.step + 1);
    const ends = [[rows, 3], [steps.flatMap((each) => each.centers[axis]), 0], [step.centers[axis], 13.75]].map(([values, size]) => {
      const [low, high] = values.reduce(([a, b], v) => [Math.min(a, v), Math.max(b, v)], [Infinity, -Infinity]);
      return { low, high, pad: size + 0.05 * length };
    });
    let best = 0, found = [ends[0].low - 1, ends[0].high + 1];
    for (const { low, pad } of ends) {
      for (const { high, pad: other } of ends) {
        const unit = (high - low) / (length - pad - other);
        if (unit > best) [best, found] = [unit, [low - unit * pad, high + unit * other]];
      }
    }
    return found;
  };
  const ticks = ([low, high], length, least) => {
    const rough = (high - low) / (Math.min(Math.max(length / least, 4), 9) + 1), base = 10 ** Math.floor(Math.log10(rough));
    const step = base * [1, 2, 5, 10].find((each) => each * base >= rough * (1 - 1e-9)), found = [];
    for (let at = Math.ceil(low / step); at * step <= high; at++) found.push(at * step);
    return { found, step };
  };
  const written = (value, step) => {
    const [size, unit] = step >= 1e9 ? [1e9, "B"] : step >= 1e6 ? [1e6, "M"] : step >= 1e3 ? [1e3, "k"] : [1, ""];
    const places = Math.max(0, -Math.floor(Math.log10(step / size) + 1e-9));
    return places > 6 ? value.toExponential(1) : (value / size).toFixed(Math.min(places, 20)).replace("-", "−") + (value === 0 ? "" : unit);
  };
  const disc = (to, left, top, radius) => {
    to.beginPath();
    to.arc(left, top, radius, 0, 2 * Math.PI);
  };
  const sketch = () => {
    const { clientWidth: width, clientHeight: height } = place, scale = devicePixelRatio || 1, colors = look();
    [canvas.width, canvas.height] = [width * scale, height * scale];
    const to = canvas.getContext("2d"), m = model(), step = m.steps[state.step], { palette, labels, which } = tinted();
    const box = { left: data.axes[1] === "" ? 15 : 55, right: width - 10, top: 10, bottom: height - 45 };
    const wide = box.right - box.left, high = box.bottom - box.top;
    const ranges = [range(0, wide, step), range(1, high, step)];
    const across = (v) => box.left + (wide * (v - ranges[0][0])) / (ranges[0][1] - ranges[0][0]);
    const down = (v) => box.bottom - (high * (v - ranges[1][0])) / (ranges[1][1] - ranges[1][0]);
    to.scale(scale, scale);
    to.font = "12px system-ui, sans-serif";
    const xs = ticks(ranges[0], wide, 80), ys = ticks(ranges[1], high, 40);
    const write = (text, left, top) => {
      to.fillStyle = colors.ink;
      to.fillText(text, left, top);
      to.fillStyle = colors.line;
    };
    to.fillStyle = colors.line;
    to.textAlign = "center";
    xs.found.forEach((v) => {
      to.fillRect(Math.round(across(v)), box.top, 1, high);
      write(written(v, xs.step), across(v), box.bottom + 13);
    });
    to.textAlign = "right";
    if (data.axes[1] !== "") {
      ys.found.forEach((v) => {
        to.fillRect(box.left, Math.round(down(v)), wide, 1);
        write(written(v, ys.step), box.left - 2, down(v) + 4);
      });
    }
    to.font = "14px system-ui, sans-serif";
    to.textAlign = "center";
    write(page.short(data.axes[0], 50), (box.left + box.right) / 2, height - 3);
    to.save();
    to.translate(16, (box.top + box.bottom) / 2);
    to.rotate(-Math.PI / 2);
    write(page.short(data.axes[1], 50), 0, 0);
    to.restore();
    to.beginPath();
    to.rect(box.left, box.top, wide, high);
    to.clip();
    const size = page.dots();
    to.globalAlpha = size.opacity;
    for (let i = 0; i < x.length; i++) {
      disc(to, across(x[i]), down(y[i]), size.size / 2);
      to.fillStyle = palette[labels[i]];
      to.fill();
    }
    to.globalAlpha = 1;
    to.strokeStyle = colors.ink;
    to.lineWidth = 1.5;
    for (const j of which) {
      to.beginPath();
      m.steps.slice(0, state.step + 1).forEach((each) => to.lineTo(across(each.centers[0][j]), down(each.centers[1][j])));
      to.stroke();
    }
    to.lineWidth = 2.5;
    to.font = "12px system-ui, sans-serif";
    for (const j of which) {
      const left = across(step.centers[0][j]), top = down(step.centers[1][j]);
      disc(to, left, top, 11);
      to.fillStyle = colors.ground;
      to.fill();
      to.strokeStyle = page.color(j);
      to.stroke();
      to.fillStyle = colors.ink;
      to.fillText(String(j), left, top + 4);
    }
  };
  const again = () => pictures.draw();
  Object.assign(pictures, { draw: sketch, paper: sketch });
  addEventListener("resize", again);
  sketch();

  // The library is kept as text until then: a script made of it runs at once, asks for nothing, and is no eval.
  let wanted = true;
  page.load = () => {
    if (!wanted) return;
    wanted = false;
    const script = page.element("script", $("library").textContent);
    $("library").remove();
    document.body.append(script);
    if (typeof Plotly === "undefined") return; // the sketch stays
    page.plotly();
    removeEventListener("resize", again);
    canvas.remove();
  };
  for (const event of ["pointerenter", "touchstart"]) place.addEventListener(event, page.load, { once: true, passive: true });
  for (const name of ["lasso", "save-png", "save-svg"]) $(name).addEventListener("click", page.load, { capture: true, once: true });
  const idle = window.requestIdleCallback ?? ((run) => setTimeout(run, 50));
  // After what is first has been painted.
  addEventListener("load", () => requestAnimationFrame(() => setTimeout(() => idle(page.load, { timeout: 2000 }))));
})();
