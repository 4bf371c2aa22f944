"use strict";
// The moving figure on its canvas: floor and shadow, the body or, without a drawing, a skeleton of joints, ground forces.
// Ground frame: x forward, y up, z right.
const HOME = { azimuth: -0.7, elevation: 0.14, distance: 2.8 };  // azimuth from where the pelvis faces
const camera = { ...HOME };
const layers = { bones: true, legs: true, trunk: true, markers: true, forces: true, spheres: false };
const figure = { quality: 2, cost: 0 };

function fitted(canvas) {
  const ratio = window.devicePixelRatio || 1;
  const width = Math.round(canvas.clientWidth * ratio), height = Math.round(canvas.clientHeight * ratio);
  if (canvas.width !== width || canvas.height !== height) { canvas.width = width; canvas.height = height; }
  const context = canvas.getContext("2d");
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  return { context, width: canvas.clientWidth, height: canvas.clientHeight };
}

function viewFrom(target, width, height) {
  const { azimuth: a, elevation: e, distance } = camera;
  return { target, distance, focal: 1.35 * height, x: width / 2, y: height / 2, right: [Math.cos(a), 0, -Math.sin(a)],
    back: [Math.cos(e) * Math.sin(a), Math.sin(e), Math.cos(e) * Math.cos(a)], up: [-Math.sin(e) * Math.sin(a), Math.cos(e), -Math.sin(e) * Math.cos(a)] };
}

function projector(view) {
  return p => {
    const r = [p[0] - view.target[0], p[1] - view.target[1], p[2] - view.target[2]], along = axis => r[0] * axis[0] + r[1] * axis[1] + r[2] * axis[2];
    const depth = view.distance - along(view.back);
    return depth > 0.05 ? { x: view.x + view.focal * along(view.right) / depth, y: view.y - view.focal * along(view.up) / depth, near: 1 / depth } : null;
  };
}

function vector(array, row, index) {
  const at = row * (array.values.length / array.shape[0]) + 3 * index;
  return [array.values[at], array.values[at + 1], array.values[at + 2]];
}

function posed(s, row, frame) {
  // What there is to draw at a frame: the row of the drawing and whether it is solved, measured or the last one known
  // (before the first pose, that one).
  const d = s.drawing;
  if (!d) return { row, pose: s.skeleton ? "skeleton" : "none" };
  const count = d.solved.length, known = at => isFinite(d.position.values[at * 3 * d.position.shape[1]]);
  let at = Math.min(Math.max(Math.floor((frame - s.first) / d.stride), 0), count - 1);
  if (d.solved[at]) return { row: at, pose: "solved" };
  if (known(at)) return { row: at, pose: "measured" };
  while (at > 0 && !known(at)) at--;
  while (at < count - 1 && !known(at)) at++;
  return { row: at, pose: "last" };
}

function aim(s, at) {
  const place = s.drawing ? s.drawing.position : s.skeleton && s.skeleton.position;
  if (place) { const p = vector(place, at.row, 0); if (isFinite(p[0])) return [p[0], 0.88, p[2]]; }
  for (const side of [0, 1]) { const p = vector(s.point, 0, side); if (isFinite(p[0])) return [p[0], 0.88, p[2]]; }
  return [0, 0.88, 0];
}

function drawFloor(context, project, target) {
  const half = 3, step = 0.5, x0 = Math.round(target[0] / step) * step, z0 = Math.round(target[2] / step) * step;
  context.lineWidth = 1;
  for (let k = -half; k <= half + 1e-9; k += step) {
    for (const [a, b] of [[[x0 + k, 0, z0 - half], [x0 + k, 0, z0 + half]], [[x0 - half, 0, z0 + k], [x0 + half, 0, z0 + k]]]) {
      for (let piece = 0; piece < 12; piece++) {  // fading with the distance
        const [p, q] = [piece, piece + 1].map(t => a.map((v, i) => v + (b[i] - v) * t / 12));
        const far = Math.hypot((p[0] + q[0]) / 2 - target[0], (p[2] + q[2]) / 2 - target[2]) / half, u = project(p), v = project(q);
        if (far > 1 || !u || !v) continue;
        context.strokeStyle = "rgba(120,138,158," + (0.5 * (1 - far)).toFixed(2) + ")";
        context.beginPath(); context.moveTo(u.x, u.y); context.lineTo(v.x, v.y); context.stroke();
      }
    }
  }
}

