// Seen from within a deck: where the presenter stands, and what of the slide is not to be seen, or not whole.
window.slide = (() => {
  const all = (where, what) => [...where.querySelectorAll(what)];
  const cells = () => all(document, ".jp-Notebook .jp-Cell");
  const onScreen = () => all(document, ".jp-Notebook .jp-Cell.jp-deck-mod-onscreen");
  const active = () => document.querySelector(".jp-Notebook .jp-Cell.jp-mod-active");
  const model = (index) => jupyterapp.shell.currentWidget.content.widgets[index].model;
  // Read by a screen reader alone, or by the hand of a text editor.
  const unseen = "mjx-assistive-mml, mjx-container *, .vae-spoken, .vae-pad-spoken, .cm-cursorLayer, .cm-selectionLayer, .cm-announced";

  function headline() {
    for (const cell of onScreen()) {
      const prose = cell.querySelector(".jp-MarkdownOutput");
      const words = prose?.querySelector("h1, h2, h3, h4")?.innerText ?? prose?.querySelector("p")?.innerText;
      if (words) return [...words.trim().split("\n")[0]].slice(0, 60).join("");
    }
    return "";
  }
  const step = () => ({ cell: cells().indexOf(active()), code: active().classList.contains("jp-CodeCell"),
    text: model(cells().indexOf(active())).sharedModel.getSource(),
    slide: cells().indexOf(onScreen()[0]), headline: headline() });
  const atEnd = () => document.querySelector(".jp-deck-mod-direction-forward").classList.contains("jp-mod-disabled");

  function mark() {
    model(step().cell).executionCount = null;
    for (const output of all(active(), ".jp-OutputArea-output")) output.dataset.before = "yes";
    return step().cell;
  }
  // It has a number again, and all that it showed before is gone. (A collapsed cell has no prompt to read it from.)
  const ran = (index) => model(index).executionCount !== null && model(index).executionState === "idle" &&
    !cells()[index].querySelector("[data-before]");

  function showAllLines() {
    for (const button of all(active(), "button")) if (button.innerText === "All lines") button.click();
  }

  let last = "", since = 0;
  function still() {
    const boxes = onScreen().flatMap((cell) => [cell, ...all(cell, "img, .jupyter-widgets, mjx-container")])
      .map((e) => e.getBoundingClientRect()).map(({ right, bottom }) => `${right},${bottom}`).join();
    if (boxes !== last) [last, since] = [boxes, performance.now()];
    const images = onScreen().flatMap((cell) => all(cell, "img"));
    return performance.now() - since > 120 && images.every((image) => image.complete) &&
      !onScreen().some((cell) => cell.innerText.includes("Loading widget"));
  }

  const name = (e) => {
    const words = [...(e.innerText || e.alt || "").trim().replace(/\s+/g, " ")].slice(0, 50).join("");
    return `${e.tagName.toLowerCase()}${words && ` “${words}”`}`;
  };
  function faults() {
    const found = [];
    const arrows = all(document, ".jp-Deck-Remote button").map((e) => e.getBoundingClientRect()).filter((b) => b.width);
    let low = null, wide = null, outside = null;
    for (const cell of onScreen()) {
      for (const e of all(cell, "*")) {
        if (e.closest(unseen) || !e.checkVisibility()) continue;
        const box = e.getBoundingClientRect(), style = getComputedStyle(e);
        if (!box.width || !box.height) continue;
        if (box.bottom > innerHeight && box.bottom >= (low?.bottom ?? 0)) low = { bottom: box.bottom, e };
        if (box.right > innerWidth && box.right >= (wide?.right ?? 0)) wide = { right: box.right, e };
        if (box.left < 0 || box.top < 0) outside ??= e;
        if (arrows.some((a) => a.left < box.right && box.left < a.right && a.top < box.bottom && box.top < a.bottom))
          found.push(`${name(e)} lies under the deck's arrows`);
        const [dx, dy] = [e.scrollWidth - e.clientWidth, e.scrollHeight - e.clientHeight];
        if (style.display === "inline" || !e.clientWidth) continue;
        if (dx > 1 && style.overflowX !== "visible") found.push(`${name(e)} is ${dx} px too narrow for what it holds`);
        if (dy > 1 && style.overflowY !== "visible") found.push(`${name(e)} is ${dy} px too low for what it holds`);
      }
      for (const output of all(cell, ".jp-OutputArea-output")) {
        const text = output.innerText, kind = output.dataset.mimeType ?? "";
        if (/vnd.jupyter.(error|stderr)/.test(kind)) found.push(`an error: ${text.slice(0, 200)}`);
        for (const words of ["Error displaying widget", "model not found", "Loading widget"])
          if (text.includes(words)) found.push(words);
        if (kind.includes("widget-view") && !output.matches("[data-before]")) {
          const view = output.querySelector(".jupyter-widgets")?.getBoundingClientRect();
          if (!view || view.width < 40 || view.height < 20) found.push(`its widget does not show: ${name(output)}`);
        }
      }
      for (const e of all(cell, "button, input, select, canvas.vae-pad-plane, summary")) {
        const box = e.getBoundingClientRect();
        if (!e.checkVisibility({ opacityProperty: true }) || !box.width || box.bottom > innerHeight) continue;
        const hit = document.elementFromPoint(box.left + Math.min(4, box.width / 2), (box.top + box.bottom) / 2);
        if (!hit || !(e.contains(hit) || hit.contains(e))) found.push(`${name(e)} can't be pressed at its left edge`);
      }
      for (const image of all(cell, "img"))
        if (image.checkVisibility() && !image.naturalWidth) found.push(`an image does not show: ${image.alt}`);
      for (const alert of all(cell, "[role=alert]"))
        if (alert.checkVisibility() && alert.innerText.trim()) found.push(`an alert: ${alert.innerText}`);
    }
    if (outside) found.push(`${name(outside)} begins outside of the window`);
    if (low) found.push(`${name(low.e)} reaches ${Math.round(low.bottom - innerHeight)} px below the window`);
    if (wide) found.push(`${name(wide.e)} reaches ${Math.round(wide.right - innerWidth)} px beyond the window`);
    const stage = document.querySelector(".jp-Notebook");
    if (stage.scrollHeight > stage.clientHeight + 1) found.push(`it scrolls: ${stage.scrollHeight - stage.clientHeight} px`);
    return found;
  }
  return { step, atEnd, mark, ran, showAllLines, still, faults };
})();
