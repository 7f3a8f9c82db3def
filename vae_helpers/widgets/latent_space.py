"""Notebook 07: a square bent to the plane, thin places of the bells, the shell of many latents, one image's gap."""

import math
from collections.abc import Sequence

import torch
from jaxtyping import Float
from torch import Tensor

from vae_helpers.figures import aggregate as aggregate_pictures
from vae_helpers.figures import gap as gap_pictures
from vae_helpers.figures import manifold as manifold_pictures
from vae_helpers.figures import shell as shell_pictures
from vae_helpers.learning import arguments, evaluation
from vae_helpers.learning.data import Dataset
from vae_helpers.learning.models import VAE
from vae_helpers.learning.weights import Cloud
from vae_helpers.maths import aggregate, checks, gaussian, plane, threads
from vae_helpers.widgets.explorer import Explorer, slider, stops

REACH = 4.0  # of the planes drawn
NEAREST = 20  # codes whose classes are counted
NODES = 121  # a side of the lattice on which a posterior is drawn
DIMENSIONS = (1, 2, 3, 5, 10, 20, 50)


@threads.limited()
@torch.no_grad()
def manifold(model: VAE, shape: tuple[int, int], columns: int = 12) -> Explorer:
    """`columns`² images, decoded where Φ⁻¹ puts the middles of even tiles of a square; a slider bends the square.

    Each tile holds the same share of the prior, that of its square (`plane.knots`). Raises TypeError and ValueError
    (no plane, shape).
    """
    call = "latent_space.manifold(model, shape, columns)"
    _a_plane(call, model)
    if shape[0] * shape[1] != model.config["pixels"]:
        raise ValueError(f"{call}: shape is {shape}, and the model draws {model.config['pixels']} pixels")
    arguments.whole(call, "columns", columns, least=2)
    knots = plane.knots(columns)
    decoded = model.decode(plane.places(knots[1::2].float())).sigmoid()
    line = torch.linspace(-manifold_pictures.FAR, manifold_pictures.FAR, 121, dtype=torch.float64)
    density = gaussian.log_prob(line[:, None], torch.zeros(1).double(), torch.zeros(1).double()).exp()
    scene = manifold_pictures.square_to_plane(decoded, shape, knots[::2].numpy(), (line.numpy(), density.numpy()))
    return Explorer(scene, lambda share: {"share": share}, share=slider("bend", 0.0, 0, 1, 0.02))


@threads.limited()
@torch.no_grad()
def thin_places(model: VAE, cloud: Cloud, bells: aggregate.Aggregate, z: Float[Tensor, "m 2"]) -> Explorer:
    """Draws `z` of the prior, in the order of q(z)/p(z), thinnest first; the decoder draws what is there.

    `bells` is `aggregate.on_plane` of the cloud. Raises TypeError and ValueError (no plane).
    """
    _a_plane("latent_space.thin_places(model, cloud, bells, z)", model)
    order, ratios = by_ratio(cloud, z)
    z = z[order].float()
    decoded, at_codes = model.decode(z).sigmoid(), lambda rows: model.decode(cloud.codes[rows]).sigmoid()
    nearest = torch.cdist(z, cloud.codes).topk(NEAREST, largest=False).indices
    some = [(side.abs() <= REACH).nonzero()[:, 0][::2] for side in (bells.z1, bells.z2)]
    scene = aggregate_pictures.thin_places(
        bells.z1[some[0]], bells.z2[some[1]], bells.log_ratio[some[0]][:, some[1]],
        cloud.shape, REACH,
    )  # fmt: skip

    @torch.no_grad()
    def derive(rank: float) -> dict:
        place = round(rank) - 1
        return {
            "rank": place + 1, "of": len(z), "z": tuple(z[place].tolist()), "ratio": ratios[place].item(),
            "image": decoded[place], "near": at_codes(nearest[place, :5]),
            "nearest": [cloud.classes[label] for label in cloud.labels[nearest[place]]],
        }  # fmt: skip

    return Explorer(scene, derive, rank=slider("draw, thinnest first", 1, 1, len(z), 1))


def by_ratio(cloud: Cloud, z: Float[Tensor, "m latent"]) -> tuple[Tensor, Tensor]:
    """The order of the points z by log q(z) − log p(z), thinnest first, and these log ratios in that order."""
    zero = torch.zeros(z.shape[1], dtype=torch.float64)
    ratios = aggregate.log_prob(z, cloud.codes, cloud.logvar) - gaussian.log_prob(z.double(), zero, zero)
    ratios, order = ratios.sort()
    return order, ratios


