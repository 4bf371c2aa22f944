"use strict";
// The moving figure: a perspective drawing on a canvas, nearer things drawn later. Ground frame: x forward, y up, z right.
const camera = { azimuth: 0.9, elevation: 0.25, distance: 3.1 };
const HOME = { ...camera };

function ramp(a) {
  const stops = [[122, 138, 160], [232, 158, 60], [205, 38, 38]];
  const x = Math.min(Math.max(a, 0), 1) * 2, i = Math.min(Math.floor(x), 1), t = x - i;
  return "rgb(" + stops[i].map((c, k) => Math.round(c + t * (stops[i + 1][k] - c))).join(",") + ")";
}

function fitted(canvas) {
  const ratio = window.devicePixelRatio || 1;
  const width = Math.round(canvas.clientWidth * ratio), height = Math.round(canvas.clientHeight * ratio);
  if (canvas.width !== width || canvas.height !== height) { canvas.width = width; canvas.height = height; }
  const context = canvas.getContext("2d");
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  return { context, width: canvas.clientWidth, height: canvas.clientHeight };
}

function projector(target, width, height) {
  const { azimuth: a, elevation: e, distance: d } = camera;
  const back = [Math.cos(e) * Math.sin(a), Math.sin(e), Math.cos(e) * Math.cos(a)];
  const right = [Math.cos(a), 0, -Math.sin(a)];
  const up = [-Math.sin(e) * Math.sin(a), Math.cos(e), -Math.sin(e) * Math.cos(a)];
  const focal = 1.35 * height;
  return p => {
    const r = [p[0] - target[0], p[1] - target[1], p[2] - target[2]];
    const depth = d - (r[0] * back[0] + r[1] * back[1] + r[2] * back[2]);
    if (!(depth > 0.05)) return null;
    const x = r[0] * right[0] + r[2] * right[2], y = r[0] * up[0] + r[1] * up[1] + r[2] * up[2];
    return { x: width / 2 + focal * x / depth, y: height / 2 - focal * y / depth, depth, scale: focal / depth };
  };
}

function vector(array, row, index) {
  const at = row * (array.values.length / array.shape[0]) + 3 * index;
  return [array.values[at], array.values[at + 1], array.values[at + 2]];
}

function aim(s, row) {
  if (s.skeleton) { const p = vector(s.skeleton.position, row, 0); return [p[0], 0.85, p[2]]; }
  for (const side of [0, 1]) { const p = vector(s.point, row, side); if (isFinite(p[0])) return [p[0], 0.85, p[2]]; }
  return [0, 0.85, 0];
}

function drawFloor(context, project, target) {
  const half = 3, step = 0.5, x0 = Math.round(target[0] / step) * step, z0 = Math.round(target[2] / step) * step;
  context.lineWidth = 1;
  context.strokeStyle = "#cfd8e2";
  for (let k = -half; k <= half + 1e-9; k += step) {
    for (const [a, b] of [[[x0 + k, 0, z0 - half], [x0 + k, 0, z0 + half]], [[x0 - half, 0, z0 + k], [x0 + half, 0, z0 + k]]]) {
      const p = project(a), q = project(b);
      if (p && q) { context.beginPath(); context.moveTo(p.x, p.y); context.lineTo(q.x, q.y); context.stroke(); }
    }
  }
}

function stroke(items, project, a, b, metres, colour) {
  const p = project(a), q = project(b);
  if (!p || !q || !isFinite(p.x) || !isFinite(q.x)) return;
  const scale = (p.scale + q.scale) / 2;
  items.push({ depth: (p.depth + q.depth) / 2, draw: context => {
    context.lineCap = "round";
    context.lineWidth = Math.max(1, metres * scale);
    context.strokeStyle = colour;
    context.beginPath(); context.moveTo(p.x, p.y); context.lineTo(q.x, q.y); context.stroke();
  } });
}

function arrow(items, project, point, force, colour) {
  const k = 1 / PAYLOAD.force_scale_N_per_m;
  const tip = [point[0] + k * force[0], point[1] + k * force[1], point[2] + k * force[2]];
  const p = project(point), q = project(tip);
  if (!p || !q) return;
  const angle = Math.atan2(q.y - p.y, q.x - p.x), head = Math.min(12, 0.5 * Math.hypot(q.x - p.x, q.y - p.y));
  items.push({ depth: (p.depth + q.depth) / 2 - 0.05, draw: context => {
    context.strokeStyle = context.fillStyle = colour;
    context.lineWidth = 3;
    context.beginPath(); context.moveTo(p.x, p.y); context.lineTo(q.x, q.y); context.stroke();
    context.beginPath(); context.moveTo(q.x, q.y);
    for (const side of [-0.45, 0.45]) context.lineTo(q.x - head * Math.cos(angle + side), q.y - head * Math.sin(angle + side));
    context.fill();
    context.beginPath(); context.arc(p.x, p.y, 4, 0, 7); context.fill();
  } });
}

function drawFigure(canvas, s, row, present) {
  const { context, width, height } = fitted(canvas);
  context.clearRect(0, 0, width, height);
  const target = aim(s, row), project = projector(target, width, height), items = [];
  drawFloor(context, project, target);
  if (s.skeleton) {
    const parents = s.skeleton.parent;
    for (let body = 0; body < parents.length; body++) {
      if (parents[body] < 0) continue;
      const segment = s.skeleton.segment[body];
      const colour = segment < 0 ? "#8d98a6" : ramp(s.segments.values[row * s.segments.shape[1] + segment]);
      stroke(items, project, vector(s.skeleton.position, row, parents[body]), vector(s.skeleton.position, row, body),
        s.lines ? 0.025 : 0.045, s.lines ? "#9aa5b1" : colour);
    }
  }
  if (s.lines) {
    const [rows, count, points] = s.lines.points.shape;
    for (let i = 0; i < count; i++) {
      const colour = ramp(s.lines.activation.values[row * count + i]);
      for (let j = 0; j + 1 < points; j++) {
        const a = vector(s.lines.points, row, i * points + j), b = vector(s.lines.points, row, i * points + j + 1);
        if (isFinite(a[0]) && isFinite(b[0])) stroke(items, project, a, b, 0.012, colour);
      }
    }
  }
  for (const side of [0, 1]) {
    const force = vector(s.force, row, side), point = vector(s.point, row, side);
    if (isFinite(point[0]) && Math.hypot(...force) > 0) arrow(items, project, point, force, side ? "#6b3fa0" : "#12806a");
  }
  if (!s.skeleton && !s.lines) {
    context.fillStyle = "#5b6775";
    context.fillText("These results hold no skeleton; the arrows are the ground forces.", 12, height - 14);
  }
  context.globalAlpha = present ? 1 : 0.25;
  items.sort((a, b) => b.depth - a.depth).forEach(item => item.draw(context));
  context.globalAlpha = 1;
}
