"use strict";
// Data of the page: packed arrays become typed arrays with a shape. Codes and scales are those of quantise.py.
const PAYLOAD = JSON.parse(document.getElementById("payload").textContent);
const COLOURS = { accepted: "#2a9d6f", discarded: "#e0932f", excluded_contact: "#7a6fc9", failed: "#cf4646", pending: "#9aa5b1" };
const FRAME_RATE = 50;

function codesOf(packed) {
  const text = atob(packed.data), bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
  return packed.type === "i16" ? new Int16Array(bytes.buffer) : packed.type === "u16" ? new Uint16Array(bytes.buffer) : bytes;
}

function decode(packed) {
  const codes = codesOf(packed), values = new Float32Array(codes.length);
  const low = packed.low && decode(packed.low).values, step = packed.step && decode(packed.step).values;  // one each for a column
  for (let i = 0; i < codes.length; i++) {
    values[i] = packed.type === "i16" && codes[i] === -32768 ? NaN
      : low ? low[i % low.length] + codes[i] * step[i % low.length] : codes[i] * packed.scale + packed.offset;
  }
  return { values, shape: packed.shape };
}

function column(array, index) {
  const width = array.values.length / array.shape[0];
  const out = [];
  for (let row = 0; row < array.shape[0]; row++) out.push(array.values[row * width + index]);
  return out;
}

const bodies = new Map();
function loadBody(number) {
  // Subjects are shared by their sequences, and decoded when first seen.
  if (!bodies.has(number)) {
    const b = JSON.parse(document.getElementById("body-" + number).textContent);
    for (const name of ["bone_vertex", "stick_end", "marker_place", "sphere_place", "sphere_radius"]) b[name] = decode(b[name]);
    for (const name of ["bone_body", "bone_triangle", "stick_body", "marker_body", "sphere_body"]) b[name] = codesOf(b[name]);
    bodies.set(number, prepareBody(b));
  }
  return bodies.get(number);
}

function loadDrawing(d, body) {
  for (const name of ["position", "turn", "point_place", "moving_place", "activation", "strength", "marker"]) d[name] = decode(d[name]);
  for (const name of ["solved", "valued", "point_muscle", "point_body", "moving_point", "leg_muscle"]) d[name] = codesOf(d[name]);
  d.marker_model = d.marker_names.map(name => body.marker_names.indexOf(name));
  d.point = pointRoom(d.point_muscle.length);
  return d;
}

function loadSequence(number) {
  const s = JSON.parse(document.getElementById("sequence-" + number).textContent);
  for (const name of ["force", "point", "segments", "marker_rms_m", "marker_max_m"]) if (s[name]) s[name] = decode(s[name]);
  s.muscles.activation = decode(s.muscles.activation);
  s.trunk.activation = decode(s.trunk.activation);
  for (const name of ["reserves", "loads", "moments"]) if (s[name]) s[name].values = decode(s[name].values);
  if (s.skeleton) s.skeleton.position = decode(s.skeleton.position);
  if (s.drawing) { s.body = loadBody(s.drawing.body); loadDrawing(s.drawing, s.body); }
  return s;
}

function rowAt(s, frame) {
  // Last row at or before a frame, and whether the frame itself has data (rows are `stride` frames apart).
  let low = 0, high = s.frames.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (s.frames[middle] <= frame) low = middle; else high = middle - 1;
  }
  const distance = frame - s.frames[low];
  const chunk = s.chunks.find(c => c.start <= frame && frame < c.stop);
  return { row: low, present: !!chunk && chunk.status === "accepted" && distance >= 0 && distance < s.stride, chunk };
}
