// What is drawn on a plane of latents: the parts that change seldom, each on a canvas of its own, then the hand's.
// `view` says where: { size, ratio, reach } in CSS pixels, canvas pixels a CSS pixel, and the latents at the edges.

const LEFT = 34, BOTTOM = 34, TOP = 8, RIGHT = 8;
const MANY = 2000; // dots: smaller, and seen through, where there are more
const FONT = "12px system-ui, sans-serif";

// z₁ runs to the right, z₂ upwards: latents ↔ CSS pixels of the canvas.
export function place({ size, reach }) {
  const side = size - LEFT - RIGHT;
  return {
    side,
    x: (value) => LEFT + (side * (value + reach)) / (2 * reach),
    y: (value) => TOP + (side * (reach - value)) / (2 * reach),
    back: (x, y) => [((x - LEFT) / side) * 2 * reach - reach, reach - ((y - TOP) / side) * 2 * reach],
  };
}

// A canvas behind the scenes, ready to be drawn on in CSS pixels; its old content is gone.
export function layer(canvas, { size, ratio }) {
  canvas.width = canvas.height = Math.round(size * ratio);
  const ink = canvas.getContext("2d");
  ink.setTransform(ratio, 0, 0, ratio, 0, 0);
  return ink;
}

// Everything is drawn inside the frame, whatever lies beyond the reach.
function clipped(ink, { side }, draw) {
  ink.save();
  ink.beginPath();
  ink.rect(LEFT, TOP, side, side);
  ink.clip();
  draw();
  ink.restore();
}

// A line that must show on dark and on light: first wide in the paper's colour, then in its own.
function haloed(ink, colour, paper, width, path) {
  ink.lineJoin = "round";
  for (const [style, line] of [[paper, width + 3], [colour, width]]) {
    ink.strokeStyle = style;
    ink.lineWidth = line;
    path();
    ink.stroke();
  }
}

// Round numbers on the axes, four to nine of them.
function ticks(reach) {
  const step = [0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100].find((each) => reach / each <= 4.5) ?? reach;
  const count = Math.floor(reach / step);
  return Array.from({ length: 2 * count + 1 }, (_, i) => +((i - count) * step).toFixed(6));
}

// Frame, numbers and names of the axes; the grid is faint, and left out over a manifold.
function drawAxes(ink, view, names, colours, grid) {
  const at = place(view);
  ink.font = FONT;
  ink.lineWidth = 1;
  ink.strokeStyle = colours.grid;
  for (const value of ticks(view.reach)) {
    const [x, y] = [Math.round(at.x(value)) + 0.5, Math.round(at.y(value)) + 0.5];
    ink.beginPath();
    ink.moveTo(x, grid ? TOP : TOP + at.side);
    ink.lineTo(x, TOP + at.side + 4);
    ink.moveTo(grid ? LEFT + at.side : LEFT, y);
    ink.lineTo(LEFT - 4, y);
    ink.stroke();
    ink.fillStyle = colours.quiet;
    const text = String(value).replace("-", "\u2212");
    ink.textAlign = "center";
    ink.fillText(text, x, TOP + at.side + 16);
    ink.textAlign = "right";
    ink.fillText(text, LEFT - 7, y + 4);
  }
  ink.strokeRect(LEFT + 0.5, TOP + 0.5, at.side - 1, at.side - 1);
  ink.fillStyle = colours.ink;
  ink.textAlign = "center";
  ink.fillText(names[0], LEFT + at.side / 2, view.size - 3);
  ink.save();
  ink.translate(10, TOP + at.side / 2);
  ink.rotate(-Math.PI / 2);
  ink.fillText(names[1], 0, 0);
  ink.restore();
}

