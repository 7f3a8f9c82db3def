// A trained network in the browser. Views are made of this text followed by their own; nothing is imported at run time.

// float16 → float32: each of the 65 536 patterns is worked out once, then looked up.
const HALVES = new Float32Array(65536).map((_, bits) => {
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  const size = exponent === 31 ? (fraction ? NaN : Infinity)
    : exponent ? 2 ** (exponent - 15) * (1 + fraction / 1024) : 2 ** -24 * fraction;
  return bits & 32768 ? -size : size;
});

// The bytes of a trait (a DataView, at any offset) as numbers. Little-endian, as Python wrote them.
export function halves(bytes) {
  const numbers = new Float32Array(bytes.byteLength / 2);
  for (let i = 0; i < numbers.length; i++) numbers[i] = HALVES[bytes.getUint16(2 * i, true)];
  return numbers;
}

// Linear layers from each of `sizes` to the next, with SiLU between them. Layer by layer the bytes hold weights
// [outputs, inputs] as torch does, then biases. What it returns is overwritten by its next call: nothing is allocated
// while a hand drags. `squash` ends with a sigmoid, and makes logits probabilities.
export function network(bytes, sizes) {
  const numbers = halves(bytes);
  let used = 0;
  const take = (count) => numbers.subarray(used, (used += count));
  const layers = sizes.slice(1).map((outputs, k) => ({
    weights: take(outputs * sizes[k]), bias: take(outputs), out: new Float32Array(outputs),
  }));
  return (input, squash = false) => {
    let x = input;
    layers.forEach(({ weights, bias, out }, depth) => {
      const hidden = depth < layers.length - 1;
      for (let o = 0, w = 0; o < out.length; o++) {
        let sum = bias[o];
        for (let i = 0; i < x.length; i++) sum += weights[w++] * x[i];
        if (hidden || squash) {
          const sigmoid = 1 / (1 + Math.exp(-sum));
          out[o] = hidden ? sum * sigmoid : sigmoid;
        } else out[o] = sum;
      }
      x = out;
    });
    return x;
  };
}
