"use strict";
// The body at one frame: poses place bones, muscles, contact spheres and markers in the view; a figure is drawn of them.
const BONE = palette([236, 226, 206]), MARKER = palette([38, 52, 74]), SPHERE = palette([120, 170, 196]), UNKNOWN = palette([150, 158, 168]);
const FORCE_COLOURS = ["#12806a", "#6b3fa0"], FORCES = FORCE_COLOURS.map(c => palette([1, 3, 5].map(k => parseInt(c.slice(k, k + 2), 16))));
// Activation 0 to 1: pale blue to dark red, darker all the way, so that grey and every kind of colour vision keep the order.
const RAMP = [[172, 210, 240], [226, 158, 92], [220, 100, 48], [180, 36, 42], [100, 0, 34]];
const LEVELS = Array.from({ length: 65 }, (_, k) => palette(rampAt(k / 64)));
const MARKER_M = 0.01, ERROR_M = 0.0016, STICK_M = 0.016, PIECE = 0.16;

function rampAt(a) {
  const x = Math.min(Math.max(a, 0), 1) * (RAMP.length - 1), i = Math.min(Math.floor(x), RAMP.length - 2), t = x - i;
  return RAMP[i].map((c, k) => Math.round(c + t * (RAMP[i + 1][k] - c)));
}

function pointRoom(count) {
  return { count, x: new Float32Array(count), y: new Float32Array(count), near: new Float32Array(count), light: new Float32Array(count) };
}

function prepareBody(body) {
  // Once for each subject: normals of the bones' vertices, in their bodies, and room for what is projected.
  const { values: v } = body.bone_vertex, faces = body.bone_triangle, normal = new Float32Array(v.length);
  for (let f = 0; f < faces.length; f += 3) {
    const [a, b, c] = [3 * faces[f], 3 * faces[f + 1], 3 * faces[f + 2]];
    const p = [0, 1, 2].map(k => v[b + k] - v[a + k]), q = [0, 1, 2].map(k => v[c + k] - v[a + k]);
    const n = [p[1] * q[2] - p[2] * q[1], p[2] * q[0] - p[0] * q[2], p[0] * q[1] - p[1] * q[0]];
    for (const at of [a, b, c]) for (let k = 0; k < 3; k++) normal[at + k] += n[k];
  }
  for (let at = 0; at < normal.length; at += 3) {
    const size = Math.hypot(normal[at], normal[at + 1], normal[at + 2]) || 1;
    for (let k = 0; k < 3; k++) normal[at + k] /= size;
  }
  const bare = new Set(body.bodies.map((_, i) => i));
  body.bone_body.forEach(owner => bare.delete(owner));
  return Object.assign(body, { normal, bones: pointRoom(v.length / 3), bare, sticks: pointRoom(2 * body.stick_body.length), sphere: pointRoom(body.sphere_body.length),
    marker: pointRoom(body.marker_body.length), stick_owner: Uint8Array.from({ length: 2 * body.stick_body.length }, (_, k) => body.stick_body[k >> 1]) });
}

function turnOf(d, row, body) {
  const at = 4 * (row * d.position.shape[1] + body), q = d.turn.values, size = Math.hypot(q[at], q[at + 1], q[at + 2], q[at + 3]);
  return { x: q[at] / size, y: q[at + 1] / size, z: q[at + 2] / size, w: q[at + 3] / size };
}

function bodyFrames(d, row, view) {
  // Rotation and origin of each body in the view (right, up, to the viewer), 12 numbers a body.
  const bodies = d.position.shape[1], out = new Float64Array(12 * bodies), { right, up, back, target } = view;
  for (let b = 0; b < bodies; b++) {
    const { x, y, z, w } = turnOf(d, row, b);
    const r = [1 - 2 * (y * y + z * z), 2 * (x * y - z * w), 2 * (x * z + y * w), 2 * (x * y + z * w), 1 - 2 * (x * x + z * z), 2 * (y * z - x * w),
      2 * (x * z - y * w), 2 * (y * z + x * w), 1 - 2 * (x * x + y * y)];
    const p = [0, 1, 2].map(k => d.position.values[3 * (row * bodies + b) + k] - target[k]);
    [right, up, back].forEach((axis, i) => {
      for (let k = 0; k < 3; k++) out[12 * b + 3 * i + k] = axis[0] * r[k] + axis[1] * r[3 + k] + axis[2] * r[6 + k];
      out[12 * b + 9 + i] = axis[0] * p[0] + axis[1] * p[1] + axis[2] * p[2];
    });
  }
  return out;
}

function projectPoints(to, local, owner, poses, view) {
  // Project points `local` (x, y, z each) of the bodies `owner`; nearness 0 behind the camera.
  for (let i = 0; i < to.count; i++) {
    const m = 12 * owner[i], a = local[3 * i], b = local[3 * i + 1], c = local[3 * i + 2];
    const depth = view.distance - (poses[m + 6] * a + poses[m + 7] * b + poses[m + 8] * c + poses[m + 11]);
    to.near[i] = depth > 0.05 ? 1 / depth : 0;
    to.x[i] = view.x + view.focal * (poses[m] * a + poses[m + 1] * b + poses[m + 2] * c + poses[m + 9]) / depth;
    to.y[i] = view.y - view.focal * (poses[m + 3] * a + poses[m + 4] * b + poses[m + 5] * c + poses[m + 10]) / depth;
  }
}

