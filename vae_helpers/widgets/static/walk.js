// Ways between two points of the latent space. `LatentPad.walk` in Python is the same.

export const norm = (vector) => Math.hypot(...vector);

// [t → point, what to say where the sphere has no way]: straight, or with a direction and a norm that change evenly.
export function way(a, b, sphere) {
  const straight = (t) => a.map((value, i) => value + t * (b[i] - value));
  if (!sphere) return [straight, ""];
  const [from, to] = [norm(a), norm(b)];
  if (Math.min(from, to) < 1e-6) return [straight, "One end is at 0, which has no direction: the walk is straight."];
  const cosine = a.reduce((sum, value, i) => sum + value * b[i], 0) / (from * to);
  const opposite = "A and B are opposite, no way round is the shortest: the walk is straight.";
  if (cosine < -1 + 1e-6) return [straight, opposite];
  const angle = Math.acos(Math.min(1, cosine));
  if (angle < 1e-6) return [straight, ""];
  return [(t) => {
    const [p, q] = [Math.sin((1 - t) * angle) / from, Math.sin(t * angle) / to];
    const far = (from + t * (to - from)) / Math.sin(angle);
    return a.map((value, i) => far * (p * value + q * b[i]));
  }, ""];
}
