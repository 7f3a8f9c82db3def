// What the views of this course's pads share: parts of a page, colours of the theme, numbers in words.

// Makers of elements whose classes begin with `vae-pad-`, and whose listeners end with `signal`.
export function parts(signal) {
  const make = (parent, tag, className = "", about = {}) => {
    const made = document.createElement(tag);
    if (className) made.className = `vae-pad-${className}`;
    for (const [name, value] of Object.entries(about)) {
      if (name in made) made[name] = value;
      else made.setAttribute(name, value);
    }
    parent.append(made);
    return made;
  };
  const listen = (target, kind, does) => target.addEventListener(kind, does, { signal });
  // The same for a model of Jupyter's: `answers` are { events: what to do }.
  const hear = (model, answers) => {
    for (const [events, does] of Object.entries(answers)) {
      model.on(events, does);
      signal.addEventListener("abort", () => model.off(events, does));
    }
  };
  // From the press on `target` to its release, wherever the pointer goes meanwhile.
  const drags = (target, { begin, drag, end }) => {
    listen(target, "pointerdown", (event) => {
      if (event.button !== 0) return;
      begin();
      target.setPointerCapture(event.pointerId);
      drag(event);
    });
    listen(target, "pointermove", (event) => target.hasPointerCapture(event.pointerId) && drag(event));
    listen(target, "lostpointercapture", end);
  };
  const button = (parent, text, does) => {
    const made = make(parent, "button", "button", { type: "button", textContent: text });
    listen(made, "click", does);
    return made;
  };
  // Where the arrow keys mean something, JupyterLab's command mode and its slides would take them.
  const own = { "data-lm-suppress-shortcuts": "true" };
  // A native range with words before and after it: its keys, its touch and its speech are the browser's.
  const range = (parent, [before, after], about, does) => {
    const label = make(parent, "label", "range");
    make(label, "span", "", { textContent: before });
    const made = make(label, "input", "", { type: "range", ...own, ...about });
    make(label, "span", "", { textContent: after, "aria-hidden": "true" });
    listen(made, "input", () => does(made.valueAsNumber));
    return made;
  };
  // A native choice of `options`, { value: words }.
  const select = (parent, text, options, does) => {
    const label = make(parent, "label", "select", { textContent: text });
    const made = make(label, "select", "", { ...own, "aria-label": text });
    for (const [value, textContent] of Object.entries(options)) make(made, "option", "", { value, textContent });
    listen(made, "change", () => does(made.value));
    return made;
  };
  return { make, listen, hear, drags, button, range, select, own };
}

// A button a class, with its colour: pressed, it brings its class forward, and `does` hears which (null: none).
export function classButtons({ make, button }, parent, classes, does) {
  const row = make(parent, "div", "legend", { role: "group", "aria-label": "classes: press one to bring it forward" });
  let front = null;
  const buttons = classes.map((name, label) => {
    const made = button(row, "", () => {
      front = front === label ? null : label;
      buttons.forEach((each, other) => each.setAttribute("aria-pressed", front === other));
      does(front);
    });
    make(made, "span", "swatch").style.background = `var(--pad-class-${label % 10})`;
    made.append(name);
    made.setAttribute("aria-pressed", "false");
    return made;
  });
}

// Calls `write` at most twenty times a second however often it is called itself, and always once more for the last
// call; told `true`, at once.
export function teller(write, signal) {
  const pause = 50; // milliseconds
  let told = -pause, waiting = null;
  const tell = (atOnce = false) => {
    const wait = told + pause - performance.now();
    if (!atOnce && wait > 0) return void (waiting ??= setTimeout(tell, wait, true));
    clearTimeout(waiting);
    waiting = null;
    write();
    told = performance.now(); // after it: what takes long to write is not written more often
  };
  signal.addEventListener("abort", () => clearTimeout(waiting));
  return tell;
}

// Has `spoken` say `words()` when the hand has rested, that is 600 milliseconds after the last call.
export function speaker(spoken, words, signal) {
  let resting = null;
  signal.addEventListener("abort", () => clearTimeout(resting));
  return () => {
    clearTimeout(resting);
    resting = setTimeout(() => (spoken.textContent = words()), 600);
  };
}

// Puts images, numbers from 0 to `full`, on canvases. 0 is paper and 1 is ink, in the theme's sense: black on white in
// the light, white on black in the dark. Without an image the paper is empty.
export function printer([rows, columns]) {
  const pixels = new ImageData(columns, rows);
  return (pen, image, { dark }, { x = 0, full = 1 } = {}) => {
    for (let i = 0; i < rows * columns; i++) {
      const share = image ? image[i] / full : 0;
      const grey = Math.round(255 * (dark ? share : 1 - share));
      pixels.data.set([grey, grey, grey, 255], 4 * i);
    }
    pen.putImageData(pixels, x, 0);
  };
}

// The style sheet's colours as the theme makes them now: `probe` wears each in turn, and is asked what it wears.
export function palette(probe) {
  const read = (name) => {
    probe.style.color = `var(--pad-${name})`;
    return getComputedStyle(probe).color;
  };
  const names = ["ink", "quiet", "grid", "paper", "halo", "prior", "hand", "q"];
  const colours = Object.fromEntries(names.map((name) => [name, read(name)]));
  colours.classes = Array.from({ length: 10 }, (_, k) => read(`class-${k}`));
  colours.dark = +/[\d.]+/.exec(colours.paper)[0] < 128;
  return colours;
}

// Calls `does` whenever the theme changes: JupyterLab writes its own on the body; elsewhere the reader's system says.
export function watchTheme(does, signal) {
  const themed = new MutationObserver(does);
  themed.observe(document.body, { attributes: true, attributeFilter: ["data-jp-theme-light", "data-jp-theme-name"] });
  signal.addEventListener("abort", () => themed.disconnect());
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", does, { signal });
}

// Calls `does` when `canvas` comes onto the page, or back to it, and when its size changes; `view` is told its size.
export function watchSize(canvas, view, does, signal) {
  const sized = new ResizeObserver(() => {
    if (!canvas.clientWidth) return; // hidden
    Object.assign(view, { size: canvas.clientWidth, ratio: devicePixelRatio });
    does();
  });
  sized.observe(canvas);
  signal.addEventListener("abort", () => sized.disconnect());
}

// The bytes of a trait, at whatever offset they came.
export const bytes = (data) => new Uint8Array(data.buffer ?? data, data.byteOffset ?? 0, data.byteLength);
export const tidy = (value, digits = 4) => +value.toFixed(digits);
export const number = (value, digits) => value.toFixed(digits).replace(/^-(?=[0.]*$)/, "").replace("-", "\u2212");
export const words = (value) => number(value, 2);
export const latentName = (i) => "z" + String(i + 1).replace(/\d/g, (digit) => "₀₁₂₃₄₅₆₇₈₉"[digit]);
