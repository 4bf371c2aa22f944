"use strict";
// Pictures without a graphics card: triangles, tubes and balls, each pixel by its nearness (1 / depth), which is linear on
// the screen. Pixels lie in one buffer of the canvas' size, of which a frame uses the window that its figure fills.
const LIGHT = [-0.42, -0.6, 0.68];  // towards the light on the screen: left, up (y is down), to the viewer
const AMBIENT = 0.34, DIFFUSE = 0.66, EDGE = 0.985;
const raster = { width: 0, height: 0, canvas: document.createElement("canvas"), image: null, colour: null, near: null, focal: 1, window: null };

function palette([r, g, b]) {
  // 256 brightnesses of a colour, the upper ones towards white.
  const out = new Uint32Array(256);
  for (let i = 0; i < 256; i++) {
    const k = Math.min(i / 225, 1), white = Math.max(0, i - 225) / 30 * 0.35, mix = v => Math.round(v * k + (255 - v * k) * white);
    out[i] = (0xff000000 | mix(b) << 16 | mix(g) << 8 | mix(r)) >>> 0;
  }
  return out;
}

function beginRaster(width, height, box) {
  // A clear window `box` [left, top, right, bottom], in pixels, of a buffer of that size; false if nothing is left of it.
  const r = raster;
  if (r.width !== width || r.height !== height) {
    r.width = r.canvas.width = width;
    r.height = r.canvas.height = height;
    r.image = new ImageData(width, height);
    r.colour = new Uint32Array(r.image.data.buffer);
    r.near = new Float32Array(width * height);
  }
  r.window = [Math.max(0, Math.floor(box[0])), Math.max(0, Math.floor(box[1])), Math.min(width, Math.ceil(box[2])), Math.min(height, Math.ceil(box[3]))];
  for (let y = r.window[1]; y < r.window[3]; y++) {
    r.colour.fill(0, y * width + r.window[0], y * width + r.window[2]);
    r.near.fill(0, y * width + r.window[0], y * width + r.window[2]);
  }
  return r.window[2] > r.window[0] && r.window[3] > r.window[1];
}

function triangles(p, faces, shades) {
  // Faces (3 corners each, seen from outside against the clock) of projected points `p` {x, y, near}, whose `light` (0 to 255)
  // is the index into `shades`; those that face away are hidden by others.
  const { width, colour, near, window: [left, top, right, bottom] } = raster, { x, y, near: n, light } = p;
  for (let f = 0; f < faces.length; f += 3) {
    const a = faces[f], c = faces[f + 1], b = faces[f + 2], area = (x[b] - x[a]) * (y[c] - y[a]) - (x[c] - x[a]) * (y[b] - y[a]);
    if (!(area > 1e-6) || n[a] <= 0 || n[b] <= 0 || n[c] <= 0) continue;
    const ax = x[a], ay = y[a], bx = x[b], by = y[b], cx = x[c], cy = y[c];
    const x0 = Math.max(left, Math.ceil(Math.min(ax, bx, cx))), x1 = Math.min(right - 1, Math.floor(Math.max(ax, bx, cx)));
    const y0 = Math.max(top, Math.ceil(Math.min(ay, by, cy))), y1 = Math.min(bottom - 1, Math.floor(Math.max(ay, by, cy)));
    if (x1 < x0) continue;
    const du = (cy - by) / -area, dv = (ay - cy) / -area;  // change of the shares of a and b per pixel to the right
    const nu = n[a] - n[c], nv = n[b] - n[c], lu = light[a] - light[c], lv = light[b] - light[c];
    for (let j = y0; j <= y1; j++) {
      let u = ((cx - bx) * (j - by) - (cy - by) * (x0 - bx)) / area, v = ((ax - cx) * (j - cy) - (ay - cy) * (x0 - cx)) / area;
      for (let i = x0, at = j * width + x0; i <= x1; i++, at++, u += du, v += dv) {
        if (u < 0 || v < 0 || u + v > 1) continue;
        const nearness = n[c] + u * nu + v * nv;
        if (nearness > near[at]) { near[at] = nearness; colour[at] = shades[(light[c] + u * lu + v * lv) | 0]; }
      }
    }
  }
}

