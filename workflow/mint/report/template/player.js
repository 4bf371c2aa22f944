"use strict";
// Playback: one clock in frames (a fraction while playing), drawn by figure, timeline, curves and caption alike.
const player = { sequence: null, frame: 0, playing: false, last: 0, pace: 0 };
const SLOW_MS = 24;  // pictures that come more slowly while playing are drawn with half as many pixels each way
const VIEWS = { front: { azimuth: 0, elevation: 0.05 }, right: { azimuth: -Math.PI / 2, elevation: 0.05 }, back: { azimuth: Math.PI, elevation: 0.05 },
  left: { azimuth: Math.PI / 2, elevation: 0.05 }, top: { azimuth: 0, elevation: 1.5 }, reset: {} };
const element = id => document.getElementById(id);

function setFrame(frame) {
  const s = player.sequence;
  player.frame = Math.min(Math.max(frame, s.first), s.stop - 1);
  const whole = Math.floor(player.frame + 1e-6), { row, present, chunk } = rowAt(s, whole);
  drawFigure(element("figure"), s, row, present, whole);
  drawTimeline(s);
  moveCursor(player.frame / FRAME_RATE);
  element("clock").textContent = (whole / FRAME_RATE).toFixed(2) + " s of " + (s.stop / FRAME_RATE).toFixed(2) + " s";
  const lost = chunk && chunk.status !== "accepted";
  const text = lost ? chunk.status.replaceAll("_", " ") + ": " + chunk.reason.replaceAll("_", " ") + " " + chunk.detail : "";
  if (element("caption").textContent !== text) element("caption").textContent = text;
  const timeline = element("timeline");
  timeline.setAttribute("aria-valuenow", whole);
  timeline.setAttribute("aria-valuetext", element("clock").textContent);
}

function drawTimeline(s) {
  const { context, width, height } = fitted(element("timeline"));
  context.clearRect(0, 0, width, height);
  const x = frame => (frame - s.first) / Math.max(1, s.stop - s.first) * width;
  for (const c of s.chunks) {
    context.fillStyle = COLOURS[c.status];
    context.globalAlpha = c.status === "accepted" ? 0.85 : 0.55;
    context.fillRect(x(c.start), 8, x(c.stop) - x(c.start) - 1, height - 16);
    if (c.status === "accepted") continue;
    context.globalAlpha = 0.8;
    context.strokeStyle = "#ffffff";
    context.lineWidth = 2;
    context.save();
    context.beginPath(); context.rect(x(c.start), 8, x(c.stop) - x(c.start) - 1, height - 16); context.clip();
    for (let k = x(c.start) - height; k < x(c.stop); k += 9) {
      context.beginPath(); context.moveTo(k, height); context.lineTo(k + height, 0); context.stroke();
    }
    context.restore();
  }
  context.globalAlpha = 1;
  context.fillStyle = "#111";
  context.fillRect(x(player.frame) - 1, 0, 3, height);
}

function play(on) {
  player.playing = on;
  if (!on && figure.quality < 2) { figure.quality = 2; setFrame(player.frame); }
  player.last = player.pace = 0;
  element("play").textContent = on ? "Pause" : "Play";
  if (on) {
    if (player.frame >= player.sequence.stop - 1) player.frame = player.sequence.first;
    requestAnimationFrame(tick);
  }
}

function tick(now) {
  if (!player.playing) return;
  const passed = player.last ? Math.min(now - player.last, 200) / 1000 : 0;
  player.last = now;
  setFrame(player.frame + passed * FRAME_RATE * Number(element("speed").value));
  player.pace += 0.1 * (1000 * passed - player.pace);
  if (player.pace > SLOW_MS) figure.quality = 1;
  if (player.frame >= player.sequence.stop - 1) play(false);
  else requestAnimationFrame(tick);
}

function showLayer(layer, on) {
  layers[layer] = on;
  document.querySelector(`[data-layer="${layer}"]`).checked = on;
  setFrame(player.frame);
}

function lookFrom(view) {
  // A camera that faces the body, or another side of it, as its pelvis stands now.
  const s = player.sequence, at = posed(s, rowAt(s, Math.floor(player.frame + 1e-6)).row, player.frame);
  Object.assign(camera, HOME, VIEWS[view]);
  camera.azimuth += s.drawing ? heading(s.drawing, at.row) : Math.PI / 2;
  if (view !== "reset") for (const button of document.querySelectorAll("[data-view]")) button.setAttribute("aria-pressed", button.dataset.view === view);
  setFrame(player.frame);
}

function heading(d, row) {
  // Azimuth from which the pelvis, whose x axis points forward, is seen from the front.
  const { x, y, z, w } = turnOf(d, row, 0);
  return Math.atan2(1 - 2 * (y * y + z * z), 2 * (x * z - y * w));
}

