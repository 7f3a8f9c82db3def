// The view of Stepper: a derivation's lines, each with its reason and its value at the frame of the sliders. Where the
// page has a MathJax, it sets the formulas. Nothing outside `el` is looked for.
function render({ model, el }) {
  const make = (parent, tag, className = "", textContent = "") => {
    const made = Object.assign(document.createElement(tag), { className, textContent });
    parent.append(made);
    return made;
  };
  const steps = make(el, "div", "vae-steps");
  const list = make(el, "ol", "vae-lines");
  const verdict = make(el, "p", "vae-verdict");
  verdict.setAttribute("role", "status");
  const lines = model.get("lines").map(({ formula, reason, route, known, unknown }) => {
    const line = make(list, "li");
    const row = make(line, "div", "vae-line");
    const set = make(row, "div", "vae-formula", `$\\displaystyle ${formula}$`);
    const said = make(row, "div");
    const value = make(said, "b", "vae-line-value");
    value.title = route;
    said.append(" nats");
    const words = make(line, "div", "", reason);
    for (const [terms, name] of [[known, "vae-known"], [unknown, "vae-unknown"]])
      for (const term of terms) {
        words.append(" \u2002 ");
        make(words, "span", name, `$${term}$`);
      }
    return { line, set, value };
  });
  const button = (text, shown) => {
    const made = make(steps, "button", "", text);
    made.type = "button";
    made.addEventListener("click", () => {
      model.set("shown", Math.min(Math.max(shown(model.get("shown")), 1), lines.length));
    });
  };
  button("◂ Back", (shown) => shown - 1);
  button("Next line ▸", (shown) => shown + 1);
  button("All lines", () => lines.length);

  function show() {
    const shown = model.get("shown");
    const frame = model.get("frame");
    lines.forEach(({ line, set, value }, k) => {
      line.hidden = k >= shown;
      value.textContent = model.get("values")[frame][k];
      set.tabIndex = set.scrollWidth > set.clientWidth ? 0 : -1; // what scrolls is reached by the keyboard
    });
    verdict.textContent = model.get("verdicts")[frame][shown - 1];
  }
  show();
  globalThis.MathJax?.typesetPromise?.([list]).then(show);
  model.on("change:shown change:frame", show);
  return () => model.off("change:shown change:frame", show);
}
export default { render };
