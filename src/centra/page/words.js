"use strict";
// What the page says: its first lines, tables, controls, files to save.
(() => {
  const { data, $, dark, narrow, state, model, element, many, number, percent, short, titled, swatch, shade, pictures } = page;
  const { table, column, mark, clusterCell, watch } = page.tables;
  const last = () => model().steps.length - 1;
  const list = (where, lines) => $(where).replaceChildren(...lines.map((line) => element("li", line)));
  const bySize = () => [...model().clusters.rows.keys()].sort((a, b) => model().clusters.rows[b] - model().clusters.rows[a]);

  // "high" stays with what is high where lines are broken.
  const together = (text) => text.replace(/\b(very|high|low|with) (?=\S{1,20}(,|$| ))/g, "$1\u00a0");

  // "k = 3" is not broken over two lines.
  const whole = (text) => text.replace(/\bk = (?=\d)/g, "k\u00a0=\u00a0");
  const headline = () => data.headline || model().verdict;

  // --- the first lines --------------------------------------------------------------------------
  const first = () => {
    const m = model();
    $("summary").textContent = many(data.rows, "row") + ", " + many(data.columns.length, "column") + ", " + many(m.k, "cluster");
    // The answer is large, the reason behind it is not: "There are probably 3 clusters: ...".
    const said = headline(), at = said.indexOf(": "), parts = at < 0 ? [said] : [said.slice(0, at) + ".", page.sentence(said.slice(at + 2))];
    $("headline").replaceChildren(...parts.map((part, q) => element("span", whole(part), q ? "why" : undefined)));
    $("headline").hidden = said === "";
    $("gravest").textContent = whole(m.gravest);
    $("gravest").hidden = m.gravest === "" || m.gravest === said;
  };
  const portraits = () => {
    const m = model(), sizes = m.clusters.rows, most = Math.max(...sizes, 1), place = $("portraits");
    place.replaceChildren(...bySize().map((j) => {
      const line = element("li"), button = element("button"), bar = element("span", undefined, "bar");
      button.type = "button";
      button.title = m.portraits[j];
      bar.style.setProperty("--part", (100 * sizes[j]) / most + "%");
      bar.style.setProperty("--color", page.color(j));
      bar.append(element("span", many(sizes[j], "row")));
      button.append(swatch(j), element("b", String(j)), bar, element("span", together(m.portraits[j]), "portrait"));
      button.addEventListener("click", () => page.choose(state.only === j ? null : j));
      line.dataset.key = j;
      line.append(button);
      return line;
    }));
    // The more clusters, the less room for each; the table has all words.
    place.className = [[3, "tight"], [narrow.matches ? 3 : 6, "clamped"], [8, "compact"]].filter(([k]) => m.k > k).map(([, name]) => name).join(" ");
    // As many lines as the first screen has room for.
    const room = innerHeight - place.getBoundingClientRect().top - scrollY, line = 25.8;
    const shown = m.k <= 9 || m.k * line < room ? m.k : Math.max(Math.floor((room - 60) / line), 8);
    [...place.children].forEach((line, at) => line.classList.toggle("rest", at >= shown));
    $("rest").hidden = m.k <= shown;
    $("rest").textContent = "Show " + many(m.k - shown, "more cluster");
  };
  $("rest").addEventListener("click", () => {
    document.querySelectorAll("#portraits .rest").forEach((line) => line.classList.remove("rest"));
    $("rest").hidden = true;
  });

  // --- tables -----------------------------------------------------------------------------------
  const mostly = (counts, heads) => {
    const order = [...counts.keys()].filter((q) => counts[q] > 0).sort((a, b) => counts[b] - counts[a]);
    const named = order.slice(0, 3).map((q) => heads[q] + " " + number(counts[q]));
    return named.join(", ") + (order.length > 3 ? ", " + number(order.length - 3) + " more" : "");
  };
  const clusters = () => {
    const m = model(), c = m.clusters, most = Math.max(...c.rows, 1);
    const numbers = (name) => ({ head: name, values: c[name], write: column(c[name]) });
    const size = { ...numbers("rows"), look: (cell, value, j) => {
      cell.classList.add("sized");
      cell.style.setProperty("--part", (100 * value) / most + "%");
      cell.style.setProperty("--color", page.color(j));
    } };
    const known = data.labels.map(({ name, heads }, at) => ({
      head: short(name), full: name, text: true, values: m.labels[at].counts, write: (counts) => mostly(counts, heads),
      key: (counts) => mostly(counts, heads),
    }));
    const places = m.order.map((at) => {
      const values = m.centers.map((center) => center[at]), name = data.columns[m.columns[at]];
      return { head: short(name), full: name, values, write: column(values, 4, false), look: (cell, _, j) => {
        cell.style.background = shade(m.deviations[j][at]);
      } };
    });
    table("clusters", [
      { head: "cluster", values: c.cluster }, size,
      { head: "what sets it apart", values: m.portraits, write: together, text: true }, ...known,
      { head: "between", values: c.between, write: percent },
      { head: "mostly", values: c.nearest, write: (j) => (j < 0 ? "–" : "cluster " + j) },
      numbers("radius"), numbers("separation"), numbers("inertia"), ...places,
    ], clusterCell, bySize());
    const left = data.columns.length - m.columns.length;
    $("units").textContent = "Columns: the average of the cluster" + (data.scaled ? ", in the column's own units" : "")
      + ", blue below that of all rows, red above; those that differ most come first"
      + (left > 0 ? "; " + many(left, "column") + " that differ less " + (left === 1 ? "is" : "are") + " not shown." : ".");
    overlap(m);
    page.charts.silhouettes();
    data.labels.forEach(({ heads, missing }, at) => {
      const { rand, counts } = m.labels[at], top = counts.map((row) => Math.max(...row, 1));
      $("labels-" + at + "-note").textContent = "Adjusted Rand index " + (rand === null ? "–" : rand.toFixed(3).replace("-0.000", "0.000"))
        + ": 1 is full agreement, 0 chance. Rows of each cluster by label, the most in bold"
        + (missing ? "; " + many(missing, "row") + " without a label left out." : ".");
      table("labels-" + at, [{ head: "cluster", values: c.cluster }, ...heads.map((head, q) => ({
        head: short(head), full: head, values: counts.map((row) => row[q]), write: (value) => (value === 0 ? "" : number(value)),
        look: (cell, value, j) => cell.classList.toggle("bold", value === top[j]),
      }))], clusterCell, bySize());
    });
  };
  const overlap = (m) => {
    const found = m.overlap, any = found?.some((row) => row.some((share) => share > 0));
    $("overlaps").hidden = found === null;
    if (found === null) return;
    $("overlap").closest(".wide").hidden = !any;
    $("overlap-note").textContent = any
      ? "Share of the rows of a cluster (line) that lie between it and another (column)."
      : "No row lies between two clusters.";
    if (!any) return;
    const ids = m.clusters.cluster;
    table("overlap", [{ head: "cluster", values: ids }, ...ids.map((other) => ({
      head: String(other), full: "cluster " + other, values: found.map((row) => row[other]),
      write: (share) => (share === 0 ? "" : share < 0.001 ? "< 0.1 %" : percent(share)),
      look: (cell, share, j) => {
        cell.style.background = j === other ? "" : shade(4 * share);
        cell.classList.toggle("own", j === other);
      },
    }))], clusterCell);
  };
  const labels = () => $("labels").replaceChildren(...data.labels.map(({ name }, at) => {
    const section = element("section"), note = element("p", undefined, "note"), wide = element("div", undefined, "wide");
    const more = element("p", undefined, "more"), scroll = element("div", undefined, "scroll"), made = element("table");
    [note.id, made.id] = ["labels-" + at + "-note", "labels-" + at];
    more.setAttribute("aria-hidden", "true");
    scroll.append(made);
    wide.append(more, scroll);
    section.append(element("h2", "Clusters and " + name), note, wide);
    return section;
  }));
  const criteria = () => {
    $("choice").hidden = data.models.length < 2;
    $("signs").hidden = Object.keys(data.picks).length === 0;
    const bars = Object.values(data.spreads), errors = bars.map(([name]) => name), ks = data.criteria.k;
    const names = Object.keys(data.criteria).filter((name) => data.criteria[name].some((v) => v !== null) && !errors.includes(name));
    // Reasons of criteria that have a chart are its caption.
    list("verdict", Object.keys(data.reasons).filter((name) => !names.includes(name)).map((name) => titled(name) + ": " + data.reasons[name]));
    $("spreads").textContent = bars.length ? "; bars: " + Object.entries(data.spreads).map(([name, [, what]]) => what + " of the " + titled(name)).join(", ") : "";
    table("criteria-table", names.map((name) => {
      const values = data.criteria[name], [error, what] = data.spreads[name] ?? [], write = column(values, 4);
      const spread = data.criteria[error] ?? [];
      return {
        head: titled(name) + (error ? " ± " + what : ""), values,
        write: (value, at) => write(value) + ((spread[at] ?? null) === null ? "" : " ± " + write(spread[at])),
        look: (cell, _, at) => cell.classList.toggle("bold", data.picks[name] === ks[at]),
      };
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
    first();
    const said = [headline(), model().gravest]; // which need not be said again
    const rest = model().remarks.filter((text) => !said.includes(text));
    list("remarks", rest);
    $("remarks").parentElement.hidden = rest.length === 0;
    portraits();
    clusters();
    show();
    pictures.criteria();
  };
  page.showAll = showAll;
  page.choose = (cluster) => {
    state.only = cluster;
    show();
  };
  const chooseK = (at) => {
    state.model = at;
    state.step = last();
    state.only = null;
    showAll();
    page.select(state.selected);
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
  $("all").addEventListener("click", () => page.choose(null));
  $("whole").addEventListener("click", () => {
    state.whole = !state.whole;
    show();
  });
  dark.addEventListener("change", showAll);
  narrow.addEventListener("change", showAll);

  // --- rows that are selected, and files --------------------------------------------------------
  const ends = () => page.labelsOf(model(), model().steps[last()]);
  page.select = (rows) => {
    state.selected = rows;
    const found = ends(), counts = new Map();
    for (const i of rows) counts.set(found[i], (counts.get(found[i]) ?? 0) + 1);
    const parts = [...counts].sort((a, b) => b[1] - a[1] || a[0] - b[0]).map(([j, n]) => n.toLocaleString("en") + " in cluster " + j);
    $("selection").hidden = !state.lasso;
    $("save-selected").hidden = $("names").hidden = rows.length === 0;
    $("selected").textContent = rows.length ? many(rows.length, "row") + ": " + parts.join(", ") + "." : "Draw a line around rows in the picture.";
    $("names").textContent = rows.slice(0, 100).map(page.nameOf).join(", ") + (rows.length > 100 ? " and " + (rows.length - 100).toLocaleString("en") + " more" : "");
  };
  $("lasso").addEventListener("click", () => {
    state.lasso = !state.lasso;
    $("lasso").setAttribute("aria-pressed", String(state.lasso));
    $("lasso").textContent = state.lasso ? "End selecting" : "Select rows";
    page.select([]);
    pictures.clear();
    pictures.draw();
  });
  const quoted = (text) => '"' + String(text).replaceAll('"', '""') + '"';
  page.csv = (rows) => {
    const found = ends(), name = (i) => (data.called ? quoted(data.called[i]) : page.numbers[i]);
    return ["row,cluster", ...rows.map((i) => name(i) + "," + found[i])].join("\r\n") + "\r\n";
  };
  const save = (text, name) => {
    const link = element("a"), at = URL.createObjectURL(new Blob([text], { type: "text/csv" }));
    link.href = at;
    link.download = name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(at), 10000);
  };
  $("save-labels").addEventListener("click", () => save(page.csv([...page.numbers.keys()]), "labels.csv"));
  $("save-selected").addEventListener("click", () => save(page.csv(state.selected), "selected.csv"));

  // --- what is the same for every k -------------------------------------------------------------
  $("title").textContent = data.title;
  $("note").textContent = (data.drawn < data.rows
    ? "Drawn are " + many(data.drawn, "row") + ", a sample with seed " + data.seed + "; remarks and tables are about all rows. "
    : "") + (data.axes[1] === "" ? "Rows with nearly the same value are piled up." : "Lines show how each centre moved.");
  $("how").textContent = (narrow.matches
    ? "Touch a row to see its cluster alone."
    : "Click a row to see its cluster alone; scroll to zoom, drag to move.")
    + (data.scaled && data.columns.length > 2 ? " Rows lie as they were clustered, in " + data.scaled + "; " + (narrow.matches ? "touch" : "hover over") + " one for its values in the columns' own units." : "");
  if (data.scaled) $("scaled").textContent = "Radius and separation are in " + data.scaled + ", in which the rows were clustered.";
  if (data.drawn < data.rows) {
    $("save-labels").textContent = "Save labels of the " + many(data.drawn, "row") + " drawn (CSV)";
    $("call").textContent = data.call;
    $("call").hidden = false;
  }
  $("provenance").replaceChildren(...data.provenance.flatMap(([name, text]) => [element("dt", name), element("dd", text)]));
  $("k-control").hidden = data.models.length < 2;
  $("k").min = "0";
  $("k").max = String(data.models.length - 1);
  $("k").value = String(state.model);
  $("step").min = "0";
  labels();
  watch();
  criteria();
  chooseK(state.model);
})();