function choose(number) {
  play(false);
  const s = player.sequence = loadSequence(number);
  element("choose").value = element("lineage-sequence").value = number;
  element("notes").replaceChildren(...s.notes.map(text => Object.assign(document.createElement("li"), { textContent: text })));
  element("timeline").setAttribute("aria-valuemin", s.first);
  element("timeline").setAttribute("aria-valuemax", s.stop - 1);
  drawSequence(s);
  player.frame = s.frames[0];
  lookFrom("reset");
  for (const [layer, kind] of [["legs", 1], ["trunk", 0]]) {
    const count = s.drawing ? s.drawing.leg_muscle.filter(leg => leg === kind).length : 0;
    document.querySelector(`[data-layer="${layer}"]`).nextElementSibling.textContent = (kind ? "Leg" : "Trunk") + " muscles" + (count ? " (" + count + ")" : "");
  }
  for (const box of document.querySelectorAll("[data-layer]")) box.disabled = !s.drawing && box.dataset.layer !== "forces";
  fillLineage(number);
}

function key(event) {
  if (event.target.closest("select, button, input, summary, a, [role=button]") || event.ctrlKey || event.altKey || event.metaKey) return;
  const step = event.shiftKey ? 10 : 1, now = Math.floor(player.frame + 1e-6);
  const actions = { " ": () => play(!player.playing), ArrowLeft: () => { play(false); setFrame(now - step); },
    ArrowRight: () => { play(false); setFrame(now + step); }, Home: () => setFrame(player.sequence.first), End: () => setFrame(player.sequence.stop - 1) };
  const box = document.querySelector(`[data-layer]:not(:disabled)[data-key="${CSS.escape(event.key.toLowerCase())}"]`);
  const button = document.querySelector(`[data-view][data-key="${CSS.escape(event.key)}"]`);
  if (box) actions[event.key] = () => showLayer(box.dataset.layer, !layers[box.dataset.layer]);
  if (button) actions[event.key] = () => lookFrom(button.dataset.view);
  if (!actions[event.key]) return;
  event.preventDefault();
  actions[event.key]();
}

function drawRamp(canvas) {
  const context = canvas.getContext("2d");
  for (let x = 0; x < canvas.width; x++) {
    context.fillStyle = "rgb(" + rampAt(x / (canvas.width - 1)) + ")";
    context.fillRect(x, 0, 1, canvas.height);
  }
}

function turning(canvas) {
  let from = null;
  canvas.addEventListener("pointerdown", e => { from = [e.clientX, e.clientY]; canvas.setPointerCapture(e.pointerId); });
  canvas.addEventListener("pointermove", e => {
    if (!from) return;
    camera.azimuth -= 0.008 * (e.clientX - from[0]);
    camera.elevation = Math.min(1.5, Math.max(-0.05, camera.elevation + 0.008 * (e.clientY - from[1])));
    from = [e.clientX, e.clientY];
    setFrame(player.frame);
  });
  for (const name of ["pointerup", "pointercancel"]) canvas.addEventListener(name, () => { from = null; });
  canvas.addEventListener("wheel", e => {
    e.preventDefault();
    camera.distance = Math.min(12, Math.max(1.2, camera.distance * Math.exp(0.001 * e.deltaY)));
    setFrame(player.frame);
  }, { passive: false });
  canvas.addEventListener("dblclick", () => lookFrom("reset"));
}

function scrubbing(canvas) {
  const to = e => {
    const box = canvas.getBoundingClientRect(), s = player.sequence;
    setFrame(Math.round(s.first + (e.clientX - box.left) / box.width * (s.stop - 1 - s.first)));
  };
  canvas.addEventListener("pointerdown", e => { play(false); canvas.setPointerCapture(e.pointerId); to(e); });
  canvas.addEventListener("pointermove", e => { if (e.buttons) to(e); });
}

drawOverview();
drawFigures();
if (element("choose")) {
  turning(element("figure"));
  scrubbing(element("timeline"));
  drawRamp(element("ramp"));
  element("scales").textContent = "arrow of 1 m: " + PAYLOAD.force_scale_N_per_m + " N; squares of 0.5 m";
  for (const box of document.querySelectorAll("[data-layer]")) {
    box.checked = layers[box.dataset.layer];
    box.addEventListener("change", () => showLayer(box.dataset.layer, box.checked));
  }
  for (const button of document.querySelectorAll("[data-view]")) button.addEventListener("click", () => lookFrom(button.dataset.view));
  element("play").addEventListener("click", () => play(!player.playing));
  for (const id of ["choose", "lineage-sequence"]) element(id).addEventListener("change", e => choose(Number(e.target.value)));
  element("lineage-chunk").addEventListener("change", e => { lineage.blended = []; showLineage(e.target.value); });
  for (const button of document.querySelectorAll(".whence")) button.addEventListener("click", () => { play(false); whence(button.dataset.stage); });
  document.addEventListener("keydown", key);
  window.addEventListener("resize", () => setFrame(player.frame));
  choose(0);
  pickValues();
}
document.documentElement.dataset.ready = "true";
