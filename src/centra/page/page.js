"use strict";
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const $ = (id) => document.getElementById(id);
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const narrow = matchMedia("(max-width: 40rem)");

  // --- content: base64 to numbers, text to what plotly shows as it is ---------------------------
  const bytes = (text) => Uint8Array.from(atob(text), (c) => c.charCodeAt(0)).buffer;
  const floats = (text) => new Float32Array(bytes(text));
  const x = floats(data.x), y = floats(data.y), numbers = new Uint32Array(bytes(data.numbers));
  const values = data.values.map(floats);
  const labelsOf = (model, step) => (model.k <= 256 ? new Uint8Array(bytes(step.labels)) : new Uint16Array(bytes(step.labels)));
  // plotly reads some HTML in its texts; a name must not be read so.
  const plain = (text) => String(text).replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
  const short = (text) => (text.length > 24 ? text.slice(0, 23) + "…" : text);
  const number = (value) => {
    if (value === null) return "–";
    if (Number.isInteger(value)) return value.toLocaleString("en");
    const size = Math.abs(value);
    return size !== 0 && (size < 1e-3 || size >= 1e9) ? value.toExponential(3) : value.toLocaleString("en", { maximumSignificantDigits: 6 });
  };

  const state = { model: data.models.findIndex((m) => m.k === data.chosen), step: 0, only: null, timer: null };
  const model = () => data.models[state.model];
  const style = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

  // --- colours ----------------------------------------------------------------------------------
  const mixed = (color, other, share) => {
    const parts = (c) => [1, 3, 5].map((at) => parseInt(c.slice(at, at + 2), 16));
    const [a, b] = [parts(color), parts(other)];
    return "#" + a.map((v, i) => Math.round(v + share * (b[i] - v)).toString(16).padStart(2, "0")).join("");
  };
  // On a dark ground all colours are lighter, near-black most of all.
  const color = (cluster) => {
    const base = data.colors[cluster % data.colors.length];
    return dark.matches ? mixed(base, "#ffffff", base === "#222222" ? 0.85 : 0.4) : base;
  };
  const faint = () => (dark.matches ? "#34383e" : "#e3e3e0");

  // --- the scatter ------------------------------------------------------------------------------
  const hover = Array.from(x, (_, i) => {
    const lines = values.map((v, q) => plain(short(data.columns[q])) + ": " + number(v[i]));
    if (data.columns.length > values.length) lines.push("and " + (data.columns.length - values.length) + " more columns");
    return "<b>row " + numbers[i].toLocaleString("en") + "</b><br>" + lines.join("<br>");
  });
  const layout = () => ({
    margin: { l: 55, r: 10, t: 10, b: 45 },
    paper_bgcolor: style("--ground"), plot_bgcolor: style("--ground"),
    font: { color: style("--ink"), family: "system-ui, sans-serif" },
    xaxis: { title: { text: plain(data.axes[0]) }, gridcolor: style("--line"), zeroline: false },
    yaxis: { title: { text: plain(data.axes[1]) }, gridcolor: style("--line"), zeroline: false, visible: data.axes[1] !== "" },
    showlegend: false, hovermode: "closest", dragmode: narrow.matches ? false : "pan", uirevision: "same",
  });
  const config = { displaylogo: false, responsive: true, scrollZoom: true, displayModeBar: false };

  const traces = () => {
    const m = model(), step = m.steps[state.step], labels = labelsOf(m, step);
    const shown = (j) => state.only === null || state.only === j;
    const palette = Array.from({ length: m.k }, (_, j) => (shown(j) ? color(j) : faint()));
    const colors = Array.from(labels, (j) => palette[j]);
    const texts = hover.map((text, i) => text + "<br>cluster " + labels[i]);
    const rows = {
      type: "scattergl", mode: "markers", x, y, text: texts, hovertemplate: "%{text}<extra></extra>",
      marker: { color: colors, size: x.length > 2000 ? 4 : 7, opacity: x.length > 2000 ? 0.75 : 0.9 },
    };
    const way = { type: "scatter", mode: "lines", x: [], y: [], hoverinfo: "skip", line: { color: style("--ink"), width: 1.5 } };
    for (let j = 0; j < m.k; j++) {
      if (!shown(j)) continue;
      for (const before of m.steps.slice(0, state.step + 1)) {
        way.x.push(before.centers[0][j]);
        way.y.push(before.centers[1][j]);
      }
      way.x.push(null);
      way.y.push(null);
    }
    const which = Array.from({ length: m.k }, (_, j) => j).filter(shown);
    const centers = {
      type: "scatter", mode: "markers+text", x: which.map((j) => step.centers[0][j]), y: which.map((j) => step.centers[1][j]),
      text: which.map(String), textfont: { size: 12, color: style("--ink") },
      hovertemplate: "centre %{text}<extra></extra>",
      marker: { size: 22, color: style("--ground"), line: { width: 2.5, color: which.map(color) } },
    };
    return [rows, way, centers];
  };
  const draw = () => Plotly.react("plot", traces(), layout(), config);

  // --- tables -----------------------------------------------------------------------------------
  const element = (name, text) => {
    const made = document.createElement(name);
    if (text !== undefined) made.textContent = text;
    return made;
  };
  // Columns: [heading, values, how to write one]. `first` makes the cell that names a row.
  const table = (where, columns, first, on) => {
    const place = $(where), order = Array.from(columns[0][1].keys());
    const head = place.createTHead ? element("thead") : null, line = element("tr"), body = element("tbody");
    const fill = () => {
      body.replaceChildren(...order.map((at) => {
        const row = element("tr");
        columns.forEach(([, values, write], q) => {
          const cell = element("td");
          if (q === 0 && first) cell.append(first(values[at]));
          else cell.textContent = (write || number)(values[at]);
          row.append(cell);
        });
        if (on && on(columns[0][1][at])) row.className = "on";
        return row;
      }));
    };
    columns.forEach(([heading, values]) => {
      const cell = element("th"), button = element("button", heading);
      button.type = "button";
      button.addEventListener("click", () => {
        const up = cell.getAttribute("aria-sort") !== "ascending";
        line.querySelectorAll("th").forEach((other) => other.removeAttribute("aria-sort"));
        cell.setAttribute("aria-sort", up ? "ascending" : "descending");
        const rank = (v) => (v === null ? Infinity : v);
        order.sort((a, b) => {
          const [v, w] = [rank(values[a]), rank(values[b])];
          return (v < w ? -1 : v > w ? 1 : a - b) * (up ? 1 : -1);
        });
        fill();
      });
      cell.scope = "col";
      cell.append(button);
      line.append(cell);
    });
    head.append(line);
    place.replaceChildren(head, body);
    fill();
  };
  const percent = (value) => (100 * value).toFixed(1) + " %";

  const clusterButton = (j) => {
    const button = element("button"), swatch = element("span");
    swatch.className = "swatch";
    swatch.style.background = color(j);
    button.type = "button";
    button.append(swatch, "cluster " + j);
    button.setAttribute("aria-pressed", String(state.only === j));
    button.addEventListener("click", () => choose(state.only === j ? null : j));
    return button;
  };
  const tables = () => {
    const m = model(), c = m.clusters;
    const name = (j) => (j < 0 ? "–" : "cluster " + j);
    table("clusters", [
      ["cluster", c.cluster], ["rows", c.rows], ["radius", c.radius], ["separation", c.separation],
      ["inertia", c.inertia], ["between", c.between, percent], ["mostly", c.nearest, name],
    ], clusterButton, (j) => j === state.only);
    const columns = data.columns.slice(0, 50).map((column, q) => [short(column), m.centers.map((center) => center[q])]);
    table("centers", [["cluster", c.cluster, String], ...columns]);
  };
  const list = (where, lines) => $(where).replaceChildren(...lines.map((line) => element("li", line)));

  // --- over k -----------------------------------------------------------------------------------
  const named = (name) => name.replaceAll("_", " ");
  const criteria = () => {
    const all = data.criteria, ks = all.k;
    $("choice").hidden = ks.length < 2;
    if (ks.length < 2) return;
    list("verdict", data.verdict);
    const names = Object.keys(all).filter((n) => n !== "k" && n !== "n_iter" && !/_(error|sd)$/.test(n) && all[n].some((v) => typeof v === "number"));
    $("criteria").replaceChildren(...names.map((n) => {
      const place = element("div");
      place.id = "criterion-" + n;
      return place;
    }));
    const k = model().k;
    for (const n of names) {
      const base = layout();
      Plotly.newPlot("criterion-" + n, [
        { type: "scatter", mode: "lines+markers", x: ks, y: all[n], line: { color: style("--soft") }, marker: { size: 6 },
          hovertemplate: "k = %{x}: %{y}<extra></extra>" },
        { type: "scatter", mode: "markers", x: [k], y: [all[n][ks.indexOf(k)]], marker: { size: 12, color: style("--mark") }, hoverinfo: "skip" },
      ], {
        ...base, margin: { l: 55, r: 10, t: 30, b: 30 }, title: { text: plain(named(n)), font: { size: 13 } },
        xaxis: { gridcolor: style("--line"), dtick: ks.length > 12 ? undefined : 1 }, yaxis: { gridcolor: style("--line") }, dragmode: false,
      }, { ...config, scrollZoom: false });
    }
    table("criteria-table", Object.keys(all).map((n) => [named(n), all[n]]), undefined, (value) => value === k);
  };

  // --- what is chosen ---------------------------------------------------------------------------
  const show = () => {
    const m = model(), step = m.steps[state.step];
    $("k-value").textContent = String(m.k);
    $("step-value").textContent = step.iteration + " of " + m.n_iter + ", inertia " + number(step.inertia);
    $("step").setAttribute("aria-valuetext", "iteration " + step.iteration);
    $("all").disabled = state.only === null;
    draw();
  };
  const whole = () => {
    const m = model();
    $("step").max = String(m.steps.length - 1);
    $("step").value = String(state.step);
    list("remarks", m.remarks);
    tables();
    criteria();
    show();
  };
  const choose = (cluster) => {
    state.only = cluster;
    tables();
    show();
    if (cluster !== null) document.querySelector("#clusters button[aria-pressed=true]")?.focus();
  };
  const stop = () => {
    clearInterval(state.timer);
    state.timer = null;
    $("play").textContent = "Play";
    $("play").setAttribute("aria-pressed", "false");
  };
  $("step").addEventListener("input", () => {
    stop();
    state.step = Number($("step").value);
    show();
  });
  $("k").addEventListener("input", () => {
    stop();
    state.model = Number($("k").value);
    state.step = model().steps.length - 1;
    state.only = null;
    whole();
  });
  $("play").addEventListener("click", () => {
    if (state.timer !== null) return stop();
    $("play").textContent = "Stop";
    $("play").setAttribute("aria-pressed", "true");
    state.step = -1;
    state.timer = setInterval(() => {
      state.step += 1;
      $("step").value = String(state.step);
      show();
      if (state.step >= model().steps.length - 1) stop();
    }, 500);
  });
  $("all").addEventListener("click", () => choose(null));
  dark.addEventListener("change", whole);

  const many = (n, what) => n.toLocaleString("en") + " " + what + (n === 1 ? "" : "s");
  $("title").textContent = data.title;
  $("summary").textContent = many(data.rows, "row") + ", " + many(data.columns.length, "column");
  $("note").textContent = (data.drawn < data.rows
    ? "Drawn are " + many(data.drawn, "row") + ", a sample with seed " + data.seed + "; remarks and tables are about all rows. "
    : "") + "A line is the way that a centre has come. Scroll to zoom, drag to move.";
  $("k-control").hidden = data.models.length < 2;
  $("k").min = "0";
  $("k").max = String(data.models.length - 1);
  $("k").value = String(state.model);
  $("step").min = "0";
  state.step = model().steps.length - 1;
  whole();
  $("plot").on("plotly_click", (event) => {
    const point = event.points[0], m = model();
    if (point.curveNumber === 0) choose(labelsOf(m, m.steps[state.step])[point.pointIndex]);
    if (point.curveNumber === 2) choose(Number(point.text));
  });
})();
