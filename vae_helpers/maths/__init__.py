"""Pure functions of tensors: densities, divergences, bounds, the toy model and its derivations. All in nats."""
