"use strict";
// Data of the page: packed arrays become Float32Array with a shape. Codes and scales are those of quantise.py.
const PAYLOAD = JSON.parse(document.getElementById("payload").textContent);
const COLOURS = { accepted: "#2a9d6f", discarded: "#e0932f", excluded_contact: "#7a6fc9", failed: "#cf4646", pending: "#9aa5b1" };
const FRAME_RATE = 50;

function decode(packed) {
  const text = atob(packed.data);
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
  const codes = packed.type === "i16" ? new Int16Array(bytes.buffer) : bytes;
  const values = new Float32Array(codes.length);
  for (let i = 0; i < codes.length; i++) {
    values[i] = packed.type === "i16" && codes[i] === -32768 ? NaN : codes[i] * packed.scale + packed.offset;
  }
  return { values, shape: packed.shape };
}

function column(array, index) {
  const width = array.values.length / array.shape[0];
  const out = [];
  for (let row = 0; row < array.shape[0]; row++) out.push(array.values[row * width + index]);
  return out;
}

function loadSequence(number) {
  const s = JSON.parse(document.getElementById("sequence-" + number).textContent);
  for (const name of ["force", "point", "segments", "marker_rms_m", "marker_max_m"]) if (s[name]) s[name] = decode(s[name]);
  s.muscles.activation = decode(s.muscles.activation);
  s.trunk.activation = decode(s.trunk.activation);
  if (s.reserves) s.reserves.values = decode(s.reserves.values);
  if (s.skeleton) s.skeleton.position = decode(s.skeleton.position);
  if (s.lines) { s.lines.points = decode(s.lines.points); s.lines.activation = decode(s.lines.activation); }
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
