"use strict";
// Figures of the dataset. They are drawn as they were made (mint.figures); a picture of each can be kept as SVG.
function drawFigures() {
  const figures = JSON.parse(element("figures-data").textContent);
  for (const [name, figure] of Object.entries(figures)) {
    const place = element("figure-" + name);
    place.style.height = figure.layout.height + "px";
    Plotly.newPlot(place, figure.data, figure.layout, { ...OPTIONS, toImageButtonOptions: { format: "svg", filename: "mint_" + name } });
  }
}
