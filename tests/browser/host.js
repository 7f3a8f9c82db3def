// Stands in for @jupyter-widgets/html-manager, which a static page fetches from a CDN: it reads the widget state that
// nbconvert stored in the page, and shows each anywidget of it where its view was. There is no kernel.
const stored = document.querySelector('script[type="application/vnd.jupyter.widget-state+json"]');
const { state } = JSON.parse(stored.textContent);
window.hosted = [];

function modelOf({ state: values, buffers = [] }) {
  for (const { path, data } of buffers) {
    values[path[0]] = new DataView(Uint8Array.from(atob(data), (letter) => letter.charCodeAt(0)).buffer);
  }
  const heard = {};
  return {
    heard, saved: [],
    get: (name) => values[name],
    set(name, value) {
      const before = JSON.stringify(values[name]);
      values[name] = value;
      if (JSON.stringify(value) !== before) for (const answer of heard[`change:${name}`] ?? []) answer();
    },
    save_changes() { this.saved.push(performance.now()); },
    on(names, answer) { for (const name of names.split(" ")) (heard[name] ??= []).push(answer); },
    off(names, answer) { for (const name of names.split(" ")) heard[name] = heard[name].filter((each) => each !== answer); },
  };
}

for (const view of document.querySelectorAll('script[type="application/vnd.jupyter.widget-view+json"]')) {
  const { model_id } = JSON.parse(view.textContent);
  const model = modelOf(state[model_id]);
  const el = document.createElement("div");
  view.parentNode.insertBefore(el, view);
  const style = document.createElement("style");
  style.textContent = model.get("_css");
  document.head.append(style);
  const code = URL.createObjectURL(new Blob([model.get("_esm")], { type: "text/javascript" }));
  import(code).then((module) => window.hosted.push({ model, el, close: module.default.render({ model, el }) }));
}