function drawShadow(context, project, lines, near) {
  // Lines [from, to] in ground, seen from above on the floor.
  context.beginPath();
  for (const line of lines) {
    const [p, q] = line.map(([x, , z]) => project([x, 0, z]));
    if (p && q) { context.moveTo(p.x, p.y); context.lineTo(q.x, q.y); }
  }
  context.save();
  context.filter = "blur(5px)";
  context.lineWidth = near * 0.09;
  context.lineCap = context.lineJoin = "round";
  context.strokeStyle = "rgba(40,52,70,0.22)";
  context.stroke();
  context.restore();
}

function shadowLines(s, at) {
  if (!s.drawing) return s.skeleton.parent.map((parent, b) => [vector(s.skeleton.position, at.row, Math.max(0, parent)), vector(s.skeleton.position, at.row, b)]);
  const { body, drawing: d } = s, level = { right: [1, 0, 0], up: [0, 1, 0], back: [0, 0, 1], target: [0, 0, 0] }, poses = bodyFrames(d, at.row, level);
  const ground = k => { const m = 12 * body.stick_owner[k], l = body.stick_end.values.subarray(3 * k, 3 * k + 3);
    return [0, 1, 2].map(i => poses[m + 3 * i] * l[0] + poses[m + 3 * i + 1] * l[1] + poses[m + 3 * i + 2] * l[2] + poses[m + 9 + i]); };
  return Array.from(body.stick_body, (_, k) => [ground(2 * k), ground(2 * k + 1)]);
}

function projectBody(s, at, view) {
  // Everything that is fixed in a body, into the view; returns the poses that did it.
  const { body, drawing: d } = s, poses = bodyFrames(d, at.row, view);
  for (const [to, local, owner] of [[body.bones, body.bone_vertex.values, body.bone_body], [body.sticks, body.stick_end.values, body.stick_owner],
    [body.sphere, body.sphere_place.values, body.sphere_body], [body.marker, body.marker_place.values, body.marker_body],
    [d.point, musclePlaces(d, at.row), d.point_body]]) projectPoints(to, local, owner, poses, view);
  return poses;
}

function boxOf(s, at, row, project, drawn) {
  // What the figure fills: all that was projected, markers and arrows, with room for thickness.
  const box = [Infinity, Infinity, -Infinity, -Infinity], add = (x, y) => {
    box[0] = Math.min(box[0], x); box[1] = Math.min(box[1], y); box[2] = Math.max(box[2], x); box[3] = Math.max(box[3], y);
  };
  const also = p => { const q = isFinite(p[0]) && project(p); if (q) add(q.x, q.y); };
  if (drawn) {
    for (const { x, y, near } of [s.body.bones, s.body.sticks, s.body.marker, s.drawing.point]) near.forEach((n, k) => n > 0 && add(x[k], y[k]));
    s.drawing.marker_names.forEach((_, k) => also(vector(s.drawing.marker, at.row, k)));
  } else if (s.skeleton) s.skeleton.parent.forEach((_, b) => also(vector(s.skeleton.position, row, b)));
  for (const side of [0, 1]) {
    const p = vector(s.point, row, side), f = vector(s.force, row, side);
    also(p);
    also(p.map((v, i) => v + f[i] / PAYLOAD.force_scale_N_per_m));
  }
  const room = 0.06 * raster.focal / camera.distance;
  return [box[0] - room, box[1] - room, box[2] + room, box[3] + room];
}

function drawBody(s, at, poses, project) {
  const { body, drawing: d } = s, told = { bones: 0, legMuscles: 0, trunkMuscles: 0, markers: 0 };
  if (layers.bones) { lightBones(body, poses); told.bones = drawBones(body); }
  if (layers.spheres) body.sphere.near.forEach((n, k) => ball(body.sphere.x[k], body.sphere.y[k], n, raster.focal * body.sphere_radius.values[k] * n, SPHERE));
  if (layers.legs || layers.trunk) [told.legMuscles, told.trunkMuscles] = drawMuscles(d, at.row, layers.legs, layers.trunk);
  if (layers.markers) told.markers = drawMarkers(d, body, at.row, project);
  return told;
}

function drawSkeleton(s, row, project) {
  s.skeleton.parent.forEach((parent, b) => {
    if (parent < 0) return;
    const [p, q] = [parent, b].map(k => project(vector(s.skeleton.position, row, k))), segment = s.skeleton.segment[b];
    if (!p || !q) return;
    const shades = segment < 0 ? UNKNOWN : LEVELS[Math.round(64 * s.segments.values[row * s.segments.shape[1] + segment])], r = 0.022 * raster.focal;
    tube(p.x, p.y, p.near, r * p.near, q.x, q.y, q.near, r * q.near, shades);
    ball(q.x, q.y, q.near, 1.1 * r * q.near, shades);
  });
}