function tube(x0, y0, n0, r0, x1, y1, n1, r1, shades) {
  // A round bar between two projected points; radii in pixels.
  const { width, colour, near, focal, window: [left, top, right, bottom] } = raster;
  const dx = x1 - x0, dy = y1 - y0, length = Math.hypot(dx, dy);
  if (!(length > 0.05) || n0 <= 0 || n1 <= 0) return;
  const ux = dx / length, uy = dy / length, side = -uy * LIGHT[0] + ux * LIGHT[1], flat = Math.abs(dx) >= Math.abs(dy);
  const [from, to, low, high, start, rise, across, major, lo, hi, step, leap] = flat
    ? [x0, x1, left, right, y0, dy / dx, ux, dx, top, bottom, width, 1] : [y0, y1, top, bottom, x0, dx / dy, -uy, dy, left, right, 1, width];
  const first = Math.max(low, Math.ceil(Math.min(from, to))), last = Math.min(high - 1, Math.floor(Math.max(from, to)));
  for (let m = first; m <= last; m++) {
    const t = (m - from) / major, r = Math.max(0.7, r0 + t * (r1 - r0)), n = n0 + t * (n1 - n0), centre = start + rise * (m - from);
    const half = r / Math.abs(across), k0 = Math.max(lo, Math.ceil(centre - half)), k1 = Math.min(hi - 1, Math.floor(centre + half));
    for (let k = k0, at = m * leap + k0 * step; k <= k1; k++, at += step) {
      const a = (k - centre) * across / r, c = Math.sqrt(Math.max(0, 1 - a * a)), nearness = n * (1 + r * c / focal);
      if (nearness > near[at]) {
        near[at] = nearness;
        colour[at] = shades[(255 * (AMBIENT + DIFFUSE * Math.max(0, a * side + c * LIGHT[2]))) | 0];
      }
    }
  }
}

function ball(x, y, n, r, shades) {
  const { width, colour, near, focal, window: [left, top, right, bottom] } = raster;
  if (n <= 0) return;
  for (let j = Math.max(top, Math.ceil(y - r)); j <= Math.min(bottom - 1, Math.floor(y + r)); j++) {
    const b = (j - y) / r, reach = r * Math.sqrt(Math.max(0, 1 - b * b));
    for (let i = Math.max(left, Math.ceil(x - reach)), at = j * width + i; i <= Math.min(right - 1, Math.floor(x + reach)); i++, at++) {
      const a = (i - x) / r, c = Math.sqrt(Math.max(0, 1 - a * a - b * b)), nearness = n * (1 + r * c / focal);
      if (nearness > near[at]) {
        near[at] = nearness;
        colour[at] = shades[(255 * (AMBIENT + DIFFUSE * Math.max(0, a * LIGHT[0] + b * LIGHT[1] + c * LIGHT[2]))) | 0];
      }
    }
  }
}

function outline() {
  // Five eighths of the brightness where something farther, or nothing, begins beside a pixel.
  const { width, colour, near, window: [left, top, right, bottom] } = raster;
  for (let j = top + 1; j < bottom - 1; j++) {
    for (let i = left + 1, at = j * width + i; i < right - 1; i++, at++) {
      const least = near[at] * EDGE;
      if (near[at - 1] < least || near[at + 1] < least || near[at - width] < least || near[at + width] < least) {
        colour[at] = ((colour[at] >>> 1 & 0x7f7f7f) + (colour[at] >>> 3 & 0x1f1f1f) | 0xff000000) >>> 0;
      }
    }
  }
}

function showRaster(context, ratio, alpha) {
  // The window onto a canvas that has one pixel where the buffer has `ratio`.
  const [left, top, right, bottom] = raster.window, w = right - left, h = bottom - top;
  raster.canvas.getContext("2d").putImageData(raster.image, 0, 0, left, top, w, h);
  context.globalAlpha = alpha;
  context.imageSmoothingEnabled = true;
  context.drawImage(raster.canvas, left, top, w, h, left / ratio, top / ratio, w / ratio, h / ratio);
  context.globalAlpha = 1;
}
