"use strict";
// All facts of a chosen box of the ancestry, and what there is to say of the ancestry as a whole.
function make(kind, content, className) {
  const made = document.createElement(kind);
  if (className) made.className = className;
  made.append(...(Array.isArray(content) ? content : [content]));
  return made;
}

function toBox(b, text) {
  const button = make("button", text, "path");
  button.type = "button";
  button.addEventListener("click", () => chooseBox(b));
  return button;
}

function boxOfNode(node) {
  const at = node.kind === "byproduct" ? node.inputs[0].node : node;
  return [...lineage.boxes.values()].find(b => b.nodes.includes(at));
}

function named(node) {
  const b = boxOfNode(node);
  return b ? toBox(b, node.path) : make("code", node.path);
}

function summarise(boxes) {
  const all = [...boxes.values()], place = element("lineage-summary"), parts = [];
  const motion = all.find(b => b.label === "motion file" && b.own), adjusted = all.filter(b => b.adjustments), model = all.find(b => b.label === "model file");
  if (motion) parts.push("Motion file ", toBox(motion, motion.nodes[0].path), " ", make("code", motion.nodes[0].digest || "no digest"), ". ");
  for (const b of adjusted) parts.push("Adjusted markers: ", toBox(b, b.adjustments.map(row => row.marker).join(", ") || "none"), ". ");
  if (model) parts.push("Model ", toBox(model, model.nodes[0].file), ". ");
  const broken = all.flatMap(b => [...b.from].filter(([, link]) => link.stale).map(([a]) => a.label + " to " + b.label + (a.chunk == null && b.chunk == null ? "" : " of chunk " + (a.chunk ?? b.chunk)))), lost = all.filter(b => stateOf(b) === "unknown");
  if (lineage.blended.length) parts.push("Near a seam: blended with chunk " + lineage.blended.join(", ") + ". ");
  parts.push(make("b", broken.length ? "Broken links: " + broken.slice(0, 6).join(", ") + (broken.length > 6 ? " and " + (broken.length - 6) + " more" : "") + ". " : lost.length ? "" : "Every link holds. ", broken.length ? "broken" : ""));
  if (lost.length) parts.push(make("b", lost.length + (lost.length > 1 ? " results have" : " result has") + " no trace.", "broken"));
  place.replaceChildren(...parts);
}

function rowsOf(entries) {
  return make("table", make("tbody", entries.filter(e => e[1] !== "" && e[1] !== undefined).map(([name, value]) => make("tr", [make("th", name), make("td", value)]))));
}

function table(rows) {
  const names = Object.keys(rows[0]);
  return make("table", [make("thead", make("tr", names.map(name => make("th", name)))),
    make("tbody", rows.map(row => make("tr", names.map(name => make("td", String(row[name]))))))]);
}

function folded(title, value) {
  const details = make("details", [make("summary", title), make("pre", JSON.stringify(value, null, 1))]);
  return Object.keys(value || {}).length ? details : "";
}

function adjustmentFacts(rows) {
  return [make("h3", "Marker adjustments in force"), rows.length ? table(rows) : make("p", "None: every marker is where the marker set has it.")];
}

function fileFacts(node) {
  return rowsOf([["path", make("code", node.path)], ["SHA-256", node.digest ? make("code", node.digest) : "not recorded"]]);
}

function madeFacts(node) {
  const m = node.made, unit = (value, text) => value || value === 0 ? value + " " + text : "";
  return [rowsOf([["path", make("code", node.path)], ["status", m.status + (m.reason && m.reason !== "none" ? ": " + m.reason.replaceAll("_", " ") : "")],
    ["digest", make("code", node.digest)], ["fingerprint", make("code", m.fingerprint)], ["stage", m.stage + ", method version " + m.method],
    ["host", m.host + (m.cpu ? ", " + m.cpu : "")], ["SLURM job", m.job || "none"], ["attempt", String(m.attempt)], ["time", m.started + " to " + m.ended],
    ["cost", [unit(m.wall_s, "s"), unit(m.cpu_s, "s of processor"), m.max_rss_mb ? unit(m.max_rss_mb, "MB") : ""].filter(t => t).join(", ")],
    ["code", m.commit || "commit not recorded"]]), folded("Configuration", m.config), folded("Arguments", m.values), folded("Limits", m.limits),
    folded("Package versions", m.packages)];
}

function inputFacts(node) {
  if (!node.inputs.length) return [];
  const body = make("tbody", node.inputs.map(link => make("tr", [make("td", link.argument || "written by"), make("td", named(link.node)),
    make("td", link.digest ? [make("b", "broken: ", "broken"), "used as ", make("code", link.digest), ", now ", make("code", link.node.digest || "gone")] : make("code", link.node.digest || ""))])));
  return [make("h3", "Made from"), make("div", make("table", [make("thead", make("tr", ["argument", "file", "digest"].map(t => make("th", t)))), body]), "scroll")];
}

function showFacts(b) {
  const parts = [make("h3", b.label + (b.sub ? ": " + b.sub : ""))];
  if (b.adjustments) parts.push(...adjustmentFacts(b.adjustments), make("p", ["Used by ", toBox(b.scale, b.scale.nodes[0].path)]));
  for (const node of b.nodes) {
    if (node.stage === "scale" && node.made) parts.push(...adjustmentFacts(adjustmentsOf(node)));
    if (node.kind === "input") parts.push(fileFacts(node));
    else if (node.kind === "dataset") parts.push(rowsOf([["folder", make("code", node.path)], ["files", (node.files || []).join(", ")]]));
    else if (!node.made) parts.push(make("p", ["No trace lies beside ", make("code", node.path), ": nothing is known of how it was made."]));
    else parts.push(...madeFacts(node));
    parts.push(...inputFacts(node));
  }
  element("lineage-facts").replaceChildren(...parts.filter(part => part !== ""));
}
