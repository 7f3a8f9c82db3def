// The view of LatentPad: a hand moves z over the plane, and the decoder answers in the same frame. The traits are the
// state: what the hand does is told to the model, what Python sets is shown. It looks at nothing outside `el`.

const NEAREST = 5, STRIP = 9; // codes named; images in the strip of a walk
const STEP = 0.05, LEAP = 0.5; // an arrow key, and with Shift
const WALK = 4000, JUMP = 450; // milliseconds: a walk played, and a jump of it where motion is to be reduced
const SLICE = 9; // milliseconds a frame spends on the manifold

function render({ model, el }) {
  const [latents, classes, shape] = [model.get("_layers")[0], model.get("_classes"), model.get("_shape")];
  const [rows, columns] = shape;
  const [reach, prior, knots] = [model.get("reach"), model.get("_prior"), model.get("_lattice")];
  const decode = network(model.get("_decoder"), model.get("_layers"));
  const codes = halves(model.get("_codes"));
  const labels = bytes(model.get("_labels"));
  const gone = new AbortController(); // ends every listener at once
  const still = matchMedia("(prefers-reduced-motion: reduce)");

  let z = [...model.get("z")];
  let t = model.get("t"); // how far along the walk; finer than its slider's steps
  let front = null; // the class brought forward
  let colours = null;
  const view = { size: 0, ratio: 1, reach };

  // ---- what stands on the page ----

  const kit = parts(gone.signal);
  const { make, listen, hear, drags, button, range, select, own } = kit;
  const pad = make(el, "div", "frame");
  const probe = make(pad, "i", "probe", { "aria-hidden": "true" });
  classButtons(kit, pad, classes, (label) => {
    front = label;
    stale("cloud");
  });
  const stage = make(pad, "div", "stage");
  const plane = make(stage, "canvas", "plane", {
    tabIndex: 0, role: "application", "aria-roledescription": "plane", ...own,
  });
  const side = make(stage, "div", "side");
  make(side, "div", "heading", { textContent: "decoded at z" });
  const image = make(side, "canvas", "image", { width: columns, height: rows, role: "img" });
  image.style.aspectRatio = `${columns} / ${rows}`;
  const where = make(side, "div", "words", { "aria-hidden": "true" });
  const near = make(side, "div", "words", { "aria-hidden": "true" });
  const spoken = make(pad, "div", "spoken", { role: "status" });

  // ---- z: moved here, told to Python, heard from Python ----

  const tell = teller(() => {
    model.set("z", [...z]);
    model.set("t", t);
    model.save_changes();
  }, gone.signal);
  const speak = speaker(spoken, () => `${where.textContent}; ${near.textContent}`, gone.signal);
  function set(name, value) {
    model.set(name, value);
    model.save_changes();
  }
  function moved() {
    stale("image");
    speak();
  }
  function move(to) {
    z = to.map((value) => tidy(value));
    moved();
    tell();
  }
  function heard() {
    const given = model.get("z");
    if (given.every((value, i) => value === z[i])) return; // our own words
    z = [...given];
    moved();
  }
  // z with its two shown latents at a place of the plane, kept within the reach.
  function shown(across, up) {
    const inside = (value) => Math.max(-reach, Math.min(reach, value));
    const [i, j] = model.get("axes");
    return z.map((value, k) => (k === i ? inside(across) : k === j ? inside(up) : value));
  }
  function drag(event) {
    const box = plane.getBoundingClientRect();
    move(shown(...place(view).back(event.clientX - box.left, event.clientY - box.top)));
  }
  drags(plane, { begin: stop, drag, end: () => tell(true) });
  const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowDown: [0, -1], ArrowUp: [0, 1] };
  listen(plane, "keydown", (event) => {
    const arrow = ARROWS[event.key];
    if (event.ctrlKey || event.altKey || event.metaKey || !(arrow || event.key === "Home")) return;
    event.preventDefault();
    stop();
    if (!arrow) return move(z.map(() => 0));
    const [i, j] = model.get("axes");
    const step = event.shiftKey ? LEAP : STEP;
    move(shown(z[i] + step * arrow[0], z[j] + step * arrow[1]));
  });

  // ---- more than two latents: which are shown, and where the others stand ----

  const names = z.map((_, i) => latentName(i));
  let selects = [], ranges = [];
  if (latents > 2) {
    const row = make(pad, "div", "row");
    selects = ["across", "up"].map((name, which) =>
      select(row, name, names, (value) => {
        const axes = [...model.get("axes")];
        if (axes[1 - which] === +value) axes[1 - which] = axes[which]; // the two change places
        axes[which] = +value;
        set("axes", axes);
      }));
    const others = make(pad, "details", "others");
    make(others, "summary", "", { textContent: `the other ${latents - 2} latents` });
    const grid = make(others, "div", "grid");
    ranges = names.map((name, i) =>
      range(grid, [name, ""], { min: -reach, max: reach, step: STEP }, (value) => {
        stop();
        move(z.map((old, k) => (k === i ? value : old)));
      }));
  }
  function showOthers() {
    const axes = model.get("axes");
    ranges.forEach((made, i) => {
      made.parentNode.hidden = axes.includes(i);
      made.value = z[i];
      made.nextSibling.textContent = words(z[i]);
      made.setAttribute("aria-valuetext", words(z[i]));
    });
    selects.forEach((made, which) => (made.value = axes[which]));
  }

  // ---- the walk from A to B ----

  const row = make(pad, "div", "row");
  ["a", "b"].forEach((name, end) =>
    button(row, `${name.toUpperCase()} here`, () => {
      stop();
      showStep(end);
      model.set("t", t);
      set(name, [...z]);
    }));
  const play = button(row, "Play", () => (playing ? stop() : start()));
  const ways = { straight: "straight", sphere: "along the sphere" };
  const choice = select(row, "way", ways, (value) => set("path", value));
  choice.parentNode.hidden = latents === 2;
  const background = make(row, "label", "check");
  const box = make(background, "input", "", { type: "checkbox" });
  background.append("Show the manifold");
  listen(box, "change", () => set("manifold", box.checked));
  const steps = range(pad, ["A", "B"], { min: 0, max: 1, step: 0.01, "aria-label": "walk from A to B" }, (to) => {
    stop();
    walk(to);
  });
  steps.parentNode.classList.add("vae-pad-walk");
  const strip = make(pad, "canvas", "strip", { width: STRIP * (columns + 1) - 1, height: rows, role: "img" });
  strip.style.aspectRatio = `${strip.width} / ${rows}`;
  const note = make(pad, "div", "note");

  let along = null; // t → z, once both ends are there
  function showWalk() {
    const [a, b] = [model.get("a"), model.get("b")];
    choice.value = model.get("path");
    let why = "Set A and B: the walk between them appears here.";
    along = null;
    if (a && b) [along, why] = way(a, b, latents > 2 && choice.value === "sphere");
    else stop();
    play.disabled = steps.parentNode.hidden = strip.hidden = !along; // without a walk they would only take room
    note.textContent = why;
    stale("strip");
  }
  function showStep(to) {
    t = tidy(to);
    steps.value = t;
    steps.setAttribute("aria-valuetext", `${Math.round(100 * t)} % of the way`);
  }
  function walk(to) {
    showStep(to);
    move(along(t));
  }
  let playing = false, begun = 0, jumping = null;
  function start() {
    playing = true;
    play.textContent = "Stop";
    const from = t < 1 ? t : 0;
    begun = performance.now() - from * WALK;
    if (still.matches) jump(Math.round(from * (STRIP - 1)));
    else stale();
  }
  function jump(k) {
    walk(k / (STRIP - 1));
    jumping = setTimeout(() => (k < STRIP - 1 ? jump(k + 1) : stop()), JUMP);
  }
  function stop() {
    if (!playing) return;
    clearTimeout(jumping);
    playing = false;
    play.textContent = "Play";
    tell(true);
  }

  // ---- drawing: what is stale is drawn once, in the next frame ----

  const cloud = document.createElement("canvas"), tiles = document.createElement("canvas");
  const stamp = document.createElement("canvas");
  [stamp.width, stamp.height] = [columns, rows];
  const print = printer(shape);
  let frame = null, due = new Set();
  let tile = 0, left = 0, behind = ""; // the manifold's next tile, how many are due, and where they cut

  function stale(...what) {
    for (const part of what) due.add(part);
    frame ??= requestAnimationFrame(draw);
  }
  const show = (pen, point, x = 0) => print(pen, decode(point, true), colours, { x });
  const pens = [image, strip, stamp].map((canvas) => canvas.getContext("2d"));

  function draw(now) {
    frame = null;
    if (playing && !still.matches) {
      walk(Math.max(0, Math.min(1, (now - begun) / WALK)));
      if (t === 1) stop();
    }
    if (!view.size) return; // hidden: what is due waits
    const begin = performance.now();
    const fresh = due;
    due = new Set();
    const [axes, manifold] = [model.get("axes"), model.get("manifold")];
    if (fresh.has("image")) {
      show(pens[0], z);
      showWords();
    }
    if (fresh.has("strip")) showStrip();
    if (fresh.has("cloud")) {
      const what = { codes, labels, classes, latents, front, prior, axes, names: axes.map((i) => names[i]), manifold };
      drawCloud(layer(cloud, view), view, what, colours);
    }
    if (fresh.has("tiles")) layer(tiles, view);
    // The axes and the other latents.
    const through = `${axes}: ${z.map((value, i) => (axes.includes(i) ? "" : value))}`;
    if (through !== behind) showOthers();
    if (fresh.has("tiles") || through !== behind) left = manifold ? (knots.length >> 1) ** 2 : 0;
    behind = through;
    if (left) showTiles(begin);
    showPlane();
    // For whoever wants to measure: which z is shown, and the milliseconds that its frame took.
    image.dataset.z = z;
    image.dataset.took = (performance.now() - begin).toFixed(2);
    if (playing && !still.matches) stale();
  }
  function showPlane() {
    const pen = plane.getContext("2d"), { size } = view;
    const [i, j] = model.get("axes");
    pen.clearRect(0, 0, size, size);
    if (model.get("manifold")) {
      pen.globalAlpha = 0.8;
      pen.drawImage(tiles, 0, 0, size, size);
      pen.globalAlpha = 1;
    }
    pen.drawImage(cloud, 0, 0, size, size);
    const given = [["A", model.get("a")], ["B", model.get("b")]].filter(([, point]) => point);
    const flat = (point) => [point[i], point[j]];
    drawHand(pen, view, {
      z: flat(z), ends: given.map(([letter, point]) => [letter, flat(point)]),
      path: along ? Array.from({ length: 33 }, (_, k) => flat(along(k / 32))) : [],
      q: model.get("q")?.map(flat),
    }, colours);
  }
  // A few tiles a frame, always going on from the last one: while other latents slide, all are renewed in turn.
  function showTiles(begin) {
    const count = knots.length >> 1;
    const between = (k) => ({ low: knots[2 * k], middle: knots[2 * k + 1], high: knots[2 * k + 2] });
    const [i, j] = model.get("axes");
    const pen = tiles.getContext("2d");
    pen.imageSmoothingQuality = "high";
    do {
      const [column, row] = [between(tile % count), between(count - 1 - Math.floor(tile / count))];
      show(pens[2], z.map((value, k) => (k === i ? column.middle : k === j ? row.middle : value)));
      drawTile(pen, view, column, row, stamp);
      [tile, left] = [(tile + 1) % count ** 2, left - 1];
    } while (left && performance.now() - begin < SLICE);
    if (left) stale();
  }
  function showStrip() {
    pens[1].clearRect(0, 0, strip.width, strip.height);
    strip.setAttribute("aria-label", `${STRIP} images decoded on the way from A to B`);
    for (let k = 0; along && k < STRIP; k++) show(pens[1], along(k / (STRIP - 1)), k * (columns + 1));
  }
  function showWords() {
    const axes = model.get("axes");
    where.textContent = latents === 2 ? `z = (${z.map(words).join(", ")})`
      : `${axes.map((i) => `${names[i]} = ${words(z[i])}`).join(", ")}; ‖z‖ = ${words(norm(z))}`;
    near.textContent = `nearest codes: ${nearest(codes, z, NEAREST).map((n) => classes[labels[n]]).join(", ")}`;
    const across = axes.map((i) => names[i]).join(" across and ");
    plane.setAttribute("aria-label", `plane of latents, ${across} up; arrow keys move z`);
    image.setAttribute("aria-label", `image decoded at ${where.textContent}`);
  }

  // ---- theme and size ----

  function showTheme() {
    if (!pad.isConnected) return; // nothing has a colour before it stands on the page
    colours = palette(probe);
    stale("image", "strip", "cloud", "tiles");
  }
  watchSize(plane, view, () => {
    layer(plane, view);
    showTheme();
  }, gone.signal);
  watchTheme(showTheme, gone.signal);

  hear(model, {
    "change:z": heard,
    "change:t": () => model.get("t") !== t && showStep(model.get("t")),
    "change:a change:b change:path": showWalk,
    "change:q": () => stale(),
    "change:axes": () => stale("image", "cloud", "tiles"),
    "change:manifold": () => {
      box.checked = model.get("manifold");
      stale("cloud", "tiles");
    },
  });
  showStep(t);
  box.checked = model.get("manifold");
  showWalk();
  return () => {
    gone.abort();
    cancelAnimationFrame(frame);
    clearTimeout(jumping);
    pad.remove();
  };
}
export default { render };
