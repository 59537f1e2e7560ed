"use strict";
// On paper nothing scrolls: wide tables are cut into parts that fit, each with its first column.
(() => {
  const { $, element, state, pictures } = page;
  const WIDTH = 640; // CSS pixels between the margins of A4 and Letter, less some for other fonts
  const parts = (table) => {
    // Letters are smaller on paper; columns of text are at most 15rem wide there.
    const widths = [...table.querySelectorAll("thead th")].map((th) => 0.8 * Math.min(th.offsetWidth, 300));
    const found = [];
    let now = null, used = Infinity;
    widths.forEach((width, q) => {
      if (q === 0) return;
      if (used + width > WIDTH) {
        found.push(now = [0]);
        used = widths[0];
      }
      now.push(q);
      used += width;
    });
    return found;
  };
  const cut = (table) => {
    const pieces = element("div", undefined, "pieces"), copies = parts(table);
    pieces.append(...copies.map((columns) => {
      const copy = table.cloneNode(true);
      copy.removeAttribute("id");
      copy.querySelectorAll("tr").forEach((row) => {
        [...row.children].forEach((cell, q) => columns.includes(q) || cell.remove());
      });
      return copy;
    }));
    return pieces;
  };
  let folded = [];
  const toPaper = () => {
    if (state.paper) return;
    page.load();
    state.paper = true;
    folded = [...document.querySelectorAll("details:not([open])")];
    folded.forEach((each) => { each.open = true; });
    page.showAll();
    document.querySelectorAll(".wide:not([hidden])").forEach((wide) => wide.append(cut(wide.querySelector("table"))));
    document.documentElement.dataset.paper = ""; // only now: what is hidden has no width
    pictures.paper(true);
  };
  const toScreen = () => {
    if (!state.paper) return;
    state.paper = false;
    delete document.documentElement.dataset.paper;
    document.querySelectorAll(".pieces").forEach((each) => each.remove());
    folded.forEach((each) => { each.open = false; });
    page.showAll();
    pictures.paper(false);
  };
  addEventListener("beforeprint", toPaper);
  addEventListener("afterprint", toScreen);
})();
