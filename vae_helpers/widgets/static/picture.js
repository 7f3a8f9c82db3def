// The view of PictureView: an image whose bytes, sentence and error are the model's. It queries nothing outside `el`.
function render({ model, el }) {
  const figure = document.createElement("figure");
  const image = document.createElement("img");
  const caption = document.createElement("figcaption");
  const spoken = document.createElement("div");
  const error = document.createElement("p");
  figure.className = "vae-picture";
  spoken.className = "vae-spoken";
  spoken.setAttribute("role", "status");
  error.setAttribute("role", "alert");
  // The sentence is the image's alt text; reading it twice would help nobody.
  caption.setAttribute("aria-hidden", "true");
  figure.append(image, caption, spoken, error);
  el.append(figure);

  let url = null;
  let rest = null;
  function showPicture() {
    const previous = url;
    url = URL.createObjectURL(new Blob([model.get("png")], { type: "image/png" }));
    image.src = url;
    image.width = model.get("width");
    if (previous) URL.revokeObjectURL(previous);
  }
  function showWords() {
    image.alt = caption.textContent = model.get("says");
    error.textContent = model.get("error");
    error.hidden = !model.get("error");
  }
  // A new sentence is spoken when the hand rests, not at each step on the way.
  function speak() {
    clearTimeout(rest);
    rest = setTimeout(() => (spoken.textContent = model.get("says")), 600);
  }
  showPicture();
  showWords();
  model.on("change:png", showPicture);
  model.on("change:says change:error", showWords);
  model.on("change:says", speak);
  return () => {
    model.off("change:png", showPicture);
    model.off("change:says change:error", showWords);
    model.off("change:says", speak);
    clearTimeout(rest);
    URL.revokeObjectURL(url);
  };
}
export default { render };
