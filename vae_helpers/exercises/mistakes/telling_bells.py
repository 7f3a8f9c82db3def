"""What four bells of notebook 07 miss."""

from vae_helpers.exercises.mistakes.mistake import Mistake

SAME = Mistake(
    "z tells nothing about the image",
    "All four bells are nearly the same: whoever sees z can only guess which image it was.",
    "Where could the four stand, so that a z under one is hardly under another?",
)
OVERLAP = Mistake(
    "z tells too little: the bells overlap",
    "A z from one bell often lies under its neighbour too.",
    "Two things separate bells, farther apart or narrower. What does each cost?",
)
OVERLAP_AND_DEAR = Mistake(
    "z tells too little, and the bells cost too much all the same",
    "A z from one bell often lies under its neighbour too. What counts there is the distance of the bells, measured in "
    "their widths; that can be had for less.",
    "What costs more, the places or the widths? Are the bells too far out, or too wide, or too narrow?",
)
TOO_FAR = Mistake(
    "z tells enough, but too dearly: the bells stand too far out",
    "A bell at μ pays ½ μ², and that grows fast. There is room nearer to the middle.",
    "Half as far apart and half as wide they tell just as much. What becomes of the mean KL?",
)
TOO_NARROW = Mistake(
    "z tells enough, but too dearly: the bells are too narrow",
    "A bell pays −log σ, 0.69 nats for each halving. Yours say z more precisely than four images need.",
    "How wide may a bell be, before it reaches its neighbour? And could the neighbours give it more room?",
)
