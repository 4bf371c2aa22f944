"use strict";
// Where values come from: the ancestry of a sequence as a graph from left to right, and all facts of a chosen node.
const STAGES = { validate: [1, "validated"], body: [2, "body"], scale: [3, "scale"], markers: [3, "markers"], muscle_paths: [4, "muscle paths"],
  ik: [4, "ik"], support: [5, "support"], trajectory: [6, "trajectory"], verify: [7, "verify"], trunk: [8, "trunk"], merge: [9, "sequence"],
  dataset: [10, "dataset files"] };
const BOX = { width: 88, height: 36, across: 103, down: 46, edge: 6 };
const RESULT_FILES = { "validated.npz": "validate", "sequence.npz": "merge", "markers.trc": "markers" };
const lineage = { data: null, number: 0, boxes: new Map(), chosen: null };

function lineageData() {
  if (!lineage.data) {
    const data = lineage.data = JSON.parse(element("lineage-data").textContent), shared = new Set(data.shared);
    data.nodes.forEach(node => {
      if (node.made) node.made = Object.fromEntries(data.facts.map((name, i) => [name, shared.has(name) ? data.values[node.made[i]] : node.made[i]]));
      node.inputs = (node.inputs || []).map(([argument, at, digest]) => ({ argument: argument === null ? "" : data.values[argument], node: data.nodes[at], digest }));
      const parts = node.path.split("/"), file = parts[parts.length - 1];
      node.file = file;
      node.sequence = parts[0] === "sequences" ? parts[1] : "";
      node.chunk = parts[2] === "chunks" ? Number(parts[3]) : null;
      node.stage = node.made ? node.made.stage : node.kind === "dataset" ? "dataset"
        : node.kind === "unknown" ? RESULT_FILES[file] || file.split(".")[0] : "";
    });
  }
  return lineage.data;
}

function ancestors(root) {
  // All nodes that a node was made from, itself first.
  const found = new Set([root]);
  for (const node of found) node.inputs.forEach(link => found.add(link.node));
  return found;
}

function adjustmentsOf(node) { const rows = node.made.values.adjustments; return Array.isArray(rows) ? rows : []; }

function boxesOf(number, chunks) {
  // What is drawn: a box for each result, with the files that its stage wrote beside it; files from outside that one
  // argument names together share a box; adjustments of markers have one of their own.
  const root = lineageData().nodes[lineageData().roots[number]], id = player.sequence.id, boxes = new Map(), boxOf = new Map();
  const box = (key, values) => { if (!boxes.has(key)) boxes.set(key, { key, nodes: [], from: new Map(), ...values }); return boxes.get(key); };
  const nodes = [...ancestors(root)].filter(n => n.chunk === null || n.sequence !== id || !chunks.length || chunks.includes(n.chunk));
  const users = new Map();
  nodes.forEach(n => n.inputs.forEach(link => users.set(link.node, [...(users.get(link.node) || []), [n, link.argument]])));
  for (const n of nodes) {
    const own = n.sequence === id || n.kind === "dataset";
    if (n.kind === "byproduct") continue;
    if (n.kind === "input") {
      const [user, argument] = users.get(n)[0], motion = user.stage === "validate";
      const b = box(argument === "watched" ? "watched" : n.path, { column: Math.min(...users.get(n).map(([u]) => (STAGES[u.stage] || [1])[0])) - 1, input: true,
        label: argument === "watched" ? "body model" : motion ? "motion file" : argument === "model_osim" ? "model file" : "input file",
        sequence: motion ? user.sequence : "", own: motion && user.sequence === id });
      b.nodes.push(n);
      b.sub = b.nodes.length > 1 ? b.nodes.length + " files" : n.file;
      boxOf.set(n, b);
      continue;
    }
    const [column, label] = STAGES[n.stage] || [0, n.stage];
    const b = box(n.path, { column, label, sub: n.chunk !== null ? "chunk " + n.chunk : n.kind === "dataset" ? (n.files || []).length + " files" : n.sequence || n.path.split("/")[1],
      own, sequence: n.sequence, chunk: n.chunk });
    b.nodes.push(n);
    boxOf.set(n, b);
    if (n.stage === "scale" && n.made) {
      const rows = adjustmentsOf(n);
      b.from.set(box("adjustments " + n.path, { column: 2, label: "adjustments", sub: rows.length === 1 ? "1 marker" : rows.length + " markers", adjustments: rows, scale: b }), {});
    }
  }
  for (const n of nodes) n.inputs.forEach(link => {
    // A file beside a result stands in the result's box.
    const source = link.node.kind === "byproduct" ? link.node.inputs[0].node : link.node, a = boxOf.get(source), b = boxOf.get(n);
    if (n.kind === "byproduct" || !a || !b || a === b) return;
    const held = b.from.get(a) || {};
    b.from.set(a, { stale: held.stale || !!link.digest });
  });
  return boxes;
}

function place(boxes) {
  // Rows: the sequence itself, inputs and other sequences below it, a row for each chunk. Returns how many there are.
  const next = Array(11).fill(0), put = (b, row) => { b.row = row; next[b.column] = Math.max(next[b.column], row + 1); };
  const all = [...boxes.values()], is = test => all.filter(b => b.row === undefined && test(b));
  is(b => b.chunk == null && b.own && b.column < 3).forEach(b => put(b, 0));
  is(b => b.chunk == null && !b.own && (b.column === 3 || b.column === 4) && !b.input).forEach(b => put(b, next[b.column]));
  is(b => b.adjustments).forEach(b => put(b, next[b.column]));
  is(b => b.input && !b.sequence).forEach(b => put(b, next[b.column]));
  const others = [...new Set(is(b => b.sequence && !b.own).map(b => b.sequence))];
  others.forEach(name => { const row = Math.max(...next.slice(0, 3)); is(b => b.sequence === name && !b.own).forEach(b => put(b, row)); });
  const first = Math.max(...next.slice(3)), chunks = [...new Set(is(b => b.chunk != null).map(b => b.chunk))].sort((a, b) => a - b);
  chunks.forEach((chunk, k) => is(b => b.chunk === chunk).forEach(b => put(b, first + k)));
  is(() => true).forEach(b => put(b, Math.max(first, next[b.column])));
  return Math.max(...next);
}

