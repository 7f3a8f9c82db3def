// Which of the codes, `latents` numbers each, are nearest to z in all latents: their numbers, nearest first; of two as
// near, the earlier one.
export function nearest(codes, z, count) {
  const best = [], latents = z.length;
  let limit = Infinity; // how far the last of `count` is; a code farther away is left as soon as it shows
  for (let n = 0; n * latents < codes.length; n++) {
    let far = 0;
    for (let i = 0, k = n * latents; i < latents && far < limit; i++, k++) far += (codes[k] - z[i]) ** 2;
    if (far >= limit) continue;
    const at = best.findIndex(([other]) => far < other);
    best.splice(at < 0 ? best.length : at, 0, [far, n]);
    best.length = Math.min(best.length, count);
    if (best.length === count) limit = best[count - 1][0];
  }
  return best.map(([, n]) => n);
}
