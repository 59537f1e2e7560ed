"use strict";
// Charts that need no library: the silhouettes of all clusters, side by side.
page.charts = (() => {
  const { $, element, model, color, number } = page;
  const SVG = "http://www.w3.org/2000/svg";
  const shape = (name, attributes) => {
    const made = document.createElementNS(SVG, name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    return made;
  };
  const silhouettes = () => {
    const m = model(), sizes = m.clusters.rows;
    $("widths").hidden = m.silhouettes === null;
    if (m.silhouettes === null) return;
    const order = [...sizes.keys()].filter((j) => m.silhouettes[j]).sort((a, b) => sizes[b] - sizes[a]);
    $("silhouettes").replaceChildren(...order.map((j) => {
      const widths = m.silhouettes[j], mean = widths.reduce((sum, v) => sum + v, 0) / widths.length;
      const place = element("figure"), drawing = shape("svg", { viewBox: "0 0 100 100", preserveAspectRatio: "none", "aria-hidden": "true" });
      const points = widths.map((v, at) => (100 * at) / (widths.length - 1) + "," + (100 - 100 * v).toFixed(1));
      drawing.append(shape("polygon", { points: "0,100 " + points.join(" ") + " 100,100", fill: color(j) }));
      place.style.flexGrow = sizes[j];
      place.title = "cluster " + j + ": " + number(Number(mean.toFixed(2))) + " on average";
      // Of a narrow area its number would be cut off; its title has it.
      const wide = 50 * sizes[j] > sizes.reduce((sum, n) => sum + n, 0);
      place.append(drawing, element("figcaption", wide ? String(j) : ""));
      place.setAttribute("role", "img");
      place.setAttribute("aria-label", place.title);
      return place;
    }));
  };
  return { silhouettes };
})();