function lightBones(body, poses) {
  const { normal, bone_body: owner, bones } = body;
  for (let i = 0; i < bones.count; i++) {
    const m = 12 * owner[i], a = normal[3 * i], b = normal[3 * i + 1], c = normal[3 * i + 2];
    const x = poses[m] * a + poses[m + 1] * b + poses[m + 2] * c, y = poses[m + 3] * a + poses[m + 4] * b + poses[m + 5] * c;
    const z = poses[m + 6] * a + poses[m + 7] * b + poses[m + 8] * c;
    bones.light[i] = 255 * (AMBIENT + DIFFUSE * Math.max(0, x * LIGHT[0] - y * LIGHT[1] + z * LIGHT[2]));
  }
}

function drawBones(body) {
  triangles(body.bones, body.bone_triangle, BONE);
  const { x, y, near } = body.sticks;
  let count = 0;
  body.stick_body.forEach((owner, k) => {
    if (!body.bare.has(owner)) return;
    const [a, b] = [2 * k, 2 * k + 1], r = raster.focal * STICK_M;
    ball(x[a], y[a], near[a], 1.3 * r * near[a], BONE);
    tube(x[a], y[a], near[a], r * near[a], x[b], y[b], near[b], r * near[b], BONE);
    count += 1;
  });
  return body.bone_triangle.length / 3 + count;
}

function musclePlaces(d, row) {
  // Places of the points of all paths in their bodies: those that move are put in.
  const count = d.moving_point.length;
  for (let k = 0; k < count; k++) for (let j = 0; j < 3; j++) d.point_place.values[3 * d.moving_point[k] + j] = d.moving_place.values[3 * (row * count + k) + j];
  return d.point_place.values;
}

function shadesOf(d, row, muscle) {
  // Of a muscle's activation; grey in a gap and for a muscle that the results hold nothing of.
  const known = d.solved[row] && d.valued[muscle];
  return known ? LEVELS[Math.round(64 * d.activation.values[row * d.muscles.length + muscle])] : UNKNOWN;
}

function drawMuscles(d, row, legs, trunk) {
  // Spindles along the paths, as thick as their strength; how many of the legs and of the trunk were drawn.
  const { x, y, near } = d.point, n = d.muscles.length, counts = [0, 0];
  for (let i = 0, at = 0; i < n; i++) {
    const from = at;
    while (at < d.point_muscle.length && d.point_muscle[at] === i) at++;
    if (!(d.leg_muscle[i] ? legs : trunk)) continue;
    let total = 0;
    for (let k = from; k + 1 < at; k++) total += Math.hypot(x[k + 1] - x[k], y[k + 1] - y[k]);
    if (!(total > 0)) continue;
    const shades = shadesOf(d, row, i);
    const thick = raster.focal * (0.0018 + 0.00017 * Math.sqrt(d.strength.values[i]));
    const radius = s => thick * (0.45 + 0.55 * Math.sin(Math.PI * s));
    let done = 0;
    for (let k = from; k + 1 < at; k++) {
      const length = Math.hypot(x[k + 1] - x[k], y[k + 1] - y[k]), pieces = Math.max(1, Math.ceil(length / total / PIECE));
      for (let piece = 0; piece < pieces; piece++) {
        const t = piece / pieces, u = (piece + 1) / pieces, mix = (v, s) => v[k] + s * (v[k + 1] - v[k]);
        const r0 = radius((done + t * length) / total), r1 = radius((done + u * length) / total), n0 = mix(near, t), n1 = mix(near, u);
        tube(mix(x, t), mix(y, t), n0, r0 * n0, mix(x, u), mix(y, u), n1, r1 * n1, shades);
      }
      done += length;
      if (k + 2 < at) ball(x[k + 1], y[k + 1], near[k + 1], radius(done / total) * near[k + 1], shades);
    }
    counts[d.leg_muscle[i] ? 0 : 1] += 1;
  }
  return counts;
}

function drawMarkers(d, body, row, project) {
  // Measured markers as balls, each with a line to where the posed model has it.
  const n = d.marker_names.length;
  let count = 0;
  for (let k = 0; k < n; k++) {
    const p = project(vector(d.marker, row, k));
    if (!p) continue;
    ball(p.x, p.y, p.near, raster.focal * MARKER_M * p.near, MARKER);
    count += 1;
    const own = d.marker_model[k];
    if (own >= 0) tube(p.x, p.y, p.near, raster.focal * ERROR_M * p.near, body.marker.x[own], body.marker.y[own], body.marker.near[own], raster.focal * ERROR_M * body.marker.near[own], MARKER);
  }
  return count;
}
