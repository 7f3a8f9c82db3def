// The view of Slider: a native range with its label and its value. It queries nothing outside `el`.
function render({ model, el }) {
  const row = document.createElement("div");
  const label = document.createElement("label");
  const name = document.createElement("span");
  const range = document.createElement("input");
  const readout = document.createElement("span");
  row.className = "vae-slider";
  range.type = "range";
  // In its command mode, and in its slides, JupyterLab takes the arrow keys unless an element asks for its own.
  range.setAttribute("data-lm-suppress-shortcuts", "true");
  // The range itself speaks its value.
  readout.setAttribute("aria-hidden", "true");
  label.append(name, range);
  row.append(label, readout);
  el.append(row);

  const stops = () => model.get("stops");
  const decimals = () => Math.max(0, Math.ceil(-Math.log10(model.get("step")) - 1e-9));
  const digits = (value) => (stops().length ? String(value) : value.toFixed(decimals()));
  const words = (value) => digits(value).replace(/^-(?=[0.]*$)/, "").replace("-", "\u2212");

  function show() {
    const at = stops();
    name.textContent = model.get("description");
    range.min = at.length ? 0 : model.get("min");
    range.max = at.length ? at.length - 1 : model.get("max");
    range.step = at.length ? 1 : model.get("step");
    range.value = at.length ? at.indexOf(model.get("value")) : model.get("value");
    readout.textContent = words(model.get("value"));
    range.setAttribute("aria-valuetext", readout.textContent);
  }
  function send() {
    const at = stops();
    model.set("value", at.length ? at[range.valueAsNumber] : range.valueAsNumber);
    model.save_changes();
  }
  show();
  range.addEventListener("input", send);
  const changes = "change:value change:description change:min change:max change:step change:stops";
  model.on(changes, show);
  return () => model.off(changes, show);
}
export default { render };
