"use strict";
// What plotly draws, when it is there: the rows with their centres, and criteria over k.
page.plotly = () => {
  const { data, state, model, color, titled, short, many, $, narrow, numbers, nameOf, x, y, dots, look, tinted } = page;
  const values = data.values.map(page.floats);
  // plotly reads some HTML in its texts; a name must not be read so.
  const plain = (text) => String(text).replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");

  // --- how it looks -----------------------------------------------------------------------------
  const layout = ({ ground, ink, line }) => ({
    margin: { l: 55, r: 10, t: 10, b: 45 }, paper_bgcolor: ground, plot_bgcolor: ground,
    font: { color: ink, family: "system-ui, sans-serif" }, showlegend: false, hovermode: "closest", dragmode: false,
    xaxis: { gridcolor: line, zeroline: false }, yaxis: { gridcolor: line, zeroline: false },
  });
  const PAPER = { width: 640, height: 440, autosize: false }; // fits A4 and Letter
  const config = { displaylogo: false, responsive: true, displayModeBar: false };

  // --- the rows and their centres ---------------------------------------------------------------
  // plotly fills these in where the pointer is: writing all rows beforehand would take long.
  const form = (v) => {
    const most = v.reduce((m, value) => Math.max(m, Math.abs(value)), 0);
    return most >= 1e-3 && most < 1e9 ? ",.6~r" : ".6~g";
  };
  const rowData = Array.from(numbers, (_, i) => [plain(nameOf(i)), ...values.map((v) => v[i])]);
  const rowText = "<b>%{customdata[0]}</b><br>"
    + values.map((v, q) => "%{meta[" + q + "]}: %{customdata[" + (q + 1) + "]:" + form(v) + "}<br>").join("")
    + (data.columns.length > values.length ? "and " + many(data.columns.length - values.length, "more column") + "<br>" : "")
    + "cluster %{text}<extra></extra>";
  const rowNames = values.map((_, q) => plain(short(data.columns[q])));

  const traces = ({ ground, ink }) => {
    const m = model(), step = m.steps[state.step], { labels, palette, which } = tinted();
    // Not scattergl: plotly lays that over all SVG, and rows would hide the numbers of the centres.
    const rows = {
      type: "scatter", mode: "markers", x, y, text: Array.from(labels), customdata: rowData, meta: rowNames, hovertemplate: rowText,
      marker: { color: Array.from(labels, (j) => palette[j]), ...dots() },
    };
    const way = { type: "scatter", mode: "lines", x: [], y: [], hoverinfo: "skip", line: { color: ink, width: 1.5 } };
    for (const j of which) {
      for (const before of m.steps.slice(0, state.step + 1)) {
        way.x.push(before.centers[0][j]);
        way.y.push(before.centers[1][j]);
      }
      way.x.push(null);
      way.y.push(null);
    }
    const centers = {
      type: "scatter", mode: "markers+text", x: which.map((j) => step.centers[0][j]), y: which.map((j) => step.centers[1][j]),
      text: which.map(String), textfont: { size: 12, color: ink }, hovertemplate: "centre %{text}<extra></extra>",
      marker: { size: 22, opacity: 1, color: ground, line: { width: 2.5, color: which.map(color) } },
    };
    return [rows, way, centers];
  };
  const drawRows = () => {
    const colors = look(), whole = layout(colors);
    whole.dragmode = state.lasso ? "lasso" : narrow.matches ? false : "pan";
    whole.newselection = { line: { color: colors.mark, width: 2 } };
    if (!state.lasso) whole.selections = [];
    if (state.paper) Object.assign(whole, PAPER);
    whole.uirevision = String(state.whole); // a zoom outlives the next step
    for (const axis of state.whole || !data.opening ? [] : ["x", "y"]) {
      if (data.opening[axis]) Object.assign(whole[axis + "axis"], { range: [...data.opening[axis]], autorange: false });
    }
    for (const [at, axis] of ["xaxis", "yaxis"].entries()) whole[axis].title = { text: plain(short(data.axes[at], 50)) };
    whole.yaxis.visible = data.axes[1] !== "";
    if (data.axes[1] === "") whole.margin.l = 15;
    return Plotly.react("plot", traces(colors), whole, { ...config, scrollZoom: true });
  };
  // A slider may move faster than that: one picture a frame, of what is chosen by then.
  let frame = null;
  const draw = () => {
    frame ??= requestAnimationFrame(() => {
      frame = null;
      drawRows();
    });
  };

  // --- criteria over k: each is drawn when it comes into view ------------------------------------
  const picked = (name) => {
    const pick = data.picks[name];
    return pick === undefined ? "" : pick === null ? "picks none" : "picks k = " + pick;
  };
  const criterion = (place) => {
    const name = place.dataset.name, ks = data.criteria.k, found = data.criteria[name], k = model().k;
    const colors = look(), base = layout(colors), pick = data.picks[name], [error] = data.spreads[name] ?? [], picks = picked(name);
    const at = (which) => ({ type: "scatter", mode: "markers", x: [which], y: [found[ks.indexOf(which)]], hoverinfo: "skip" });
    Plotly.react(place, [
      { type: "scatter", mode: "lines+markers", x: ks, y: found, line: { color: colors.soft }, marker: { size: 6 },
        error_y: { array: data.criteria[error], visible: Boolean(error), thickness: 1, width: 3 }, hovertemplate: "k = %{x}: %{y}<extra></extra>" },
      { ...at(k), marker: { size: 11, color: colors.mark } },
      { ...at(pick), marker: { size: 20, symbol: "circle-open", color: colors.pick, line: { width: 2.5 } } },
    ], {
      ...base, ...(state.paper ? { width: 310, height: 210, autosize: false } : { autosize: true }), margin: { l: 50, r: 10, t: 48, b: 30 },
      title: { text: plain(titled(name)) + '<br><span style="color:' + colors.pick + '">' + (picks || "&nbsp;") + "</span>", font: { size: 13 } },
      xaxis: { ...base.xaxis, tick0: ks[0], dtick: Math.ceil((ks.at(-1) - ks[0] + 1) / 8), tickangle: 0 },
    }, config);
  };
  const spreads = Object.values(data.spreads).map(([error]) => error);
  const drawn = (name) => !["k", "n_iter", ...spreads].includes(name) && data.criteria[name].some((v) => v !== null);
  const places = data.criteria.k.length < 2 ? [] : Object.keys(data.criteria).filter(drawn).map((name) => {
    const place = page.element("div");
    place.dataset.name = name;
    place.setAttribute("role", "img");
    place.setAttribute("aria-label", titled(name) + " over k" + (picked(name) && ": " + picked(name)));
    return place;
  });
  $("criteria").replaceChildren(...places.map((place) => {
    const figure = page.element("figure"), why = data.reasons[place.dataset.name];
    const said = why ?? (place.dataset.name === "inertia" ? "It always falls as k grows: look for a bend." : "");
    figure.append(place, page.element("figcaption", page.sentence(said)));
    return figure;
  }));
  const watch = new IntersectionObserver((seen) => {
    seen.filter((s) => s.isIntersecting).forEach((s) => criterion(s.target));
  }, { rootMargin: "200px" });
  const criteria = () => places.forEach((place) => {
    watch.unobserve(place); // observed anew, it is drawn at once if it is in view
    watch.observe(place);
  });
  // On paper all is drawn at once, and as wide as the paper.
  const paper = (on) => {
    if (frame !== null) cancelAnimationFrame(frame);
    frame = null;
    drawRows();
    if (!on) Plotly.Plots.resize("plot");
    places.forEach(criterion);
  };

  drawRows();
  $("plot").on("plotly_click", (event) => {
    if (!state.lasso) page.choose(Number(event.points[0].text)); // both rows and centres have their cluster there
  });
  $("plot").on("plotly_selected", (event) => {
    const rows = (event?.points ?? []).filter((point) => point.curveNumber === 0).map((point) => point.pointIndex);
    if (state.lasso) page.select(rows);
  });
  const clear = () => Plotly.restyle("plot", { selectedpoints: [null] });
  const save = (format) => Plotly.downloadImage("plot", { format, filename: "clusters", width: 1200, height: 900, scale: format === "png" ? 2 : 1 });
  $("save-png").addEventListener("click", () => save("png"));
  $("save-svg").addEventListener("click", () => save("svg"));
  criteria();
  Object.assign(page.pictures, { draw, criteria, paper, clear });
};
