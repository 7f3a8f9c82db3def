// The view of Flipbook: the base picture and, over it, the pixels in which the frame of the sliders' positions differs.
// It queries nothing outside `el`.
const PLACES = ["first", "second", "third"];

function render({ model, el }) {
  const figure = document.createElement("figure");
  const stack = document.createElement("div");
  const image = document.createElement("img");
  const caption = document.createElement("figcaption");
  const spoken = document.createElement("div");
  figure.className = "vae-picture";
  stack.className = "vae-flipbook";
  spoken.className = "vae-spoken";
  spoken.setAttribute("role", "status");
  // The sentence is the image's alt text; reading it twice would help nobody.
  caption.setAttribute("aria-hidden", "true");
  stack.append(image);
  figure.append(stack, caption, spoken);
  el.append(figure);

  const urls = [];
  const address = (bytes) => urls[urls.push(URL.createObjectURL(new Blob([bytes], { type: "image/webp" }))) - 1];
  const layers = model.get("overlays").map((bytes) => {
    const layer = new Image();
    layer.src = address(bytes);
    layer.alt = "";
    return layer;
  });
  image.src = address(model.get("base"));
  image.width = model.get("width");
  // A page may keep a wide one at a width at which it can be read.
  stack.classList.toggle("vae-wide", model.get("width") >= 700);

  const stops = model.get("stops");
  const start = model.get("start");
  const places = PLACES.slice(0, stops.length);
  let rest = null;

  // The number of the stop at which a slider stands.
  const at = (k) => Math.max(0, stops[k].indexOf(model.get(places[k])));
  function frame(moved) {
    if (model.get("together")) return stops.reduce((count, values, k) => count * values.length + at(k), 0);
    return stops.slice(0, moved).reduce((count, values) => count + values.length, 0) + at(moved);
  }
  let current = null;
  async function show(number) {
    const layer = layers[model.get("shown")[number]];
    current = layer;
    await layer.decode(); // the old one stays until the new one can be seen
    if (current !== layer) return; // a later one has come
    stack.replaceChildren(image, layer);
    figure.dataset.frame = number;
    image.alt = caption.textContent = model.get("says")[number];
    clearTimeout(rest);
    rest = setTimeout(() => (spoken.textContent = image.alt), 600); // when the hand rests, not at each step
  }
  function move(moved) {
    if (!model.get("together") && at(moved) !== start[moved]) {
      places.forEach((place, k) => k !== moved && model.set(place, stops[k][start[k]]));
    }
    const number = frame(moved);
    model.set("frame", number);
    show(number);
  }
  const answers = places.map((place, k) => [`change:${place}`, () => move(k)]);
  for (const [event, answer] of answers) model.on(event, answer);
  image.alt = caption.textContent = model.get("says")[model.get("frame")];
  show(model.get("frame"));
  return () => {
    for (const [event, answer] of answers) model.off(event, answer);
    clearTimeout(rest);
    urls.forEach((url) => URL.revokeObjectURL(url));
  };
}
export default { render };
