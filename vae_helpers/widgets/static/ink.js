// Strokes of a pen made an image as MNIST's were: `learning/ink.py` does the same, operation by operation, so that both
// give the same numbers to the last bit. It says in words what is done here.

export const LEVELS = 255; // grey values above 0
const SMALLEST = 0.1; // of the square: what is drawn smaller is not enlarged further

// `strokes` are lists of points [x, y] of a unit square; `pen` is half the width of a stroke, of the box.
// Returns the grey values, 0 … 255, row by row.
export function imageOf(strokes, [rows, columns], box, pen) {
  const image = new Uint8Array(rows * columns);
  if (!strokes.length) return image;
  const side = Math.max(1, Math.floor(box * Math.min(rows, columns) + 0.5));
  const grey = inTheBox(strokes, side, pen * side);
  let mass = 0, down = 0, across = 0;
  grey.forEach((value, k) => {
    mass += value;
    down += value * Math.floor(k / side);
    across += value * (k % side);
  });
  if (!mass) return image;
  const offset = (middle, size) => Math.min(Math.max(Math.ceil(size / 2 - middle - 0.5), 0), size - side);
  const [top, left] = [offset(down / mass, rows), offset(across / mass, columns)];
  grey.forEach((value, k) => (image[(top + Math.floor(k / side)) * columns + left + (k % side)] = value));
  return image;
}

function inTheBox(strokes, side, pen) {
  const low = [Infinity, Infinity], high = [-Infinity, -Infinity];
  for (const point of strokes.flat()) {
    for (const i of [0, 1]) {
      low[i] = Math.min(low[i], point[i]);
      high[i] = Math.max(high[i], point[i]);
    }
  }
  const scale = (side - 2 * pen) / Math.max(high[0] - low[0], high[1] - low[1], SMALLEST);
  const placed = (point, i) => (point[i] - (low[i] + high[i]) / 2) * scale + side / 2;
  const far = new Float64Array(side * side).fill(Infinity); // squared, from the nearest stroke
  for (const stroke of strokes) {
    for (let n = 0; n < Math.max(1, stroke.length - 1); n++) {
      const [a, b] = [stroke[n], stroke[Math.min(n + 1, stroke.length - 1)]];
      draw([placed(a, 0), placed(a, 1)], [placed(b, 0), placed(b, 1)]);
    }
  }
  // Of all pixels only those that the line can reach.
  function draw([ax, ay], [bx, by]) {
    const [dx, dy] = [bx - ax, by - ay];
    const length = dx * dx + dy * dy;
    const first = (one, two) => Math.max(0, Math.floor(Math.min(one, two) - pen - 2));
    const last = (one, two) => Math.min(side - 1, Math.ceil(Math.max(one, two) + pen + 2));
    for (let row = first(ay, by); row <= last(ay, by); row++) {
      for (let column = first(ax, bx); column <= last(ax, bx); column++) {
        const [px, py] = [column + 0.5, row + 0.5];
        const share = length ? ((px - ax) * dx + (py - ay) * dy) / length : 0;
        const along = Math.min(Math.max(share, 0), 1);
        const [x, y] = [px - (ax + along * dx), py - (ay + along * dy)];
        const k = row * side + column;
        far[k] = Math.min(far[k], x * x + y * y);
      }
    }
  }
  const ink = (square) => Math.min(Math.max(pen + 0.5 - Math.sqrt(square), 0), 1);
  return Uint8Array.from(far, (square) => Math.floor(LEVELS * ink(square) + 0.5));
}
