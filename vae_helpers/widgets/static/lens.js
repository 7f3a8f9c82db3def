// The surroundings of q on the plane, much enlarged: its two ellipses, and the codes that lie near.

const HOLDS = [[-1, "39 %"], [2, "86 %"]]; // of q's mass within |k| sigma, in two dimensions: 1 − exp(−k²/2)

// How far the lens sees on each side of mu: 2σ takes two thirds of the way.
export const reachOf = (sigma) => 3 * Math.max(...sigma);

// `mu` and `sigma` are those of the two latents shown, `across` and `up` their places among the `latents` of a code.
export function drawLens(pen, size, { mu, sigma, codes, labels, latents, axes: [across, up] }, colours) {
  const reach = reachOf(sigma), scale = size / (2 * reach);
  const x = (value) => size / 2 + (value - mu[0]) * scale;
  const y = (value) => size / 2 - (value - mu[1]) * scale;
  pen.clearRect(0, 0, size, size);
  for (let n = 0, k = 0; n < labels.length; n++, k += latents) {
    const [left, top] = [x(codes[k + across]), y(codes[k + up])];
    if (left < -4 || top < -4 || left > size + 4 || top > size + 4) continue;
    pen.beginPath();
    pen.arc(left, top, 3.5, 0, 2 * Math.PI);
    pen.fillStyle = colours.classes[labels[n] % colours.classes.length];
    pen.fill();
  }
  drawGaussian(pen, x, y, [mu, sigma], colours);
  pen.font = "600 11px system-ui, sans-serif";
  pen.textAlign = "center";
  for (const [k, text] of HOLDS) {
    const [width, top] = [pen.measureText(text).width + 4, y(mu[1] + k * sigma[1])];
    pen.fillStyle = colours.paper;
    pen.fillRect(size / 2 - width / 2, top - 7, width, 14);
    pen.fillStyle = colours.q;
    pen.fillText(text, size / 2, top + 4);
  }
}
