// A page of the site: its mathematics are set, and its widgets live without a kernel, from a state beside the page.
const about = document.currentScript.dataset;
const beside = (path) => new URL(path, document.baseURI).href;

window.MathJax = {
  tex: { inlineMath: [["$", "$"]], displayMath: [["$$", "$$"]] },
  chtml: { matchFontHeight: false, scale: 1.1 }, // what is set while it is folded has no height to be matched with
  options: { ignoreHtmlClass: "highlight", enableMenu: false }, // the menu's offers would come from elsewhere
  startup: { pageReady: () => MathJax.startup.defaultPageReady().then(reachable) },
};

function script(path) {
  return new Promise((done, failed) => {
    const made = document.createElement("script");
    Object.assign(made, { src: beside(path), onload: done, onerror: failed });
    document.head.append(made);
  });
}

// What scrolls in itself can be reached by the keyboard, and shows that it goes on.
const SCROLLS = "pre, .out, .picture, .vae-flipbook, table, mjx-container";
function reachable() {
  for (const each of document.querySelectorAll("mjx-container:not([display])")) {
    const room = each.closest("p, li, td, th, h1, h2, h3, summary, div, section").clientWidth;
    each.classList.toggle("wide", each.firstElementChild.getBoundingClientRect().width > room);
  }
  for (const each of document.querySelectorAll(SCROLLS)) {
    if (each.scrollWidth > each.clientWidth && each.clientWidth > 1) each.tabIndex = 0;
    goesOn(each);
  }
}

function goesOn(each) {
  each.classList.toggle("more", each.tabIndex === 0 && each.scrollLeft + each.clientWidth < each.scrollWidth - 1);
}

// Its state is one compressed file with all bytes in a list, each once; a page opened from a folder is not given it.
async function state(name) {
  const answer = await fetch(`${name}/state.json.gz`);
  if (!answer.ok) throw new Error(`${answer.status} for the widgets' state`);
  const { buffers, ...whole } = await new Response(answer.body.pipeThrough(new DecompressionStream("gzip"))).json();
  for (const model of Object.values(whole.state)) for (const each of model.buffers ?? []) each.data = buffers[each.data];
  return whole;
}

async function widgets(name) {
  const waiting = [...document.querySelectorAll("[data-model]")];
  const models = await state(name);
  await script("static/require.js");
  require.config({ baseUrl: beside("static"), paths: { anywidget: "anywidget" } });
  await script("static/html-manager.js");
  const { HTMLManager } = await new Promise((done, failed) => require(["@jupyter-widgets/html-manager"], done, failed));
  const loader = (module) => new Promise((done, failed) => require([module], done, failed));
  await mathematics;
  const manager = new HTMLManager({ loader });
  const made = new Map((await manager.set_state(models)).map((model) => [model.model_id, model]));
  for (const place of waiting) {
    const view = await manager.create_view(made.get(place.dataset.model));
    const living = document.createElement("div");
    living.className = "out living";
    place.before(living); // a view is shown where it is in the page; the still stays until it is there
    await manager.display_view(view, living);
    place.remove();
  }
  reachable();
  document.documentElement.dataset.widgets = "alive";
}

const mathematics = script("static/mathjax/tex-chtml.js").then(() => {
  // The core widgets know MathJax 2: a queue of [what to do, with whom, in which element].
  MathJax.Hub = { Queue: ([, , element]) => MathJax.typesetPromise([element]).then(reachable) };
});
addEventListener("resize", reachable);
addEventListener("toggle", reachable, true); // what was folded had no width
addEventListener("scroll", ({ target }) => target.matches?.(SCROLLS) && goesOn(target), { capture: true, passive: true });
addEventListener("DOMContentLoaded", reachable);
if (about.state) {
  widgets(about.state).catch((error) => {
    if (location.protocol === "file:") document.getElementById("from-a-folder").hidden = false;
    else console.error(error);
  });
}
