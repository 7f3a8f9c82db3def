"""The checks of the course's exercises: `check.NAME(my_NAME)`, in the order of the pages."""

from vae_helpers.exercises.bounds import ADAS_STEP as adas_step
from vae_helpers.exercises.bounds import DATASET_ELBO as dataset_elbo
from vae_helpers.exercises.bounds import ELBO as elbo
from vae_helpers.exercises.bounds import ENTROPY as entropy
from vae_helpers.exercises.divergence import DISCRETE_KL as discrete_kl
from vae_helpers.exercises.divergence import GAUSSIAN_KL as gaussian_kl
from vae_helpers.exercises.divergence import MONTE_CARLO_KL as monte_carlo_kl
from vae_helpers.exercises.divergence import ONE_WAY_INFINITE as one_way_infinite
from vae_helpers.exercises.estimators import PATHWISE_GRADIENT as pathwise_gradient
from vae_helpers.exercises.estimators import SCORE_GRADIENT as score_gradient
from vae_helpers.exercises.evidence import ANCESTRAL_SAMPLE as ancestral_sample
from vae_helpers.exercises.evidence import DRAWS_NEEDED as draws_needed
from vae_helpers.exercises.evidence import LOG_BIASED_LOW as log_biased_low
from vae_helpers.exercises.evidence import LOG_EVIDENCE as log_evidence
from vae_helpers.exercises.importance import DECEPTIVE_PROPOSAL as deceptive_proposal
from vae_helpers.exercises.importance import IMPORTANCE_LOG_EVIDENCE as importance_log_evidence
from vae_helpers.exercises.latent_space import MANIFOLD as manifold
from vae_helpers.exercises.latent_space import MASS_WITHIN as mass_within
from vae_helpers.exercises.latent_space import SPHERE_WALK as sphere_walk
from vae_helpers.exercises.latent_space import WALK as walk
from vae_helpers.exercises.posterior import BOWLS as bowls
from vae_helpers.exercises.posterior import LOG_POSTERIOR as log_posterior
from vae_helpers.exercises.reparameterization import SAMPLE as sample
from vae_helpers.exercises.telling_bells import TELLING_BELLS as telling_bells
from vae_helpers.exercises.training import KL_WEIGHT as kl_weight
from vae_helpers.exercises.training import LOG_LIKELIHOOD as log_likelihood
from vae_helpers.exercises.training import VAE_LOSS as vae_loss
from vae_helpers.exercises.training_step import TRAINING_STEP as training_step
from vae_helpers.exercises.votes import VOTES_WIN as votes_win

__all__ = [  # noqa: RUF022 - in the order of the pages
    # 01
    "ancestral_sample",
    "draws_needed",
    "log_evidence",
    "log_biased_low",
    # 02
    "bowls",
    "log_posterior",
    "importance_log_evidence",
    "deceptive_proposal",
    # 03
    "discrete_kl",
    "gaussian_kl",
    "monte_carlo_kl",
    "one_way_infinite",
    # 04
    "entropy",
    "elbo",
    "dataset_elbo",
    "adas_step",
    # 05
    "sample",
    "pathwise_gradient",
    "score_gradient",
    "votes_win",
    # 06
    "log_likelihood",
    "vae_loss",
    "training_step",
    "kl_weight",
    # 07
    "walk",
    "mass_within",
    "manifold",
    "sphere_walk",
    "telling_bells",
]
