import pytest
import torch
from torch import distributions, nn

from tests.tools import close, refused, seeded
from vae_helpers.learning.models import AE, KINDS, VAE

X = torch.bernoulli(torch.full((5, 6), 0.5), generator=seeded(1))


def model(**options):
    return VAE(6, latent=3, **{"hidden": 4, **options})


def test_shapes_with_and_without_a_batch():
    for batch in ((), (5,), (2, 5)):
        mu, logvar = model().encode(torch.rand(*batch, 6))
        assert mu.shape == logvar.shape == (*batch, 3)
        assert model().decode(mu).shape == (*batch, 6)


def test_the_elbo_is_that_of_torch_distributions():
    vae, eps = model().double(), torch.randn(5, 3, generator=seeded(2), dtype=torch.float64)
    x = X.double()
    mu, logvar = vae.encoder(x).chunk(2, dim=-1)
    q = distributions.Normal(mu, (0.5 * logvar).exp())
    likelihood = distributions.Bernoulli(logits=vae.decoder(q.loc + q.scale * eps))
    reconstruction = likelihood.log_prob(x).sum(-1)
    kl = distributions.kl_divergence(q, distributions.Normal(0.0, 1.0)).sum(-1)
    bound = vae.elbo(x, eps)
    assert bound.total.shape == (5,)
    for found, wanted in zip(bound, (reconstruction - kl, reconstruction, kl), strict=True):
        assert close(found, wanted)


def test_the_gradient_reaches_every_weight_and_is_that_of_finite_differences():
    vae, eps = model().double(), torch.randn(5, 3, generator=seeded(2), dtype=torch.float64)
    names, weights = zip(*vae.named_parameters(), strict=True)

    def total(*values):
        return torch.func.functional_call(vae, dict(zip(names, values, strict=True)), (X.double(), eps)).sum()

    vae.forward = lambda x, eps: vae.elbo(x, eps).total
    assert torch.autograd.gradcheck(total, weights)
    vae.elbo(X.double(), eps).total.sum().backward()
    assert all(weight.grad.abs().max() > 0 for weight in weights)


def test_several_hidden_layers_are_named_from_the_side_of_the_pixels():
    deep = VAE(6, latent=3, hidden=[5, 4])
    assert repr(deep) == "VAE: encoder 6 → 5 → 4 → 2 × 3, decoder 3 → 4 → 5 → 6"
    assert [type(layer).__name__ for layer in deep.encoder] == ["Linear", "SiLU", "Linear", "SiLU", "Linear"]
    assert deep.config == {"pixels": 6, "latent": 3, "hidden": [5, 4]}
    assert deep.elbo(X, torch.zeros(5, 3)).total.shape == (5,)
    alone = VAE(6, latent=3, hidden=[4])
    assert alone.config == model().config
    assert all(torch.equal(one, other) for one, other in zip(alone.parameters(), model().parameters(), strict=True))


def test_the_decoder_is_smooth():
    assert {type(layer) for layer in model().modules()} & {nn.ReLU, nn.LeakyReLU, nn.Hardtanh} == set()


def test_the_seed_alone_decides_the_weights():
    torch.manual_seed(1)
    before = torch.get_rng_state()
    first = model(seed=3).state_dict()
    assert torch.equal(torch.get_rng_state(), before), "the caller's random numbers stay as they were"
    torch.manual_seed(2)
    second, other = model(seed=3).state_dict(), model(seed=4).state_dict()
    assert all(torch.equal(first[key], second[key]) for key in first)
    assert not any(torch.equal(first[key], other[key]) for key in first)


def test_it_remembers_how_it_was_built_and_says_so():
    assert VAE(**model().config).config == {"pixels": 6, "latent": 3, "hidden": 4}
    assert repr(model()) == "VAE: encoder 6 → 4 → 2 × 3, decoder 3 → 4 → 6"


def test_bad_sizes_are_refused():
    with refused(ValueError, "VAE(pixels, latent, hidden, seed)", "latent = 0", "at least 1"):
        VAE(6, latent=0)
    with refused(TypeError, "hidden is float 1.5", "whole number"):
        VAE(6, latent=2, hidden=1.5)
    with refused(ValueError, "seed = -1"):
        VAE(6, latent=2, seed=-1)


@pytest.mark.parametrize(("call", "wanted"), [("encode", "[batch, 6]"), ("decode", "[batch, 3]")])
def test_bad_input_is_refused(call, wanted):
    size = 6 if call == "encode" else 3
    method = getattr(model(), call)
    with refused(ValueError, f"VAE.{call}(", "has shape [2, 7]", wanted):
        method(torch.zeros(2, 7))
    with refused(ValueError, f"VAE.{call}(", "has shape []", wanted):
        method(torch.tensor(1.0))
    with refused(TypeError, f"VAE.{call}(", "float64", "the model's weights are float32", "to(torch.float32)"):
        method(torch.zeros(2, size, dtype=torch.float64))
    with refused(TypeError, f"VAE.{call}(", "uint8"):
        method(torch.zeros(2, size, dtype=torch.uint8))
    with refused(ValueError, f"VAE.{call}(", "NaN"):
        method(torch.full((2, size), torch.nan))


def test_grey_counts_are_refused_by_the_likelihood():
    with refused(ValueError, "pixels must lie in [0, 1]"):
        model().elbo(16 * torch.ones(2, 6), torch.zeros(2, 3))


TWIN = AE(6, latent=3, hidden=4)


def test_the_twin_has_the_same_layers_and_gives_a_point_where_a_vae_gives_a_gaussian():
    assert {key: w.shape for key, w in TWIN.state_dict().items() if "encoder.2" not in key} == {
        key: w.shape for key, w in model().state_dict().items() if "encoder.2" not in key
    }
    for batch in ((), (5,), (2, 5)):
        x = torch.rand(*batch, 6)
        assert torch.equal(TWIN.codes(x), TWIN.encode(x))
        assert TWIN.encode(x).shape == (*batch, 3)
        assert TWIN.decode(TWIN.encode(x)).shape == (*batch, 6)
        assert torch.equal(model().codes(x), model().encode(x)[0])
    assert repr(TWIN) == "AE: encoder 6 → 4 → 3, decoder 3 → 4 → 6"
    assert KINDS == {"VAE": VAE, "AE": AE}


def test_the_twin_climbs_its_reconstruction_alone_and_ignores_noise():
    logits = TWIN.decoder(TWIN.encoder(X))
    wanted = distributions.Bernoulli(logits=logits).log_prob(X).sum(-1)
    found = TWIN.objective(X)
    assert found._fields == ("reconstruction",)
    assert close(found.reconstruction.detach(), wanted.detach(), 1e-5)
    assert torch.equal(TWIN.objective(X, torch.ones(5, 3)).reconstruction, found.reconstruction)
    assert not hasattr(TWIN, "elbo")


def test_what_a_vae_climbs_is_its_elbo():
    eps = torch.randn(5, 3, generator=seeded(2))
    assert all(
        torch.equal(one, other) for one, other in zip(model().objective(X, eps), model().elbo(X, eps), strict=True)
    )


def test_the_twin_names_itself_where_it_refuses():
    with refused(ValueError, "AE(pixels, latent, hidden, seed)", "latent = 0"):
        AE(6, latent=0)
    with refused(ValueError, "AE.encode(x)", "[2, 7]", "[batch, 6]"):
        TWIN.encode(torch.zeros(2, 7))
    with refused(TypeError, "AE.decode(z)", "float64"):
        TWIN.decode(torch.zeros(2, 3, dtype=torch.float64))
