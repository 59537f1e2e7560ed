"use strict";
// Tables that sort, keep their first column in sight, and say what is not in sight.
page.tables = (() => {
  const { $, element, many, number, state, model, swatch } = page;

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

  // Columns are objects: head, values; write(value, row), the text; key, what to sort by; look(cell, value, row),
  // what else a cell has; text, whether it is one. `first` makes the cell that names a row; `order` is the
  // order to begin with.
  const table = (where, columns, first, order = Array.from(columns[0].values.keys())) => {
    order = [...order];
    const head = element("thead"), line = element("tr"), body = element("tbody");
    const fill = () => {
      body.replaceChildren(...order.map((at) => {
        const row = element("tr");
        row.dataset.key = columns[0].values[at];
        columns.forEach(({ values, write, look, text }, q) => {
          const cell = q === 0 && first ? first(values[at]) : element("td", write(values[at], at));
          if (text) cell.className = "text";
          look?.(cell, values[at], at);
          row.append(cell);
        });
        return row;
      }));
      mark();
    };
    columns.forEach(({ head: heading, values, key, text, full }) => {
      const cell = element("th"), button = element("button", heading);
      button.type = "button";
      if (full && full !== heading) cell.title = full;
      if (text) cell.className = "text";
      button.addEventListener("click", () => {
        const up = cell.getAttribute("aria-sort") !== "ascending";
        line.querySelectorAll("th").forEach((other) => other.removeAttribute("aria-sort"));
        cell.setAttribute("aria-sort", up ? "ascending" : "descending");
        const rank = (at) => (key ? key(values[at], at) : values[at]) ?? Infinity;
        order.sort((a, b) => {
          const [v, w] = [rank(a), rank(b)];
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
    tell($(where).closest(".wide"));
  };
  // The lines of what is chosen, in tables that stay as they are sorted.
  const mark = () => {
    for (const row of document.querySelectorAll("tbody tr, #portraits li")) {
      const chosen = row.closest("#criteria-table") ? model().k : state.only;
      const on = row.dataset.key === String(chosen);
      row.classList.toggle("on", on);
      row.querySelector("button")?.setAttribute("aria-pressed", String(on));
    }
  };
  const clusterCell = (j) => {
    const cell = element("td"), button = element("button");
    button.type = "button";
    button.append(swatch(j), "cluster " + j);
    button.addEventListener("click", () => page.choose(state.only === j ? null : j));
    cell.append(button);
    return cell;
  };

  // --- what is out of sight ---------------------------------------------------------------------
  const tell = (wide) => {
    const scroll = wide.querySelector(".scroll"), right = scroll.getBoundingClientRect().right + 1;
    const heads = [...scroll.querySelectorAll("thead th")];
    const hidden = heads.filter((th) => th.getBoundingClientRect().right > right).length;
    const overflows = scroll.scrollWidth > scroll.clientWidth + 1;
    wide.classList.toggle("hides", overflows && hidden > 0);
    wide.querySelector(".more").textContent = !overflows ? ""
      : hidden > 0 ? many(hidden, "more column") + " to the right: scroll" : "the last column is in sight";
    overflows ? scroll.setAttribute("tabindex", "0") : scroll.removeAttribute("tabindex"); // so that keys scroll it
  };
  const watched = new WeakSet();
  const watch = () => document.querySelectorAll(".wide").forEach((wide) => {
    if (watched.has(wide)) return;
    watched.add(wide);
    const scroll = wide.querySelector(".scroll");
    scroll.setAttribute("role", "region");
    scroll.setAttribute("aria-label", wide.closest("section")?.querySelector("h2")?.textContent ?? "Table");
    scroll.addEventListener("scroll", () => tell(wide), { passive: true });
    new ResizeObserver(() => tell(wide)).observe(scroll);
  });
  return { table, column, mark, clusterCell, watch };
})();