function above(b, found = new Set()) {
  for (const a of b.from.keys()) if (!found.has(a)) { found.add(a); above(a, found); }
  return found;
}

function drawn(b) {
  // Links that another path does not imply already; broken ones always.
  const sources = [...b.from.keys()], implied = new Set(sources.flatMap(a => [...above(a)]));
  return sources.filter(a => !implied.has(a) || b.from.get(a).stale);
}

function svg(kind, values, text) {
  // The namespace is that of the page's own element: no address stands in this file.
  const made = document.createElementNS(element("lineage-graph").namespaceURI, kind);
  Object.entries(values).forEach(([name, value]) => made.setAttribute(name, value));
  if (text !== undefined) made.textContent = text;
  return made;
}

function fit(part) {
  // Shorten a text until it stands within its box.
  let text = part.textContent;
  while (text.length > 4 && part.getComputedTextLength() > BOX.width - 11) { text = text.slice(0, -1); part.textContent = text + "\u2026"; }
}

function stateOf(b) {
  const n = b.nodes[0];
  if (!n || n.kind === "input" || n.kind === "dataset") return "file";
  return !n.made ? "unknown" : n.made.status === "ok" ? "accepted" : n.made.status;
}

function drawLineage() {
  const chunk = element("lineage-chunk").value, blended = lineage.blended, graph = element("lineage-graph");
  const boxes = lineage.boxes = boxesOf(lineage.number, chunk === "" ? [] : [Number(chunk), ...blended]), rows = place(boxes);
  graph.replaceChildren();
  graph.setAttribute("viewBox", "0 0 " + (10 * BOX.across + BOX.width + 2) + " " + (rows * BOX.down + 2));
  const x = b => 1 + b.column * BOX.across, y = b => 1 + b.row * BOX.down;
  for (const b of boxes.values()) for (const a of drawn(b)) {
    const [x1, y1, x2, y2] = [x(a) + BOX.width, y(a) + BOX.height / 2, x(b), y(b) + BOX.height / 2], bend = Math.max(12, (x2 - x1) / 2);
    const line = svg("path", { d: `M${x1} ${y1}C${x1 + bend} ${y1} ${x2 - bend} ${y2} ${x2} ${y2}`, class: "link" + (b.from.get(a).stale ? " stale" : "") });
    line.from = a; line.to = b;
    graph.append(line);
  }
  for (const b of boxes.values()) {
    const state = stateOf(b), group = svg("g", { class: "box " + state, tabindex: 0, role: "button", transform: `translate(${x(b)} ${y(b)})`,
      "aria-label": [b.label, b.sub, state === "unknown" ? "no trace" : state === "file" ? "" : state].join(" ").trim() });
    group.append(svg("title", {}, [b.label, ...b.nodes.map(n => n.path)].join("\n")), svg("rect", { width: BOX.width, height: BOX.height, rx: 4 }),
      svg("rect", { width: 4, height: BOX.height, class: "state", rx: 2 }), svg("text", { x: 9, y: 15 }, b.label),
      svg("text", { x: 9, y: 29, class: "sub" }, state === "unknown" ? "no trace" : b.sub));
    group.box = b; b.group = group;
    const pick = event => { event.preventDefault(); chooseBox(b); };
    group.addEventListener("click", pick);
    group.addEventListener("keydown", e => { if (e.key === "Enter" || e.key === " ") pick(e); });
    graph.append(group);
    group.querySelectorAll("text").forEach(fit);
  }
  summarise(boxes);
}

function chooseBox(b) {
  lineage.chosen = b;
  const kept = above(b).add(b);
  for (const part of element("lineage-graph").children) {
    const on = part.box ? kept.has(part.box) : kept.has(part.to) && kept.has(part.from);
    part.classList.toggle("faint", !on);
    if (part.box) part.setAttribute("aria-pressed", part.box === b);
  }
  showFacts(b);
}

function fillLineage(number) {
  lineage.number = number;
  lineage.blended = [];
  const select = element("lineage-chunk");
  select.replaceChildren(new Option("all", ""), ...player.sequence.chunks.map(c => new Option(c.chunk + ", " + c.status.replace("_", " "), c.chunk)));
  // Hundreds of rows would help nobody.
  showLineage(player.sequence.chunks.length > 40 ? player.sequence.chunks[0].chunk : "");
}

function showLineage(chunk, stage = "merge") {
  element("lineage-chunk").value = chunk;
  drawLineage();
  const boxes = [...lineage.boxes.values()];
  chooseBox(boxes.find(b => b.own && b.nodes[0].stage === stage && (b.chunk == null || b.chunk === Number(chunk))) || boxes[0]);
}

function whence(stage) {
  // From a value at the time shown: its chunk, and the one it is blended with around a seam.
  const s = player.sequence, frame = Math.floor(player.frame + 1e-6), margin = lineageData().seam_frames;
  const own = s.chunks.find(c => c.start <= frame && frame < c.stop);
  lineage.blended = !own || own.status !== "accepted" ? [] : s.chunks.filter(c => c !== own && c.status === "accepted" && c.start - margin < frame && frame < c.stop + margin).map(c => c.chunk);
  showLineage(own ? own.chunk : "", stage);
  element("provenance").scrollIntoView();
}
