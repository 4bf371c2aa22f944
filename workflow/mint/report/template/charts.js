"use strict";
// Charts of the run and of the chosen sequence.
const LAYOUT = { margin: { l: 60, r: 20, t: 34, b: 44 }, font: { family: "system-ui, sans-serif", size: 12 },
  paper_bgcolor: "rgba(0,0,0,0)", plot_bgcolor: "rgba(0,0,0,0)", hovermode: "closest", modebar: { bgcolor: "rgba(0,0,0,0)", color: "#9aa5b1", activecolor: "#1d2733" }, legend: { orientation: "h", y: 1.14 } };
const OPTIONS = { displaylogo: false, responsive: true, modeBarButtons: [["toImage", "zoom2d", "pan2d", "resetScale2d"]] };

function chart(id, traces, layout) {
  const place = document.getElementById(id);
  if (!place) return;
  if (!traces.length) { place.textContent = "Nothing was measured."; return; }
  if (layout.height) place.style.height = layout.height + "px";
  Plotly.react(place, traces, { ...LAYOUT, ...layout }, OPTIONS);
}

function drawOverview() {
  const c = PAYLOAD.coverage;
  chart("coverage-plot", Object.keys(c.seconds).map(status => ({ type: "bar", orientation: "h", name: status.replace("_", " "),
    y: c.groups, x: c.seconds[status], marker: { color: COLOURS[status] }, hovertemplate: "%{y}: %{x} s<extra>" + status + "</extra>" })),
    { barmode: "stack", xaxis: { title: { text: "time [s]" } }, yaxis: { automargin: true, autorange: "reversed", dtick: 1 },
      height: Math.max(220, 90 + 24 * c.groups.length) });
  drawQuality();
  const stages = Object.entries(PAYLOAD.stage_seconds);
  chart("stage-plot", stages.length ? [{ type: "bar", x: stages.map(e => e[0].replace("_wall_s", "")), y: stages.map(e => e[1]), marker: { color: "#5b84b1" },
    hovertemplate: "%{x}: %{y} s<extra></extra>" }] : [], { yaxis: { title: { text: "all chunks together [s]" } } });
}

function series(s, values) {
  // A row without value between frames that are not neighbours, so that no line crosses a gap.
  const x = [], y = [];
  values.forEach((value, i) => {
    if (i && s.frames[i] - s.frames[i - 1] > s.stride) { x.push((s.frames[i - 1] + 0.5) / FRAME_RATE); y.push(null); }
    x.push(s.frames[i] / FRAME_RATE); y.push(isFinite(value) ? value : null);
  });
  return { type: "scatter", mode: "lines", x, y };
}

function lostShapes(s) {
  return s.chunks.filter(c => c.status !== "accepted").map(c => ({ type: "rect", xref: "x", yref: "paper", x0: c.start / FRAME_RATE,
    x1: c.stop / FRAME_RATE, y0: 0, y1: 1, fillcolor: COLOURS[c.status], opacity: 0.15, line: { width: 0 }, layer: "below" }));
}

function panels(id, s, time, curves, top) {
  // One panel for each label, a curve for each side.
  const labels = [...new Set(curves.map(c => c.label))], n = labels.length, annotations = [];
  const layout = { title: { text: "" }, height: 90 + 92 * n, xaxis: { ...time, anchor: "y" + (n > 1 ? n : "") } };
  const axis = k => "y" + (k ? k + 1 : ""), half = Number((top / 2).toPrecision(1));
  labels.forEach((label, k) => {
    layout["yaxis" + (k ? k + 1 : "")] = { domain: [1 - (k + 0.86) / n, 1 - k / n], range: [0, top], tickvals: [0, half], zeroline: false };
    annotations.push({ text: label, xref: "paper", yref: "paper", x: 0.005, y: 1 - k / n, showarrow: false, xanchor: "left", yanchor: "top", bgcolor: "rgba(255,255,255,0.75)" });
  });
  const traces = curves.map(c => { const k = labels.indexOf(c.label); return { ...series(s, c.values), yaxis: axis(k), name: c.left ? "left" : "right",
    legendgroup: c.left ? "l" : "r", showlegend: k === 0, line: { color: c.left ? "#6b3fa0" : "#12806a", width: 1.6 },
    hovertemplate: c.name + ": %{y:.2f} at %{x:.2f} s<extra></extra>" }; });
  chart(id, traces, { ...layout, annotations, shapes: lostShapes(s) });
}

