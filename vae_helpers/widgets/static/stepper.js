// The view of Stepper: a derivation's lines, each with its reason and, at the frame of the sliders, its value. Where the
// page has a MathJax, it sets the formulas. It queries nothing outside `el`.
function render({ model, el }) {
  const make = (parent, tag, className = "") => {
    const made = document.createElement(tag);
    if (className) made.className = className;
    parent.append(made);
    return made;
  };
  const steps = make(el, "div", "vae-steps");
  const list = make(el, "ol", "vae-lines");
  const verdict = make(el, "p", "vae-verdict");
  verdict.setAttribute("role", "status");
  const count = model.get("formulas").length;
  const lines = model.get("formulas").map((formula, k) => {
    const line = make(list, "li");
    const row = make(line, "div", "vae-line");
    const set = make(row, "div", "vae-formula");
    set.innerHTML = formula;
    const value = make(row, "div");
    make(line, "div", "vae-reason").innerHTML = model.get("reasons")[k];
    return { line, set, value };
  });
  const button = (text, shown) => {
    const made = make(steps, "button", "vae-pad-button");
    made.type = "button";
    made.textContent = text;
    made.addEventListener("click", () => {
      model.set("shown", Math.min(Math.max(shown(model.get("shown")), 1), count));
    });
  };
  button("◂ Back", (shown) => shown - 1);
  button("Next line ▸", (shown) => shown + 1);
  button("All lines", () => count);

  function show() {
    const shown = model.get("shown");
    const frame = model.get("frame");
    lines.forEach(({ line, set, value }, k) => {
      line.hidden = k >= shown;
      value.innerHTML = model.get("values")[frame][k];
      set.tabIndex = set.scrollWidth > set.clientWidth ? 0 : -1; // what scrolls is reached by the keyboard
    });
    verdict.innerHTML = model.get("verdicts")[frame][shown - 1];
  }
  show();
  globalThis.MathJax?.typesetPromise?.([list]).then(show);
  model.on("change:shown change:frame", show);
  return () => model.off("change:shown change:frame", show);
}
export default { render };
