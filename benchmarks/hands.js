// What a benchmark asks of a page: how long it takes from a hand's event to the pixels that answer it.
const frame = () => new Promise((done) => requestAnimationFrame(done));

// After the next press on the page, `window.took` is the milliseconds until another picture stands in `root`, painted.
window.watch = (root) => {
  window.took = null;
  const before = root.querySelector("img").src;
  let begin = null;
  document.addEventListener("pointerdown", () => (begin = performance.now()), { capture: true, once: true });
  const observer = new MutationObserver(async () => {
    const image = root.querySelector("img");
    if (begin === null || !image || image.src === before) return;
    observer.disconnect();
    await image.decode().catch(() => null); // replaced again meanwhile: painted all the same
    await frame();
    await frame(); // the one before it has been painted
    window.took = performance.now() - begin;
  });
  observer.observe(root, { subtree: true, childList: true, attributes: true, attributeFilter: ["src"] });
};

// A hand that is down on a pad's plane moves in every frame for so many seconds. Gives the milliseconds of work for each
// move (hearing it, decoding, drawing), those from the move to the painted frame, and the frames a second; `idle` is how
// many frames this browser gives a page that does nothing.
window.wander = async (plane, image, seconds) => {
  const box = plane.getBoundingClientRect();
  const at = (k) => ({
    pointerId: 1, bubbles: true,
    clientX: box.left + box.width * (0.5 + 0.4 * Math.sin(k / 20)), clientY: box.top + box.height * (0.5 + 0.4 * Math.cos(k / 31)),
  });
  let idle = 0;
  for (const begin = performance.now(); performance.now() - begin < 1000; idle++) await frame();
  const work = [], painted = [];
  const begin = performance.now();
  for (let k = 0; performance.now() - begin < 1000 * seconds; k++) {
    const shown = image.dataset.z, moved = performance.now();
    plane.dispatchEvent(new PointerEvent("pointermove", at(k)));
    const heard = performance.now() - moved;
    await frame(); // the pad asked for this frame first: it has drawn
    if (image.dataset.z === shown) continue;
    work.push(heard + Number(image.dataset.took));
    await new Promise((done) => { // a message that is read after the frame has been painted
      const { port1, port2 } = new MessageChannel();
      port1.onmessage = done;
      port2.postMessage(null);
    });
    painted.push(performance.now() - moved);
  }
  return { work, painted, frames: work.length / seconds, idle };
};
