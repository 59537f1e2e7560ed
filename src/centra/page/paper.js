"use strict";
// On paper nothing scrolls: wide tables are cut into parts that fit, each with its first column.
(() => {
  const { $, element, state, pictures } = page;
  const WIDTH = 640; // CSS pixels between the margins of A4 and Letter, less some for other fonts
  const copied = (table) => {
    const copy = table.cloneNode(true);
    copy.removeAttribute("id");
    return copy;
  };
  const parts = (whole) => {
    const widths = [...whole.querySelectorAll("thead th")].map((th) => th.getBoundingClientRect().width);
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
  // All of a table is laid out for paper, as wide as it likes, and measured there.
  const cut = (pieces, whole, found) => pieces.replaceChildren(...found.map((columns) => {
    const copy = copied(whole);
    copy.querySelectorAll("tr").forEach((row) => {
      [...row.children].forEach((cell, q) => columns.includes(q) || cell.remove());
    });
    return copy;
  }));
  let folded = [];
  const toPaper = () => {
    if (state.paper) return;
    page.load();
    state.paper = true;
    folded = [...document.querySelectorAll("details:not([open])")];
    folded.forEach((each) => { each.open = true; });
    page.showAll();
    document.documentElement.dataset.paper = "";
    const wholes = [...document.querySelectorAll(".wide:not([hidden])")].map((wide) => {
      const pieces = element("div", undefined, "pieces"), whole = copied(wide.querySelector("table"));
      whole.style.width = "max-content";
      pieces.append(whole);
      wide.append(pieces);
      return [pieces, whole];
    });
    wholes.forEach(([pieces, whole]) => {
      const found = parts(whole);
      whole.style.width = "";
      cut(pieces, whole, found);
    });
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
