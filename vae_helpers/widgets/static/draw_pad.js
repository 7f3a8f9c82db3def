// The view of DrawPad: a hand draws, the encoder answers in the same frame, and the linked LatentPad shows where. The
// trait `strokes` is the state. It looks at nothing outside `el`, and of the page only at the model of that pad.

const NEAREST = 5; // test images shown
const STEP = 0.004; // of the canvas: a point nearer to the last one tells nothing
const GATHER = 50; // milliseconds in which the images that are missing are gathered, to be asked for at once

function render({ model, el }) {
  const shape = model.get("_image_shape"), [rows, columns] = shape;
  const [box, pen, gaussian, real] = ["_box", "_pen", "_gaussian", "_real"].map((name) => model.get(name));
  const examples = model.get("_examples");
  const encode = network(model.get("_encoder"), model.get("_sizes"));
  const gone = new AbortController(); // ends every listener at once
  let strokes = model.get("strokes"), given = bytes(model.get("_given"));
  let colours = null;
  const view = { size: 0, ratio: 1 };
  let pad = null; // what is known of the linked pad, once its model has answered
  let x = new Float32Array(rows * columns), mu = null, sigma = null, closest = [];

  // ---- what stands on the page ----

  const { make, listen, hear, button, own } = parts(gone.signal);
  const frame = make(el, "div", "frame");
  frame.classList.add("vae-pad-draw");
  const probe = make(frame, "i", "probe", { "aria-hidden": "true" });
  const stage = make(frame, "div", "desk");
  const left = make(stage, "div", "sheet");
  const paper = make(left, "canvas", "paper", {
    tabIndex: 0, role: "application", "aria-roledescription": "drawing", ...own,
  });
  const keys = examples.length || real ? "a digit key loads an example, " : "";
  paper.setAttribute("aria-label", `paper to draw on; ${keys}Backspace takes the last stroke back, Delete clears`);
  const tools = make(left, "div", "tools");
  button(tools, "Undo", undo); // never disabled: a disabled button would lose the keyboard's focus
  button(tools, "Clear", () => change([], NONE));
  const loads = make(tools, "div", "loads", { role: "group", "aria-label": "load an example of a digit" });
  const picture = (parent, name, text) => {
    const figure = make(parent, "div", "figure");
    const canvas = make(figure, "canvas", name, { width: columns, height: rows, role: "img" });
    canvas.style.aspectRatio = `${columns} / ${rows}`;
    return [canvas, make(figure, "div", "heading", { textContent: text, "aria-hidden": "true" })];
  };
  const tiles = make(stage, "div", "tiles");
  const [seen] = picture(tiles, "seen", `seen: ${columns} × ${rows}`);
  const [decoded] = picture(tiles, "decoded", gaussian ? "decoded at μ" : "decoded at its code");
  const [lens, reach] = picture(tiles, "lens", "q, enlarged");
  lens.style.aspectRatio = "1";
  lens.parentNode.hidden = !gaussian;
  const row = make(left, "div", "nearest", { role: "group", "aria-label": "nearest test images" });
  const title = make(row, "div", "heading");
  const near = Array.from({ length: NEAREST }, () => picture(row, "near", ""));
  const where = make(frame, "div", "words", { "aria-hidden": "true" });
  const spoken = make(frame, "div", "spoken", { role: "status" });

  // ---- the drawing: changed here, told to Python and to the pad, heard from Python ----

  const NONE = new Uint8Array(0);
  const past = []; // what undo goes back to
  function change(lines, image, remember = true) {
    if (remember) past.push([strokes, given]);
    past.splice(0, past.length - 100);
    [strokes, given] = [lines, image];
    moved(true);
    tell();
  }
  function undo() {
    if (past.length) change(...past.pop(), false);
    else if (strokes.length || given.length) change(strokes.slice(0, -1), NONE, false);
  }
  function load(label) {
    if (examples[label]) change(examples[label], NONE);
    if (!real) return;
    tell(true); // before it asks: what Python then says is the later word
    model.send({ example: label }); // Python, where it is there, puts a test image in place of our drawing
  }
  let told = false, speaking = false;
  const tell = teller(() => {
    told = true;
    pad?.model.save_changes();
    speaking = true; // until both are set, the model holds one of them from before
    model.set("strokes", strokes);
    if (String(bytes(model.get("_given"))) !== String(given)) model.set("_given", new DataView(given.slice().buffer));
    speaking = false;
    model.save_changes();
  }, gone.signal);
  const speak = speaker(spoken, () => where.textContent.replace("\n", "; "), gone.signal);
  function moved(mine) {
    encodeIt();
    if (mine) movePad();
    stale();
    speak();
  }
  function heard() {
    const [lines, image] = [model.get("strokes"), bytes(model.get("_given"))];
    const ours = JSON.stringify(lines) === JSON.stringify(strokes) && String(image) === String(given);
    if (speaking || ours) return;
    past.push([strokes, given]);
    [strokes, given] = [lines, image];
    moved(false);
  }
  const blank = () => !strokes.length && !given.length;

  function encodeIt() {
    const grey = given.length ? given : imageOf(strokes, shape, box, pen);
    for (let i = 0; i < x.length; i++) x[i] = grey[i] / LEVELS;
    [mu, sigma] = [null, null];
    if (blank()) return;
    const said = Array.from(encode(x)), latents = gaussian ? said.length / 2 : said.length;
    mu = said.slice(0, latents).map((value) => tidy(value));
    if (gaussian) sigma = said.slice(latents).map((logvar) => Math.max(tidy(Math.exp(logvar / 2), 6), 1e-6));
  }
  // The pad follows in the browser, frame by frame; Python hears of it when it is told.
  function movePad() {
    if (!pad) return;
    if (mu) pad.model.set("z", mu);
    pad.model.set("q", sigma && [mu, sigma]);
  }

  // ---- the hand ----

  let line = null, before = null; // the stroke that is being drawn, and those it follows
  function point(event) {
    const { left, top, width, height } = paper.getBoundingClientRect();
    const inside = (value) => tidy(Math.min(Math.max(value, 0), 1));
    return [inside((event.clientX - left) / width), inside((event.clientY - top) / height)];
  }
  function draw(events) {
    for (const [px, py] of events.map(point)) {
      const [lastX, lastY] = line.at(-1);
      if (Math.hypot(px - lastX, py - lastY) >= STEP) line.push([px, py]);
    }
    change([...before, line.slice()], NONE, false);
  }
  listen(paper, "pointerdown", (event) => {
    if (event.button !== 0 || !event.isPrimary) return;
    paper.setPointerCapture(event.pointerId);
    [before, line] = [given.length ? [] : strokes, [point(event)]];
    change([...before, line.slice()], NONE);
  });
  listen(paper, "pointermove", (event) => {
    if (!line || !paper.hasPointerCapture(event.pointerId)) return;
    const all = event.getCoalescedEvents?.() ?? [];
    draw(all.length ? all : [event]);
  });
  listen(paper, "lostpointercapture", () => {
    line = null;
    tell(true);
  });
  listen(paper, "keydown", (event) => {
    const undone = event.key === "Backspace" || ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "z");
    if (!undone && (event.ctrlKey || event.metaKey || event.altKey)) return;
    const label = /^\d$/.test(event.key) ? +event.key : -1;
    if (undone) undo();
    else if (event.key === "Delete") change([], NONE);
    else if (label >= 0 && label < loads.childElementCount) load(label);
    else return;
    event.preventDefault();
  });

  // ---- the linked pad: its decoder, its codes, its axes ----

  async function link() {
    let other;
    try {
      other = await model.widget_manager.get_model(model.get("pad").replace("IPY_MODEL_", ""));
    } catch {
      other = null; // a saved page, or a kernel, that has forgotten it
    }
    if (gone.signal.aborted) return;
    if (!other) return void stale();
    const [labels, layers] = [other.get("_labels"), other.get("_layers")];
    pad = {
      model: other, latents: layers[0], classes: other.get("_classes"), codes: halves(other.get("_codes")),
      labels: bytes(labels), decode: network(other.get("_decoder"), layers),
    };
    hear(other, { "change:axes": () => stale() });
    if (examples.length || real) {
      pad.classes.slice(0, 10).forEach((name, label) => {
        button(loads, name, () => load(label)).setAttribute("aria-label", `load an example of ${name}`);
      });
    }
    if (told) change(strokes, given, false); // a hand was faster
    stale();
  }

  // ---- real images of the nearest, from Python: in messages, so that no saved page holds one ----

  const images = new Map();
  let asking = null;
  function ask() {
    asking = null;
    const unknown = closest.filter((n) => !images.has(n));
    if (unknown.length) model.send({ images: unknown });
  }
  function answered(content, buffers) {
    content.images?.forEach((n, k) => images.set(n, bytes(buffers[k])));
    stale();
  }

  // ---- drawing: once a frame ----

  const print = printer(shape);
  let due = null;
  const stale = () => (due ??= requestAnimationFrame(show));
  const ink = (canvas, image, full = 1) => print(canvas.getContext("2d"), image, colours, { full });
  function show() {
    due = null;
    if (!view.size || !colours) return; // hidden
    const begin = performance.now();
    closest = pad && mu ? nearest(pad.codes, mu, NEAREST) : [];
    if (real && closest.some((n) => !images.has(n))) asking ??= setTimeout(ask, GATHER);
    showPaper();
    ink(seen, x);
    ink(decoded, pad && mu && pad.decode(mu, true));
    showNearest();
    showLens();
    showWords();
    // For whoever wants to measure: what was encoded, and the milliseconds that its frame took.
    paper.dataset.mu = mu ?? "";
    paper.dataset.sigma = sigma ?? "";
    paper.dataset.took = (performance.now() - begin).toFixed(2);
  }
  function showPaper() {
    const brush = layer(paper, view), { size } = view;
    const margin = (size * (1 - box)) / 2;
    brush.strokeStyle = colours.grid;
    brush.setLineDash([4, 4]);
    brush.strokeRect(margin, margin, size - 2 * margin, size - 2 * margin);
    brush.setLineDash([]);
    if (given.length) {
      ink(seen, given, LEVELS);
      brush.imageSmoothingEnabled = false;
      return brush.drawImage(seen, 0, 0, size, size);
    }
    brush.strokeStyle = brush.fillStyle = colours.hand;
    brush.lineWidth = 2 * pen * box * size;
    brush.lineCap = brush.lineJoin = "round";
    for (const each of strokes) {
      brush.beginPath();
      for (const [across, down] of each) brush.lineTo(across * size, down * size);
      if (each.length === 1) brush.lineTo(each[0][0] * size + 0.01, each[0][1] * size);
      brush.stroke();
    }
    if (!blank()) return;
    brush.fillStyle = colours.quiet;
    brush.font = "14px system-ui, sans-serif";
    brush.textAlign = "center";
    brush.fillText(loads.childElementCount ? "Draw a digit, or press 0–9" : "Draw here", size / 2, size / 2 + 5);
  }
  function showNearest() {
    const known = closest.length > 0 && closest.every((n) => images.has(n));
    title.textContent = known ? "nearest test images" : "nearest codes, decoded";
    near.forEach(([canvas, name], k) => {
      const n = closest[k];
      if (n === undefined) ink(canvas, null);
      else if (known) ink(canvas, images.get(n), LEVELS);
      else ink(canvas, pad.decode(pad.codes.subarray(n * pad.latents, (n + 1) * pad.latents), true));
      name.textContent = n === undefined ? "\u00a0" : pad.classes[pad.labels[n]];
      canvas.setAttribute("aria-label", n === undefined ? "none yet" : `a ${name.textContent}`);
    });
  }
  function showLens() {
    const width = lens.clientWidth;
    if (!width || !gaussian) return;
    const brush = layer(lens, { size: width, ratio: view.ratio });
    reach.textContent = "q, enlarged";
    if (!mu || !pad) return;
    const axes = pad.model.get("axes"), flat = (values) => axes.map((i) => values[i]);
    drawLens(brush, width, { ...pad, mu: flat(mu), sigma: flat(sigma), axes }, colours);
    reach.textContent = `q: μ ± ${reachOf(flat(sigma)).toFixed(2)}`;
  }
  function showWords() {
    const axes = pad ? pad.model.get("axes") : [0, 1];
    const flat = (values, digits = 2) => axes.map((i) => number(values[i], digits)).join(", ");
    if (!mu) {
      where.textContent = "Nothing is drawn yet.";
    } else {
      const place = gaussian ? `q(z|x): μ = (${flat(mu)}), σ = (${flat(sigma, 3)})` : `code: (${flat(mu)})`;
      const found = closest.map((n) => pad.classes[pad.labels[n]]).join(", ");
      where.textContent = `${place}\n${pad ? `nearest: ${found}` : "The latent pad is gone: run its cell again."}`;
    }
    seen.setAttribute("aria-label", mu ? "the drawing as the network sees it" : "nothing drawn yet");
    decoded.setAttribute("aria-label", mu ? "what is decoded there" : "nothing decoded yet");
    const ellipses = "q, enlarged: its ellipses at one and two sigma hold 39 % and 86 %";
    lens.setAttribute("aria-label", mu ? ellipses : "no q yet");
  }

  // ---- theme and size ----

  function showTheme() {
    if (!frame.isConnected) return;
    colours = palette(probe);
    stale();
  }
  watchSize(paper, view, showTheme, gone.signal);
  watchTheme(showTheme, gone.signal);
  hear(model, { "change:strokes change:_given": heard, "msg:custom": answered });
  encodeIt();
  link();
  return () => {
    gone.abort();
    cancelAnimationFrame(due);
    clearTimeout(asking);
    frame.remove();
  };
}
export default { render };
