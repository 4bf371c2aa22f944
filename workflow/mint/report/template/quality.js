"use strict";
// Quality: measures of chunks with their limits, and the table of sequences.
const SHOWN_SEQUENCES = 200, SHOWN_CHUNKS = 1500;  // more points hide each other and take a browser seconds
const SYMBOLS = ["circle", "diamond", "square", "triangle-up", "cross", "x"];
const words = text => text.replaceAll("_", " ");

function drawQuality() {
  const measures = PAYLOAD.quality.measures, names = Object.keys(measures);
  measureChart("markers-plot", names.filter(n => n === "marker_rms_mm" || n === "marker_max_mm"), "marker error [mm]");
  measureChart("tracking-plot", names.filter(n => n === "tracking_rms_deg" || n === "tracking_max_deg"), "worst angle [deg]");
  const select = document.getElementById("measure");
  names.forEach(n => select.add(new Option(words(n), n)));
  const show = () => {
    if (!select.value) return;
    const m = measures[select.value];
    measureChart("measure-plot", [select.value], words(select.value) + (select.value.endsWith("_" + m.unit) ? "" : " [" + m.unit + "]"));
    document.getElementById("measure-meaning").textContent = m.meaning;
  };
  select.addEventListener("change", show);
  show();
  listSequences();
}

function isBeyond(value, at) {
  // Limits above 0 are exceeded upwards, those below 0 downwards.
  return at > 0 ? value > at : value < at;
}

function shownRows(beyond) {
  // Rows of the chunks to draw: all, or evenly chosen ones, of which those `beyond` a limit may be half at least.
  const evenly = (rows, most) => rows.length <= most ? rows : Array.from({ length: most }, (_, k) => rows[Math.floor(k * rows.length / most)]);
  const rows = [...beyond.keys()], others = rows.filter(i => !beyond[i]);
  const first = evenly(rows.filter(i => beyond[i]), Math.max(SHOWN_CHUNKS / 2, SHOWN_CHUNKS - others.length));
  return [...first, ...evenly(others, SHOWN_CHUNKS - first.length)].sort((a, b) => a - b);
}

function measureChart(id, names, title) {
  const q = PAYLOAD.quality, values = names.map(name => decode(q.measures[name].values).values);
  const isBroken = names.map((name, k) => i => q.measures[name].limits.some(l => isBeyond(values[k][i], l.at)));
  const rows = shownRows(q.chunk.map((_, i) => isBroken.some(broken => broken(i))));
  const label = rows.map(i => q.sequence[i] + " " + q.chunk[i]), text = rows.map(i => [words(q.status[i]), ...q.faults[i].map(words)].join(", "));
  const points = names.map((name, k) => {
    const m = q.measures[name], broken = rows.map(isBroken[k]);
    return { type: "scatter", mode: "markers", name: words(name), x: label, y: rows.map(i => isFinite(values[k][i]) ? values[k][i] : null), text,
      marker: { symbol: SYMBOLS[k % SYMBOLS.length], size: broken.map(b => b ? 11 : 8), color: rows.map(i => COLOURS[q.status[i]]),
        line: { color: "#b00020", width: broken.map(b => b ? 2.5 : 0) } },
      hovertemplate: "%{x}: %{y:.4g} " + m.unit + "<extra>%{text}</extra>" };
  });
  const lines = names.flatMap(name => q.measures[name].limits.map(l => ({ type: "scatter", mode: "lines", name: "limit of " + words(name), x: [label[0], label[label.length - 1]],
    y: [l.at, l.at], line: { color: "#b00020", width: 1.2, dash: "dash" }, hovertemplate: "limit of " + words(name) + ": %{y:.4g} " + q.measures[name].unit + "<extra>" + words(l.kind) + "</extra>" })));
  chart(id, [...points, ...lines], { yaxis: { title: { text: title }, rangemode: "tozero" }, showlegend: points.length + lines.length > 1,
    xaxis: { showticklabels: label.length <= 40, automargin: true,
      title: { text: rows.length < q.chunk.length ? "chunk (" + rows.length + " of " + q.chunk.length + ", rather those beyond a limit)" : "chunk" } } });
}

const SEQUENCE_COLUMNS = [["sequence", "sequence"], ["dataset", "dataset"], ["subject", "subject"], ["seconds", "length [s]"], ["analysed", "share analysed [1]"],
  ["faultless", "without fault [s]"], ["chunks", "chunks"], ["lost", "lost"], ["faulty", "faulty"], ["faults", "faults"], ["missing", "missing [s]"],
  ["marker", "marker error, median [mm]"], ["tracking", "tracking, worst [deg]"]];

function listSequences() {
  const rows = PAYLOAD.quality_sequences, filter = document.getElementById("sequence-filter"), fault = document.getElementById("sequence-fault");
  const table = document.getElementById("sequence-table"), sorted = { key: "sequence", down: false };
  [...new Set(rows.flatMap(r => r.faults))].sort().forEach(kind => fault.add(new Option(words(kind), kind)));
  const cell = value => Array.isArray(value) ? value.map(words).join(", ") : value === null ? "" : String(value);
  const fill = () => {
    const kept = rows.filter(r => (r.sequence + " " + r.dataset + " " + r.subject).toLowerCase().includes(filter.value.toLowerCase()) && (!fault.value || r.faults.includes(fault.value)));
    const order = (a, b) => typeof a === "number" && typeof b === "number" ? a - b : cell(a).localeCompare(cell(b));
    kept.sort((a, b) => (sorted.down ? -1 : 1) * order(a[sorted.key], b[sorted.key]));
    table.tBodies[0].replaceChildren(...kept.slice(0, SHOWN_SEQUENCES).map(r => make("tr", SEQUENCE_COLUMNS.map(([key]) =>
      make("td", key === "lost" && r.reason !== "none" ? words(r.reason) : cell(r[key]), typeof r[key] === "number" ? "n" : key === "faults" ? "broken" : "")))));
    document.getElementById("sequence-count").textContent = kept.length + " of " + rows.length + " sequences" + (kept.length > SHOWN_SEQUENCES ? ", the first " + SHOWN_SEQUENCES + " are listed" : "");
  };
  table.tHead.replaceChildren(make("tr", SEQUENCE_COLUMNS.map(([key, title]) => {
    const button = make("button", title, "sort");
    button.type = "button";
    button.addEventListener("click", () => { sorted.down = sorted.key === key && !sorted.down; sorted.key = key; fill(); });
    return make("th", button);
  })));
  filter.addEventListener("input", fill);
  fault.addEventListener("change", fill);
  fill();
}