function drawForces(s, row, project) {
  // Arrows at the centres of pressure; returns what is laid over the figure, so that none hides in it.
  const arrows = [];
  for (const side of [0, 1]) {
    const force = vector(s.force, row, side), point = vector(s.point, row, side), size = Math.hypot(...force), long = size / PAYLOAD.force_scale_N_per_m;
    if (!isFinite(point[0]) || !(size > 0)) continue;
    const along = share => project(point.map((v, i) => v + share * long * force[i] / size)), [p, neck, tip] = [0, Math.max(0.3, 1 - 0.1 / long), 1].map(along);
    if (!p || !neck || !tip) continue;
    const r = m => m * raster.focal;
    tube(p.x, p.y, p.near, r(0.011) * p.near, neck.x, neck.y, neck.near, r(0.011) * neck.near, FORCES[side]);
    tube(neck.x, neck.y, neck.near, r(0.034) * neck.near, tip.x, tip.y, tip.near, 0, FORCES[side]);
    ball(p.x, p.y, p.near, r(0.018) * p.near, FORCES[side]);
    arrows.push({ p, neck, tip, width: r(0.011) * p.near, head: r(0.034) * neck.near, text: Math.round(size) + " N", colour: FORCE_COLOURS[side] });
  }
  return arrows;
}

function overlay(context, { p, neck, tip, width, head, text, colour }, ratio) {
  const at = q => [q.x / ratio, q.y / ratio], angle = Math.atan2(tip.y - neck.y, tip.x - neck.x);
  context.strokeStyle = context.fillStyle = colour;
  context.globalAlpha = 0.3;
  context.lineWidth = 2 * width / ratio;
  context.beginPath(); context.moveTo(...at(p)); context.lineTo(...at(neck)); context.stroke();
  context.beginPath(); context.moveTo(...at(tip));
  for (const turn of [-1, 1]) context.lineTo((neck.x - turn * head * Math.sin(angle)) / ratio, (neck.y + turn * head * Math.cos(angle)) / ratio);
  context.fill();
  context.globalAlpha = 1;
  const [x, y] = at(tip);
  context.font = "600 13px system-ui, sans-serif";
  context.textAlign = "center";
  context.lineWidth = 4;
  context.lineJoin = "round";
  context.strokeStyle = "rgba(255,255,255,0.9)";
  context.strokeText(text, x, y - 8);
  context.fillText(text, x, y - 8);
}

function drawFigure(canvas, s, row, present, frame) {
  const began = performance.now(), { context, width, height } = fitted(canvas), ratio = Math.max(figure.quality, window.devicePixelRatio || 1);
  context.clearRect(0, 0, width, height);
  const at = posed(s, row, frame), target = aim(s, at), project = projector(viewFrom(target, width, height));
  drawFloor(context, project, target);
  const fine = viewFrom(target, ratio * width, ratio * height), onRaster = projector(fine);
  const told = { bones: 0, legMuscles: 0, trunkMuscles: 0, markers: 0 };
  let arrows = [];
  if (at.pose !== "none") drawShadow(context, project, shadowLines(s, at), 1.35 * height / camera.distance);
  raster.focal = fine.focal;
  const poses = s.drawing && projectBody(s, at, fine);
  if (beginRaster(Math.round(ratio * width), Math.round(ratio * height), boxOf(s, at, row, onRaster, !!poses))) {
    if (poses) Object.assign(told, drawBody(s, at, poses, onRaster));
    else if (s.skeleton) drawSkeleton(s, row, onRaster);
    if (layers.forces && present) arrows = drawForces(s, row, onRaster);
    outline();
    showRaster(context, ratio, present ? 1 : 0.4);
  }
  arrows.forEach(arrow => overlay(context, arrow, ratio));
  if (at.pose === "none") {
    context.fillStyle = "#5b6775";
    context.fillText("These results hold no skeleton; the arrows are the ground forces.", 12, height - 14);
  }
  Object.assign(canvas.dataset, told, { pose: at.pose, forces: arrows.length, frame });
  figure.cost += 0.2 * (performance.now() - began - figure.cost);
  canvas.dataset.cost = figure.cost.toFixed(1);
}
