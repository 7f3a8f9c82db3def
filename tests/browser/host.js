// Stands in for @jupyter-widgets/html-manager, which a static page fetches from a CDN: it reads the widget state that
// nbconvert stored in the page, and shows each anywidget of it where its view was, and a box as its children in a row.
// There is no kernel.
const stored = document.querySelector('script[type="application/vnd.jupyter.widget-state+json"]');
const { state } = JSON.parse(stored.textContent);
window.hosted = [];

function modelOf({ state: values, buffers = [] }) {
  for (const { path, data } of buffers) {
    values[path[0]] = new DataView(Uint8Array.from(atob(data), (letter) => letter.charCodeAt(0)).buffer);
  }
  const heard = {};
  return {
    heard, saved: [], sent: [], widget_manager: { get_model },
    get: (name) => values[name],
    set(name, value) {
      const before = JSON.stringify(values[name]);
      values[name] = value;
      if (JSON.stringify(value) !== before) for (const answer of heard[`change:${name}`] ?? []) answer();
    },
    save_changes() { this.saved.push(performance.now()); },
    send(content) { this.sent.push(content); },
    on(names, answer) { for (const name of names.split(" ")) (heard[name] ??= []).push(answer); },
    off(names, answer) { for (const name of names.split(" ")) heard[name] = heard[name].filter((each) => each !== answer); },
  };
}

const models = new Map();
// Throws where there is no such model, as the real one does.
function get_model(id) {
  if (!state[id]) throw new Error("widget model not found");
  if (!models.has(id)) models.set(id, Promise.resolve(modelOf(state[id])));
  return models.get(id);
}
const named = (reference) => reference.replace("IPY_MODEL_", "");

async function show(id, el) {
  const model = await get_model(id);
  const layout = model.get("layout") && state[named(model.get("layout"))].state;
  for (const name of ["flex", "min_width", "max_width", "flex_flow"]) {
    if (layout?.[name]) el.style.setProperty(name.replace("_", "-"), layout[name]);
  }
  if (!model.get("_esm")) {
    el.style.display = "flex";
    for (const child of model.get("children")) await show(named(child), el.appendChild(document.createElement("div")));
    return;
  }
  const style = document.createElement("style");
  style.textContent = model.get("_css");
  document.head.append(style);
  const code = URL.createObjectURL(new Blob([model.get("_esm")], { type: "text/javascript" }));
  const module = await import(code);
  window.hosted.push({ model, el, close: module.default.render({ model, el }) });
  // In the order of the page: which module is read first is anyone's guess.
  hosted.sort((one, two) => (one.el.compareDocumentPosition(two.el) & Node.DOCUMENT_POSITION_FOLLOWING ? -1 : 1));
}

for (const view of document.querySelectorAll('script[type="application/vnd.jupyter.widget-view+json"]')) {
  const el = document.createElement("div");
  view.parentNode.insertBefore(el, view);
  show(JSON.parse(view.textContent).model_id, el);
}
