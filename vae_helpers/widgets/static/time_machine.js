// The view of TimeMachine: a slider through the moments of a run; cloud, manifold and reconstructions follow. The trait
// `epoch` is the state: what the hand does is told to the model, what Python sets is shown. It looks at nothing outside
// `el`. A place in time, `at`, counts moments: 2.5 is half way from the third to the fourth.

const GLIDE = 220; // milliseconds to the next moment after a key or a release
const PACE = 900, HOP = 1100; // milliseconds a moment while it plays, and where motion is to be reduced
const THUMB = 8; // CSS pixels: half a thumb, by which a native range stays away from its ends
const CURVE = 40, NUMBERS = 16; // CSS pixels: the height of the curve above the slider, and of the epochs under it

function render({ model, el }) {
  const [epochs, trained, figures] = [model.get("_epochs"), model.get("_trained"), model.get("_figures")];
  const [classes, [rows, columns], side] = [model.get("_classes"), model.get("_shape"), model.get("_side")];
  const [down, across] = [rows + 1, columns + 1]; // pixels from one image of a frame to the next: a seam between them
  const [reach, prior, shown] = [model.get("_reach"), model.get("_prior"), model.get("_shown")];
  const codes = halves(model.get("_codes"));
  const labels = bytes(model.get("_labels"));
  const last = epochs.length - 1, count = 2 * labels.length; // numbers a moment
  const gone = new AbortController(); // ends every listener at once
  const still = matchMedia("(prefers-reduced-motion: reduce)");
  const view = { size: 0, ratio: 1, reach };

  const clamp = (value) => Math.max(0, Math.min(last, value));
  // `at` ↔ epoch: even steps between two moments.
  function epochOf(moment) {
    const k = Math.min(Math.floor(moment), last);
    return tidy(epochs[k] + (moment - k) * ((epochs[k + 1] ?? epochs[k]) - epochs[k]), 3);
  }
  function placeOf(epoch) {
    const k = Math.max(0, epochs.findLastIndex((each) => each <= epoch));
    return k === last ? last : k + (epoch - epochs[k]) / (epochs[k + 1] - epochs[k]);
  }

  let at = placeOf(model.get("epoch"));
  let front = null; // the class brought forward
  let colours = null;

  // ---- what stands on the page ----

  const kit = parts(gone.signal);
  const { make, listen, hear, drags, button, range } = kit;
  const pad = make(el, "div", "frame");
  const probe = make(pad, "i", "probe", { "aria-hidden": "true" });
  classButtons(kit, pad, classes, (label) => {
    front = label;
    stale();
  });
  const machine = make(pad, "div", "machine");
  const map = make(machine, "canvas", "map", { role: "img" });
  const beside = make(machine, "div", "beside");
  make(beside, "div", "heading", {
    textContent: `decoded: ${side} × ${side} ${prior ? "equal shares of the prior" : "places of the plane"}`,
  });
  const tiles = make(beside, "canvas", "tiles", { width: side * across - 1, height: side * down - 1, role: "img" });
  make(beside, "div", "heading", { textContent: "test images, decoded from their codes" });
  const strip = make(beside, "canvas", "strip", { width: shown.length * across - 1, height: rows, role: "img" });
  strip.style.aspectRatio = `${strip.width} / ${rows}`;
  const controls = make(machine, "div", "controls");
  const row = make(controls, "div", "row");
  const play = button(row, "Play", () => (playing ? stop() : start()));
  play.disabled = last === 0;
  const place = make(row, "div", "place", { "aria-hidden": "true" });
  const where = make(place, "strong");
  const note = make(place, "span", "heading");
  const numbers = make(controls, "div", "numbers", { "aria-hidden": "true" });
  const curve = make(controls, "canvas", "curve", { "aria-hidden": "true" });
  const slider = range(controls, ["", ""], { min: 0, max: last, step: 0.01, "aria-label": "epoch" }, (to) => {
    halt();
    go(to);
  });
  slider.parentNode.classList.add("vae-pad-epochs");
  const alarm = make(pad, "div", "alarm", { role: "alert", hidden: true });
  const spoken = make(pad, "div", "spoken", { role: "status" });

  // ---- the epoch: moved here, told to Python, heard from Python ----

  const tell = teller(() => {
    model.set("epoch", epochOf(at));
    model.save_changes();
  }, gone.signal);
  let saying = ""; // what was last put into words
  const speak = speaker(spoken, () => saying, gone.signal);
  let sliding = null; // sliding: { from, to, begun, takes }, a movement that goes on by itself
  let playing = false, hopping = null;

  function go(to) {
    at = clamp(to);
    stale();
    tell();
  }
  // To `to` in `takes` milliseconds; where motion is to be reduced, at once.
  function slide(to, takes = GLIDE) {
    if (still.matches || at === to) {
      go(to);
      return tell(true);
    }
    sliding = { from: at, to, begun: performance.now(), takes };
    stale();
  }
  function advance(now) {
    const { from, to, begun, takes } = sliding;
    const share = Math.max(0, Math.min(1, (now - begun) / takes));
    go(share < 1 ? from + share * (to - from) : to);
    if (share < 1) return;
    halt();
    tell(true);
  }
  function halt() {
    clearTimeout(hopping);
    [playing, sliding, play.textContent] = [false, null, "Play"];
  }
  // Between moments everything is interpolated: a hand that lets go is taken to the nearest one that was.
  const settle = () => slide(Math.round(at));
  function step(by) {
    const from = sliding && !playing ? sliding.to : at; // keys in quick succession add up
    halt();
    slide(clamp((by > 0 ? Math.floor(from) : Math.ceil(from)) + by));
  }
  function stop() {
    halt();
    settle();
  }
  function start() {
    playing = true;
    play.textContent = "Stop";
    const from = at < last ? at : 0;
    go(from);
    if (still.matches) hop(Math.floor(from));
    else slide(last, PACE * (last - from));
  }
  function hop(k) {
    go(k);
    hopping = setTimeout(() => (k < last ? hop(k + 1) : stop()), HOP);
  }
  function heard() {
    if (Math.abs(model.get("epoch") - epochOf(at)) < 1e-6) return; // our own words
    halt();
    at = placeOf(model.get("epoch"));
    stale();
  }

  listen(slider, "change", settle);
  const STEPS = {
    ArrowRight: 1, ArrowUp: 1, PageUp: 3, End: last, ArrowLeft: -1, ArrowDown: -1, PageDown: -3, Home: -last,
  };
  listen(slider, "keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || !(event.key in STEPS || event.key === " ")) return;
    event.preventDefault();
    if (event.key === " ") play.click();
    else step(STEPS[event.key]);
  });
  // The curve belongs to the slider: a hand on it moves the thumb.
  const drag = (event) => {
    const box = curve.getBoundingClientRect();
    go(last * (event.clientX - box.left - THUMB) / (box.width - 2 * THUMB));
  };
  drags(curve, { begin: halt, drag, end: settle });

  // ---- the frames: PNGs that the browser reads by itself ----

  const pictures = [], frames = bytes(model.get("_frames"));
  let begin = 0;
  model.get("_sizes").forEach((size, k) => {
    const png = new Blob([frames.slice(begin, begin += size)], { type: "image/png" });
    createImageBitmap(png).then(
      (picture) => {
        if (gone.signal.aborted) return picture.close();
        pictures[k] = picture;
        stale();
      },
      (error) => {
        alarm.hidden = false;
        alarm.textContent = `The picture of epoch ${epochs[k]} cannot be shown: ${error.message}`;
      },
    );
  });

  // ---- drawing: what is stale is drawn once, in the next frame ----

  const between = new Float32Array(count);
  let frame = null;
  function stale() {
    frame ??= requestAnimationFrame(draw);
  }
  function draw(now) {
    frame = null;
    if (sliding) advance(now);
    if (!view.size || !colours) return; // hidden: what is due waits
    const begun = performance.now();
    const k = Math.min(Math.floor(at), Math.max(0, last - 1)), share = at - k;
    const next = Math.min(k + 1, last);
    for (let i = 0; i < count; i++) {
      between[i] = (1 - share) * codes[k * count + i] + share * codes[next * count + i];
    }
    showMap();
    showImages(pictures[k], pictures[next], share);
    showWords();
    showCurve();
    // For whoever wants to measure: the epoch that is shown, and the milliseconds that its frame took.
    map.dataset.epoch = epochOf(at);
    map.dataset.took = (performance.now() - begun).toFixed(2);
    if (sliding) stale();
  }
  function showMap() {
    const pen = layer(map, view);
    const [axes, names] = [[0, 1], [latentName(0), latentName(1)]];
    drawCloud(pen, view, { codes: between, labels, latents: 2, axes, names, front, prior, manifold: false }, colours);
    const followed = shown.filter((i) => front === null || labels[i] === front).map((i) => {
      const name = classes[labels[i]];
      return [name.length < 3 ? name : "", labels[i], between.subarray(2 * i, 2 * i + 2)];
    });
    drawFollowed(pen, view, followed, colours);
  }
  // One picture fades into the next. The last row of images is the strip's.
  function showImages(one, other, share) {
    if (!one || !other) return; // not read yet
    for (const [canvas, top] of [[tiles, 0], [strip, -side * down]]) {
      const pen = canvas.getContext("2d");
      for (const [picture, alpha] of [[one, 1], [other, share]]) {
        pen.globalAlpha = alpha;
        pen.drawImage(picture, 0, top);
      }
    }
  }
  const rounded = (value) => value.toFixed(1).replace(/^-(?=0\.0$)/, "").replace("-", "\u2212");
  function showWords() {
    const k = Math.floor(at), share = at - k;
    const value = (line) => line[k] + share * ((line[k + 1] ?? line[k]) - line[k]);
    where.textContent = share ? `Between epochs ${epochs[k]} and ${epochs[k + 1]} of ${trained}`
      : epochs[k] ? `After epoch ${epochs[k]} of ${trained}` : `Before the first of ${trained} epochs`;
    const named = Object.entries(figures).map(([name, line]) =>
      `${{ elbo: "ELBO", kl: "KL" }[name] ?? name} ${rounded(value(line))}`);
    note.textContent = share ? " interpolated" : "";
    numbers.textContent = `${named.join(", ")} nats per test image`;
    slider.value = at;
    slider.setAttribute("aria-valuetext", where.textContent);
    const said = `${where.textContent}${share ? ", interpolated" : ""}: ${numbers.textContent}`;
    map.setAttribute("aria-label", `${labels.length} test images on the plane of latents. ${said}`);
    tiles.setAttribute("aria-label", `${side} × ${side} images decoded over the plane. ${where.textContent}`);
    strip.setAttribute("aria-label", `decoded from their codes: ${shown.map((i) => classes[labels[i]]).join(", ")}`);
    if (said === saying) return;
    if (saying) speak(); // not when the page opens
    saying = said;
  }
  // The first figure over the moments, from the first that was trained up to the best; before that it leaves below.
  function showCurve() {
    const wide = curve.clientWidth, { ratio } = view;
    [curve.width, curve.height] = [wide * ratio, (CURVE + NUMBERS) * ratio].map(Math.round);
    const pen = curve.getContext("2d");
    pen.scale(ratio, ratio);
    const [name, line] = Object.entries(figures)[0];
    const seen = line.slice(Math.min(1, last));
    const [low, high] = [Math.min(...seen), Math.max(...seen)];
    const x = (moment) => THUMB + ((wide - 2 * THUMB) * moment) / Math.max(1, last);
    const y = (value) => CURVE - 5 - ((CURVE - 12) * (value - low)) / (high - low || 1);
    pen.font = "11px system-ui, sans-serif";
    pen.textAlign = "center";
    pen.fillStyle = colours.quiet;
    const boxes = epochs.map((epoch, k) => {
      const half = pen.measureText(epoch).width / 2;
      const middle = Math.max(half, Math.min(wide - half, x(k)));
      return { middle, left: middle - half - 3, right: middle + half + 3 };
    });
    let free = -Infinity; // where the last number ended; that of the last moment is always there
    boxes.forEach(({ middle, left, right }, k) => {
      if (k < last && (left < free || right > boxes[last].left)) return;
      pen.fillText(epochs[k], middle, CURVE + NUMBERS - 3);
      free = right;
    });
    pen.textAlign = "right";
    const what = `${{ elbo: "ELBO" }[name] ?? name} on test images${wide > 400 ? "; epochs not to scale" : ""}`;
    pen.fillText(what, wide - 2.5 * THUMB, CURVE - 4);
    pen.save();
    pen.beginPath();
    pen.rect(0, 0, wide, CURVE);
    pen.clip();
    [pen.strokeStyle, pen.lineWidth, pen.lineJoin] = [colours.quiet, 1.5, "round"];
    pen.beginPath();
    line.forEach((value, k) => pen.lineTo(x(k), y(value)));
    pen.stroke();
    pen.beginPath();
    line.forEach((value, k) => {
      pen.moveTo(x(k), y(value));
      pen.arc(x(k), y(value), 2, 0, 2 * Math.PI);
    });
    pen.fill();
    const k = Math.floor(at);
    pen.beginPath();
    pen.moveTo(x(at), 0);
    pen.lineTo(x(at), CURVE);
    [pen.strokeStyle, pen.lineWidth, pen.fillStyle] = [colours.hand, 1, colours.hand];
    pen.stroke();
    pen.beginPath();
    pen.arc(x(at), y(line[k] + (at - k) * ((line[k + 1] ?? line[k]) - line[k])), 4, 0, 2 * Math.PI);
    pen.fill();
    pen.restore();
  }

  // ---- theme and size ----

  function showTheme() {
    if (!pad.isConnected) return; // nothing has a colour before it stands on the page
    colours = palette(probe);
    for (const canvas of [tiles, strip]) canvas.style.filter = colours.dark ? "invert(1)" : ""; // ink is white there
    stale();
  }
  watchSize(map, view, () => {
    // Square pixels where they can be seen; where there are as many as the screen has, they would only be uneven.
    for (const canvas of [tiles, strip]) {
      canvas.style.imageRendering = canvas.clientWidth * view.ratio < 2 * canvas.width ? "auto" : "pixelated";
    }
    showTheme();
  }, gone.signal);
  watchTheme(showTheme, gone.signal);
  hear(model, { "change:epoch": heard });
  return () => {
    gone.abort();
    cancelAnimationFrame(frame);
    clearTimeout(hopping);
    for (const picture of pictures) picture?.close();
    pad.remove();
  };
}
export default { render };