// A dot a code; `front` is the class that was brought forward, the others step back. One small picture a class is
// stamped: ten thousand arcs would take longer than a hand waits for a change of theme.
// `faint`: over a manifold, which is to be seen through them.
function drawDots(ink, view, codes, labels, [across, up], latents, front, colours, faint) {
  const at = place(view);
  const radius = Math.max(1.6, Math.min(3, view.size / 160)) * (labels.length > MANY ? 0.75 : 1);
  const side = 2 * radius + 2;
  const stamps = colours.classes.map((colour) => {
    const stamp = document.createElement("canvas");
    const pen = layer(stamp, { size: side, ratio: view.ratio });
    pen.arc(side / 2, side / 2, radius, 0, 2 * Math.PI);
    pen.fillStyle = colour;
    pen.fill();
    return stamp;
  });
  const draw = (wanted, alpha) => {
    ink.globalAlpha = alpha;
    for (let i = 0, k = 0; i < labels.length; i++, k += latents) {
      if (!wanted(labels[i])) continue;
      const [x, y] = [at.x(codes[k + across]), at.y(codes[k + up])];
      ink.drawImage(stamps[labels[i] % stamps.length], x - side / 2, y - side / 2, side, side);
    }
    ink.globalAlpha = 1;
  };
  if (front === null) return draw(() => true, faint ? 0.15 : labels.length > MANY ? 0.6 : 0.9);
  draw((label) => label !== front, faint ? 0.04 : 0.12);
  draw((label) => label === front, faint ? 0.6 : 1);
}

// The name of each class in the middle of its dots (the median of both axes): who can't tell the colours can read.
function drawNames(ink, view, codes, labels, [across, up], latents, classes, colours) {
  const at = place(view);
  const middle = (values) => values.sort((one, two) => one - two)[values.length >> 1];
  ink.font = "700 16px system-ui, sans-serif";
  ink.textAlign = "center";
  ink.lineJoin = "round";
  ink.lineWidth = 4;
  ink.strokeStyle = colours.paper;
  classes.forEach((name, label) => {
    const own = [...labels.keys()].filter((i) => labels[i] === label);
    if (!own.length) return;
    const [x, y] = [across, up].map((axis) => middle(own.map((i) => codes[i * latents + axis])));
    ink.strokeText(name, at.x(x), at.y(y) + 6);
    ink.fillStyle = colours.classes[label % colours.classes.length];
    ink.fillText(name, at.x(x), at.y(y) + 6);
  });
}

// The prior's circles, and how much of it they hold in two dimensions: 1 − exp(−r²/2).
function drawRings(ink, view, colours, crowded) {
  const at = place(view);
  ink.font = FONT;
  ink.textAlign = "center";
  for (const radius of [1, 2]) {
    haloed(ink, colours.prior, crowded ? colours.halo : "transparent", 1.75, () => {
      ink.beginPath();
      ink.arc(at.x(0), at.y(0), (radius * at.side) / (2 * view.reach), 0, 2 * Math.PI);
    });
    // Its name on a ground of its own, to be read over ring, dots and tiles.
    const text = `${radius}σ: ${Math.round(100 * (1 - Math.exp((-radius * radius) / 2)))} %`;
    const wide = ink.measureText(text).width + 8;
    ink.globalAlpha = 0.85;
    ink.fillStyle = colours.paper;
    ink.fillRect(at.x(0) - wide / 2, at.y(radius) - 9, wide, 18);
    ink.globalAlpha = 1;
    ink.fillStyle = colours.prior;
    ink.fillText(text, at.x(0), at.y(radius) + 4);
  }
}

// The cloud with its axes: drawn anew only when size, theme, axes or legend change.
export function drawCloud(ink, view, what, colours) {
  drawAxes(ink, view, what.names, colours, !what.manifold);
  clipped(ink, place(view), () => {
    drawDots(ink, view, what.codes, what.labels, what.axes, what.latents, what.front, colours, what.manifold);
    if (what.prior) drawRings(ink, view, colours, what.manifold || what.labels.length > MANY);
    if (what.classes && what.latents === 2 && !what.manifold) {
      drawNames(ink, view, what.codes, what.labels, what.axes, what.latents, what.classes, colours);
    }
  });
}