function drawSequence(s) {
  const range = [s.first / FRAME_RATE, s.stop / FRAME_RATE], time = { range, title: { text: "time [s]" } };
  panels("muscle-plot", s, time, s.muscles.names.map((name, i) => ({ name, label: s.muscles.labels[i], left: s.muscles.sides[i] === "l",
    values: column(s.muscles.activation, i) })), 1);
  const sides = ["right", "left"], groups = s.trunk.groups.flatMap((group, g) => sides.map((side, k) => ({ name: group + ", " + side,
    label: group, left: k === 1, values: column(s.trunk.activation, 2 * g + k) })));
  panels("trunk-plot", s, time, groups, Math.max(0.1, ...groups.flatMap(g => g.values.filter(isFinite))));
  chart("reserve-plot", !s.reserves ? [] : s.reserves.names.map((name, i) => ({ ...series(s, column(s.reserves.values, i)),
    name: name + " [" + s.reserves.units[i].replace("Nm", "N m") + "]" })), { xaxis: time, yaxis: { title: { text: "reserve [N m or N]" } },
    showlegend: true, legend: { orientation: "v" }, shapes: lostShapes(s) });
  const axes = ["forward", "up", "right"], dash = ["dot", "solid", "dash"], forces = [];
  ["right foot", "left foot"].forEach((foot, side) => [1, 0, 2].forEach(axis => forces.push({ ...series(s, column(s.force, 3 * side + axis)),
    name: foot + ", " + axes[axis], visible: axis === 1 ? true : "legendonly", line: { dash: dash[axis], color: side ? "#6b3fa0" : "#12806a" } })));
  const weight = s.mass_kg ? [{ type: "line", xref: "paper", x0: 0, x1: 1, y0: 9.80665 * s.mass_kg, y1: 9.80665 * s.mass_kg, line: { color: "#888", width: 1, dash: "dot" } }] : [];
  chart("grf-plot", forces, { title: { text: "" }, xaxis: time, yaxis: { title: { text: "ground force [N], dotted: weight" } }, shapes: lostShapes(s).concat(weight) });
  const pressed = !s.loads ? [] : s.loads.labels.map((label, i) => ({ name: label + (label === "L5/S1" ? "" : ", " + s.loads.sides[i]), label,
    left: s.loads.sides[i] === "l", values: column(s.loads.values, i) }));
  panels("load-plot", s, time, pressed, Math.max(1, ...pressed.flatMap(p => p.values.filter(isFinite))));
  chart("moment-plot", !s.moments ? [] : s.moments.labels.map((label, i) => ({ ...series(s, column(s.moments.values, i)),
    name: label + ", " + (s.moments.sides[i] === "l" ? "left" : "right"), visible: label.startsWith("hip add") ? "legendonly" : true,
    line: { color: s.moments.sides[i] === "l" ? "#6b3fa0" : "#12806a", dash: label.startsWith("hip") ? "dot" : label.startsWith("knee") ? "dash" : "solid" } })),
    { xaxis: time, yaxis: { title: { text: "joint moment [N m]" } }, shapes: lostShapes(s) });
  const errors = [["marker_rms_m", "RMS", "#2f6fdb"], ["marker_max_m", "largest", "#cf4646"]].filter(e => s[e[0]]);
  chart("marker-plot", errors.map(([key, name, color]) => ({ ...series(s, column(s[key], 0).map(v => 1000 * v)), name, line: { color } })),
    { xaxis: time, yaxis: { title: { text: "marker error [mm]" }, rangemode: "tozero" }, shapes: lostShapes(s) });
}

const TIME_PLOTS = ["muscle-plot", "trunk-plot", "reserve-plot", "grf-plot", "load-plot", "moment-plot", "marker-plot"];

function pickValues() {
  // A click on a curve goes to its time and says the value, from where its origin can be asked for.
  for (const id of TIME_PLOTS) {
    const place = document.getElementById(id);
    if (place && place.on) place.on("plotly_click", ({ points: [point] }) => {
      play(false);
      setFrame(Math.round(point.x * FRAME_RATE));
      element("picked").textContent = (point.data.hovertemplate || point.data.name || "").split(":")[0] + ": " + point.y.toPrecision(3) + " at " + point.x.toFixed(2) + " s";
    });
  }
}

function moveCursor(time) {
  for (const id of TIME_PLOTS) {
    const place = document.getElementById(id), layout = place && place._fullLayout;
    if (!layout || !layout.xaxis || !layout.xaxis.d2p) continue;
    let line = place.querySelector(".cursor");
    if (!line) { line = document.createElement("div"); line.className = "cursor"; place.appendChild(line); }
    const x = layout.xaxis.d2p(time), size = layout._size;
    line.style.display = x >= 0 && x <= size.w ? "block" : "none";
    line.style.left = size.l + x + "px"; line.style.top = size.t + "px"; line.style.height = size.h + "px";
  }
}
