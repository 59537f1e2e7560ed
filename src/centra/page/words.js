"use strict";
// What the page says: its words, tables and controls. Pictures wait for their library (pictures.js),
// which puts its two functions into `page.pictures`; until then, and without it, all else works.
const page = (() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const $ = (id) => document.getElementById(id);
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const narrow = matchMedia("(max-width: 40rem)");
  const state = { model: data.models.findIndex((m) => m.k === data.chosen), step: 0, only: null, whole: false, timer: null };
  const model = () => data.models[state.model];
  const last = () => model().steps.length - 1;
  const pictures = { draw: () => {}, criteria: () => {} };

  // --- text and colours -------------------------------------------------------------------------
  const short = (text) => (text.length > 24 ? text.slice(0, 23) + "…" : text);
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
  const titled = (name) => data.titles[name] ?? name.replaceAll("_", " ");

  const mixed = (color, other, share) => {
    const parts = (c) => [1, 3, 5].map((at) => parseInt(c.slice(at, at + 2), 16));
    const [a, b] = [parts(color), parts(other)];
    return "#" + a.map((v, i) => Math.round(v + share * (b[i] - v)).toString(16).padStart(2, "0")).join("");
  };
  // On a dark ground all colours are lighter, near-black most of all. Where the colours start again
  // they are darker, so that two neighbours are not taken for one cluster.
  const color = (cluster) => {
    const base = data.colors[cluster % data.colors.length], black = base === "#222222";
    const again = Math.floor(cluster / data.colors.length) % 2 === 1;
    if (dark.matches) return mixed(base, "#ffffff", black ? (again ? 0.5 : 0.85) : (again ? 0.1 : 0.4));
    if (again) return black ? "#6b6b6b" : mixed(base, "#000000", 0.4);
    return base;
  };

  // --- tables -----------------------------------------------------------------------------------
  const element = (name, text) => {
    const made = document.createElement(name);
    if (text !== undefined) made.textContent = text;
    return made;
  };
  const list = (where, lines) => $(where).replaceChildren(...lines.map((line) => element("li", line)));
  // Numbers of a column have as many decimals as give the largest of them as many digits as wanted; where
  // small ones matter too, each has its own.
  const column = (values, wanted = 5, small = true) => {
    const sizes = values.filter((v) => v !== null).map(Math.abs), most = Math.max(...sizes, 0);
    const least = Math.min(...sizes.filter((v) => v > 0));
    if (sizes.every(Number.isInteger) || most >= 1e9 || (small && least < 1e-3 * most)) return number;
    const places = Math.max(0, wanted - 1 - Math.floor(Math.log10(most)));
    if (places > 8) return number;
    const format = new Intl.NumberFormat("en", { minimumFractionDigits: places, maximumFractionDigits: places });
    return (value) => (value === null ? "–" : format.format(value));
  };
  // Columns: [heading, values, how to write one, which cells are bold]; of the last two a cell knows its
  // value and its row. `first` makes the cell that names a row.
  const table = (where, columns, first) => {
    const order = Array.from(columns[0][1].keys());
    const head = element("thead"), line = element("tr"), body = element("tbody");
    const fill = () => {
      body.replaceChildren(...order.map((at) => {
        const row = element("tr");
        row.dataset.key = columns[0][1][at];
        columns.forEach(([, values, write, bold], q) => {
          const cell = q === 0 && first ? first(values[at]) : element("td", write(values[at], at));
          cell.classList.toggle("bold", bold?.(values[at], at) ?? false);
          row.append(cell);
        });
        return row;
      }));
      mark();
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
    $(where).replaceChildren(head, body);
    fill();
  };
  // The lines of what is chosen, in tables that stay as they are sorted.
  const mark = () => {
    for (const row of document.querySelectorAll("tbody tr")) {
      const on = row.dataset.key === String(row.closest("#criteria-table") ? model().k : state.only);
      row.className = on ? "on" : "";
      row.querySelector("button")?.setAttribute("aria-pressed", String(on));
    }
  };
  const clusterCell = (j) => {
    const cell = element("td"), button = element("button"), swatch = element("span");
    swatch.className = "swatch";
    swatch.style.background = color(j);
    button.type = "button";
    button.append(swatch, "cluster " + j);
    button.addEventListener("click", () => choose(state.only === j ? null : j));
    cell.append(button);
    return cell;
  };
  const clusters = () => {
    const m = model(), c = m.clusters;
    const numbers = (name) => [name, c[name], column(c[name])];
    table("clusters", [
      ["cluster", c.cluster], numbers("rows"), numbers("radius"), numbers("separation"), numbers("inertia"),
      ["between", c.between, percent], ["mostly", c.nearest, (j) => (j < 0 ? "–" : "cluster " + j)],
    ], clusterCell);
    const places = data.columns.slice(0, 50).map((name, q) => {
      const values = m.centers.map((center) => center[q]);
      return [short(name), values, column(values, 5, false)];
    });
    table("centers", [["cluster", c.cluster], ...places], clusterCell);
    data.labels.forEach(({ heads, missing }, at) => {
      const { rand, counts } = m.labels[at], most = counts.map((row) => Math.max(...row, 1));
      $("labels-" + at + "-note").textContent = "Adjusted Rand index " + (rand === null ? "–" : rand.toFixed(3).replace("-0.000", "0.000"))
        + ": 1 is full agreement, 0 chance. Rows of each cluster by label, the most in bold"
        + (missing ? "; " + many(missing, "row") + " without a label left out." : ".");
      table("labels-" + at, [["cluster", c.cluster], ...heads.map((head, q) => {
        return [short(head), counts.map((row) => row[q]), number, (value, j) => value === most[j]];
      })], clusterCell);
    });
  };
  const labels = () => $("labels").replaceChildren(...data.labels.map(({ name }, at) => {
    const section = element("section"), note = element("p"), scroll = element("div"), made = element("table");
    [note.className, note.id, scroll.className, made.id] = ["note", "labels-" + at + "-note", "scroll", "labels-" + at];
    scroll.append(made);
    section.append(element("h2", "Clusters and " + name), note, scroll);
    return section;
  }));
  const criteria = () => {
    $("choice").hidden = data.models.length < 2;
    $("signs").hidden = Object.keys(data.picks).length === 0;
    list("verdict", data.verdict);
    const bars = Object.values(data.spreads), errors = bars.map(([name]) => name), ks = data.criteria.k;
    const names = Object.keys(data.criteria).filter((name) => data.criteria[name].some((v) => v !== null) && !errors.includes(name));
    $("spreads").textContent = bars.length ? "; bars: " + Object.entries(data.spreads).map(([name, [, what]]) => what + " of the " + titled(name)).join(", ") : "";
    table("criteria-table", names.map((name) => {
      const values = data.criteria[name], [error, what] = data.spreads[name] ?? [], write = column(values, 4);
      const spread = data.criteria[error] ?? [];
      return [
        titled(name) + (error ? " ± " + what : ""), values,
        (value, at) => write(value) + ((spread[at] ?? null) === null ? "" : " ± " + write(spread[at])),
        (_, at) => data.picks[name] === ks[at],
      ];
    }));
  };

  // --- what is chosen ---------------------------------------------------------------------------
  const show = () => {
    const m = model(), step = m.steps[state.step];
    $("k-value").textContent = String(m.k);
    $("step-value").textContent = step.iteration + " of " + m.n_iter + ", inertia " + number(step.inertia);
    $("step").setAttribute("aria-valuetext", "iteration " + step.iteration);
    $("step").value = String(state.step);
    $("all").disabled = state.only === null;
    if (data.opening) {
      const { x, y, rows } = data.opening;
      const out = (range, v) => range !== null && (v < range[0] || v > range[1]);
      const far = step.centers[0].filter((v, j) => out(x, v) || out(y, step.centers[1][j])).length;
      const which = [rows > 0 ? many(rows, "row") + " of the " + data.drawn.toLocaleString("en") + " drawn" : "", far > 0 ? many(far, "centre") : ""];
      $("opening").hidden = rows + far === 0 && !state.whole; // at this k and step nothing lies outside
      $("outside").textContent = (which.filter(Boolean).join(" and ") || "Nothing here") + (rows + far < 2 ? " lies" : " lie") + " far from the others"
        + (state.whole ? "." : ", outside of the picture.");
      $("whole").textContent = state.whole ? "Show most rows, larger" : "Show all rows";
    }
    mark();
    pictures.draw();
  };
  const showAll = () => {
    $("step").max = String(last());
    list("remarks", [...(data.headline ? [data.headline] : []), ...model().remarks]);
    if (data.headline) $("remarks").firstChild.className = "headline";
    clusters();
    show();
    pictures.criteria();
  };
  const choose = (cluster) => {
    state.only = cluster;
    show();
  };
  const chooseK = (at) => {
    state.model = at;
    state.step = last();
    state.only = null;
    showAll();
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
    chooseK(Number($("k").value));
  });
  $("play").addEventListener("click", () => {
    if (state.timer !== null) return stop();
    $("play").textContent = "Stop";
    $("play").setAttribute("aria-pressed", "true");
    state.step = 0;
    show();
    state.timer = setInterval(() => {
      state.step = Math.min(state.step + 1, last());
      show();
      if (state.step === last()) stop();
    }, 500);
  });
  $("all").addEventListener("click", () => choose(null));
  $("whole").addEventListener("click", () => {
    state.whole = !state.whole;
    show();
  });
  dark.addEventListener("change", showAll);

  $("title").textContent = data.title;
  $("summary").textContent = many(data.rows, "row") + ", " + many(data.columns.length, "column");
  $("note").textContent = (data.drawn < data.rows
    ? "Drawn are " + many(data.drawn, "row") + ", a sample with seed " + data.seed + "; remarks and tables are about all rows. "
    : "") + "Lines show how each centre moved. " + (narrow.matches
    ? "Touch a row to see its cluster alone."
    : "Click a row to see its cluster alone; scroll to zoom, drag to move.")
    + (data.scaled && data.columns.length > 2 ? " Rows lie as they were clustered, in " + data.scaled + "; " + (narrow.matches ? "touch" : "hover over") + " one for its values in the columns' own units." : "");
  if (data.scaled) {
    $("scaled").textContent = "Radius and separation are in " + data.scaled + ", in which the rows were clustered.";
    $("units").textContent = "In the columns' own units.";
  }
  $("k-control").hidden = data.models.length < 2;
  $("k").min = "0";
  $("k").max = String(data.models.length - 1);
  $("k").value = String(state.model);
  $("step").min = "0";
  labels();
  criteria();
  chooseK(state.model);
  return { data, state, model, pictures, choose, color, titled, short, many, $, dark, narrow, element };
})();