// A disc with a letter in it; `line` is the colour of letter and rim.
function drawDisc(ink, x, y, radius, letter, fill, line) {
  ink.beginPath();
  ink.arc(x, y, radius, 0, 2 * Math.PI);
  ink.fillStyle = fill;
  ink.fill();
  ink.strokeStyle = ink.fillStyle = line;
  ink.lineWidth = 1.5;
  ink.stroke();
  ink.fillText(letter, x, y + radius / 2);
}

// Codes that are followed, each [letter, class, [z₁, z₂]]: a disc in its class's colour, with its letter.
export function drawFollowed(ink, view, followed, colours) {
  const at = place(view);
  ink.font = "600 11px system-ui, sans-serif";
  ink.textAlign = "center";
  clipped(ink, at, () => {
    for (const [letter, label, point] of followed) {
      const fill = colours.classes[label % colours.classes.length];
      drawDisc(ink, at.x(point[0]), at.y(point[1]), 8, letter, fill, colours.paper);
    }
  });
}

// One tile of the manifold, between its edges { low, high } along both axes. They fall on whole pixels of the canvas:
// no seam shows.
export function drawTile(ink, view, column, row, picture) {
  const at = place(view);
  const whole = (value) => Math.round(value * view.ratio) / view.ratio;
  const [x, right] = [whole(at.x(column.low)), whole(at.x(column.high))];
  const [y, bottom] = [whole(at.y(row.high)), whole(at.y(row.low))];
  if (right <= x || bottom <= y) return;
  ink.clearRect(x, y, right - x, bottom - y);
  ink.imageSmoothingEnabled = (right - x) * view.ratio < picture.width; // square pixels where they can be seen
  ink.drawImage(picture, x, y, right - x, bottom - y);
}

// A diagonal Gaussian: its ellipses at one and at two sigma. `across` and `up` turn latents into pixels.
export function drawGaussian(ink, across, up, [mu, sigma], colours) {
  for (const k of [1, 2]) {
    const wide = Math.abs(across(mu[0] + k * sigma[0]) - across(mu[0]));
    const high = Math.abs(up(mu[1] + k * sigma[1]) - up(mu[1]));
    haloed(ink, colours.q, colours.paper, 1.75, () => {
      ink.beginPath();
      ink.ellipse(across(mu[0]), up(mu[1]), wide, high, 0, 0, 2 * Math.PI);
    });
  }
}

// What a hand moves: the walk with its ends, q, the lines through z, and the ring at z (at the edge if z lies beyond).
export function drawHand(ink, view, { z, path, ends, q }, colours) {
  const at = place(view);
  const inside = (value) => Math.max(-view.reach, Math.min(view.reach, value));
  const [x, y] = [at.x(inside(z[0])), at.y(inside(z[1]))];
  clipped(ink, at, () => {
    if (path.length) {
      haloed(ink, colours.ink, colours.halo, 1.5, () => {
        ink.beginPath();
        for (const point of path) ink.lineTo(at.x(point[0]), at.y(point[1]));
      });
    }
    ink.font = "600 13px system-ui, sans-serif";
    ink.textAlign = "center";
    for (const [letter, point] of ends) {
      drawDisc(ink, at.x(point[0]), at.y(point[1]), 9, letter, colours.paper, colours.ink);
    }
    ink.strokeStyle = colours.ink;
    ink.lineWidth = 1;
    ink.globalAlpha = 0.45;
    ink.beginPath();
    ink.moveTo(LEFT, y);
    ink.lineTo(LEFT + at.side, y);
    ink.moveTo(x, TOP);
    ink.lineTo(x, TOP + at.side);
    ink.stroke();
    ink.globalAlpha = 1;
    if (q) drawGaussian(ink, at.x, at.y, q, colours);
  });
  haloed(ink, colours.hand, colours.paper, 3, () => {
    ink.beginPath();
    ink.arc(x, y, 10, 0, 2 * Math.PI);
  });
}