def agreement(cloud: Cloud, z: Float[Tensor, "m latent"]) -> Float[Tensor, " m"]:
    """The share of the 20 codes nearest to each z that show the commonest class among them."""
    nearest = torch.cat(
        [torch.cdist(part.float(), cloud.codes).topk(NEAREST, largest=False).indices for part in z.split(500)]
    )
    labels = cloud.labels[nearest]
    return (labels == labels.mode(1).values[:, None]).double().mean(1)


def norms(dimensions: int) -> tuple[float, float]:
    """The mean norm of a draw of N(0, I), √2 Γ((D + 1)/2) / Γ(D/2), and that of the point half-way between two draws.

    Half of the sum of two draws is N(0, I/2): its norm is smaller by a factor √2.
    """
    arguments.whole("latent_space.norms(dimensions)", "dimensions", dimensions)
    mean = math.sqrt(2) * math.exp(math.lgamma((dimensions + 1) / 2) - math.lgamma(dimensions / 2))
    return mean, mean / math.sqrt(2)


def shell() -> Explorer:
    """The norm of a draw of N(0, I), and that of the point half-way between two draws, by the number of latents."""
    line = torch.linspace(0, shell_pictures.FAR, 361, dtype=torch.float64)

    def derive(dimensions: float) -> dict:
        latents = round(dimensions)
        mean, half = norms(latents)
        return {
            "dimensions": latents, "mean": mean, "half": half,
            "draws": _chi(line, latents).numpy(),
            "halves": (math.sqrt(2) * _chi(math.sqrt(2) * line, latents)).numpy(),
            # The norm squared is a chi-squared: its distribution is an incomplete gamma function.
            "inside": torch.special.gammainc(*torch.tensor([latents / 2, half**2 / 2], dtype=torch.float64)).item(),
        }  # fmt: skip

    return Explorer(shell_pictures.shell(line.numpy()), derive, dimensions=stops("latents", 2, DIMENSIONS))


def _chi(r: Tensor, dimensions: int) -> Tensor:
    """The density of the norm of a draw of N(0, I): r^(D − 1) exp(−r²/2) 2^(1 − D/2) / Γ(D/2)."""
    constant = (1 - dimensions / 2) * math.log(2) - math.lgamma(dimensions / 2)
    return (torch.xlogy(torch.tensor(dimensions - 1.0), r) - r.square() / 2 + constant).exp()


def gap(model: VAE, dataset: Dataset, x: Float[Tensor, "n pixels"], numbers: Sequence[int]) -> Explorer:
    """For the test images `numbers` of `dataset`, of which `x` are the black and white draws: posterior, q and q*.

    They are split now, so that no hand waits for it. Raises TypeError and ValueError (grey pixels, no plane).
    """
    call = "latent_space.gap(model, dataset, x, numbers)"
    _a_plane(call, model)
    if not all(0 <= number < len(x) for number in numbers) or len(numbers) < 2:
        raise ValueError(f"{call}: numbers = {list(numbers)}; wanted two or more of the images 0 to {len(x) - 1}")
    names = [f"Test image {number}, a {dataset.classes[dataset.test.labels[number]]}" for number in numbers]
    split = [of_image(model, x[number], name) for number, name in zip(numbers, names, strict=True)]
    scene = gap_pictures.one_image(dataset.shape, REACH, NODES)
    return Explorer(scene, lambda place: split[round(place) - 1], place=slider("image", 1, 1, len(numbers), 1))


@threads.limited()
@torch.no_grad()
def of_image(model: VAE, x: Float[Tensor, " pixels"], name: str) -> dict:
    """What the picture of one image's gap is given."""
    with torch.enable_grad():
        found = evaluation.gap(model, x)
    line = torch.linspace(-REACH, REACH, NODES, dtype=torch.float64)
    z2, z1 = torch.meshgrid(line, line, indexing="ij")
    log_joint = evaluation.log_joint(model, x)(torch.stack([z1, z2], -1).reshape(-1, 2)).reshape(z1.shape)
    mu, logvar = model.encode(x)
    return {
        "name": name, "image": x, "posterior": (log_joint - found.log_evidence).exp().numpy(),
        "mu": mu.tolist(), "sigma": (logvar / 2).exp().tolist(),
        "best_mu": found.mu.tolist(), "best_sigma": (found.logvar / 2).exp().tolist(),
        "family_gap": found.family.item(), "amortization_gap": found.amortization.item(),
    }  # fmt: skip


def _a_plane(call: str, model: VAE) -> None:
    if not isinstance(model, VAE):
        raise TypeError(f"{call}: model is {checks.describe(model)}; wanted a VAE, as weights.load('mnist-2d')")
    if model.config["latent"] != 2:
        raise ValueError(f"{call}: the model has {model.config['latent']} latents and a plane has 2")
