"""losses.json: each loss and its gradient with respect to the prediction, from Keras on jax in float32."""

import os

os.environ["KERAS_BACKEND"] = "jax"

import jax
import jax.numpy as jnp
import keras
import numpy as np

from golden_json import snake, write_cases

random = np.random.RandomState(13)
cases = []

KERAS_CLASS = {
    "meanSquaredError": keras.losses.MeanSquaredError,
    "meanAbsoluteError": keras.losses.MeanAbsoluteError,
    "binaryCrossentropy": keras.losses.BinaryCrossentropy,
    "categoricalCrossentropy": keras.losses.CategoricalCrossentropy,
    "sparseCategoricalCrossentropy": keras.losses.SparseCategoricalCrossentropy,
    "huber": keras.losses.Huber,
    "logCosh": keras.losses.LogCosh,
    "hinge": keras.losses.Hinge,
    "squaredHinge": keras.losses.SquaredHinge,
    "categoricalHinge": keras.losses.CategoricalHinge,
    "klDivergence": keras.losses.KLDivergence,
    "poisson": keras.losses.Poisson,
    "cosineSimilarity": keras.losses.CosineSimilarity,
    "meanAbsolutePercentageError": keras.losses.MeanAbsolutePercentageError,
    "meanSquaredLogarithmicError": keras.losses.MeanSquaredLogarithmicError,
}
REDUCTION = {"sumOverBatchSize": "sum_over_batch_size", "meanWithSampleWeight": "mean_with_sample_weight"}
SHAPES = [(4, 3), (2, 3, 4)]


def normal(*shape, scale=1.0):
    return np.asarray(np.round(random.standard_normal(shape) * scale, 3), np.float32)


def uniform(low, high, *shape):
    return np.asarray(np.round(random.uniform(low, high, shape), 3), np.float32)


def probabilities(*shape):
    values = np.exp(random.standard_normal(shape))
    return np.asarray(np.round(values / values.sum(-1, keepdims=True), 4), np.float32)


def labels(*shape):
    return random.randint(0, shape[-1], shape[:-1]).astype(np.int32)


def one_hot(*shape):
    return np.eye(shape[-1], dtype=np.float32)[labels(*shape)]


def weights(shape):
    """One weight a sample. Keras asks for [batch, 1] where the unreduced loss is [batch, time]."""
    return uniform(0, 2, shape[0], *[1] * (len(shape) - 2))


def loss(name, true, predicted, weight=None, note=None, **config):
    options = {snake(key): REDUCTION.get(value, value) for key, value in config.items()}
    function = KERAS_CLASS[name](**options)
    run = lambda p: function(true, p, sample_weight=weight)
    output = np.asarray(run(predicted))
    gradient = np.asarray(jax.grad(lambda p: jnp.sum(run(p)))(predicted))
    case = {"loss": name, "from": "keras", "config": config, "yTrue": true, "yPred": predicted, "sampleWeight": weight,
            "output": output, "gradient": gradient}
    if note:
        case["note"] = note
    cases.append(case)


def reductions_and_weights(name, make, **config):
    """Ranks 2 and 3, with and without weights, each reduction."""
    for shape in SHAPES:
        for weighted in (False, True):
            for reduction in (None, "sum", "none"):
                true, predicted = make(shape)
                weight = weights(shape) if weighted else None
                options = config if reduction is None else config | {"reduction": reduction}
                loss(name, true, predicted, weight, **options)


def main():
    for name in ("meanSquaredError", "meanAbsoluteError"):
        reductions_and_weights(name, lambda s: (normal(*s), normal(*s)))
    true, predicted = normal(2, 3, 4), normal(2, 3, 4)
    loss("meanSquaredError", true, predicted, uniform(0, 2, 2, 3), note="a weight for each step of a sequence")
    loss("meanSquaredError", true, predicted, uniform(0, 2, 2, 3), reduction="meanWithSampleWeight")
    loss("meanSquaredError", true, predicted, uniform(0, 2, 2, 1), reduction="mean")
    loss("meanSquaredError", normal(4, 1), normal(4, 1), reduction="none")
    loss("meanSquaredError", normal(4), normal(4, 1), note="a missing last axis of length 1 is added")

    bits = lambda s: random.randint(0, 2, s).astype(np.float32)
    reductions_and_weights("binaryCrossentropy", lambda s: (bits(s), uniform(0.02, 0.98, *s)))
    for shape in SHAPES:
        loss("binaryCrossentropy", bits(shape), normal(*shape, scale=3), fromLogits=True)
        loss("binaryCrossentropy", bits(shape), normal(*shape, scale=3), weights(shape), fromLogits=True)
        loss("binaryCrossentropy", bits(shape), normal(*shape, scale=3), fromLogits=True, labelSmoothing=0.1)
        loss("binaryCrossentropy", bits(shape), uniform(0.02, 0.98, *shape), labelSmoothing=0.2)
    extreme = np.array([[-200, -50], [60, 300]], np.float32)
    loss("binaryCrossentropy", np.array([[0, 1], [1, 0]], np.float32), extreme, fromLogits=True, reduction="none",
         note="large logits")
    certain = np.array([[0, 1], [1, 0]], np.float32)
    loss("binaryCrossentropy", np.array([[1, 1], [1, 0]], np.float32), certain, reduction="none",
         note="probabilities 0 and 1 are clipped to 1e-7 and 1 - 1e-7")

    reductions_and_weights("categoricalCrossentropy", lambda s: (one_hot(*s), probabilities(*s)))
    for shape in SHAPES:
        loss("categoricalCrossentropy", one_hot(*shape), normal(*shape, scale=3), fromLogits=True)
        loss("categoricalCrossentropy", one_hot(*shape), normal(*shape, scale=3), weights(shape),
             fromLogits=True, reduction="sum")
        loss("categoricalCrossentropy", one_hot(*shape), normal(*shape, scale=3), fromLogits=True, labelSmoothing=0.1)
        loss("categoricalCrossentropy", one_hot(*shape), probabilities(*shape), labelSmoothing=0.2)
        loss("categoricalCrossentropy", probabilities(*shape), probabilities(*shape), note="soft labels")
        loss("categoricalCrossentropy", one_hot(*shape), uniform(0.1, 2, *shape),
             note="predictions that do not sum to 1 are normalised first")
    loss("categoricalCrossentropy", np.eye(3, dtype=np.float32), np.array([[1000, 0, -1000]] * 3, np.float32),
         fromLogits=True, reduction="none", note="large logits")
    loss("categoricalCrossentropy", np.eye(3, dtype=np.float32), np.array([[1, 0, 0]] * 3, np.float32),
         reduction="none", note="probabilities 0 and 1 are clipped to 1e-7 and 1 - 1e-7")

    reductions_and_weights("sparseCategoricalCrossentropy", lambda s: (labels(*s), probabilities(*s)))
    for shape in SHAPES:
        loss("sparseCategoricalCrossentropy", labels(*shape), normal(*shape, scale=3), fromLogits=True)
        loss("sparseCategoricalCrossentropy", labels(*shape), normal(*shape, scale=3), uniform(0, 2, *shape[:-1]),
             fromLogits=True)
        loss("sparseCategoricalCrossentropy", labels(*shape)[..., None], normal(*shape), fromLogits=True,
             note="labels with a last axis of length 1")
        loss("sparseCategoricalCrossentropy", labels(*shape), uniform(0.1, 2, *shape),
             note="predictions that do not sum to 1: what Keras does")
    loss("sparseCategoricalCrossentropy", np.array([0, 1, 2], np.int32), np.array([[1, 0, 0]] * 3, np.float32),
         reduction="none", note="probabilities 0 and 1 are clipped to 1e-7 and 1 - 1e-7")
    loss("sparseCategoricalCrossentropy", np.array([0, 1, 2], np.int32), normal(3, 3), fromLogits=True, ignoreClass=1)

    signs = lambda s: np.where(random.randint(0, 2, s), 1, -1).astype(np.float32)
    makers = {
        "huber": (lambda s: (normal(*s), normal(*s)), [{}, {"delta": 0.5}]),
        "logCosh": (lambda s: (normal(*s), normal(*s, scale=4)), [{}]),
        "hinge": (lambda s: (signs(s), normal(*s)), [{}]),
        "squaredHinge": (lambda s: (signs(s), normal(*s)), [{}]),
        "categoricalHinge": (lambda s: (one_hot(*s), normal(*s)), [{}]),
        "klDivergence": (lambda s: (probabilities(*s), probabilities(*s)), [{}]),
        "poisson": (lambda s: (random.randint(0, 5, s).astype(np.float32), uniform(0.2, 4, *s)), [{}]),
        "cosineSimilarity": (lambda s: (normal(*s), normal(*s)), [{}]),
        "meanAbsolutePercentageError": (lambda s: (uniform(0.5, 3, *s), uniform(0.5, 3, *s)), [{}]),
        "meanSquaredLogarithmicError": (lambda s: (uniform(0, 3, *s), uniform(0, 3, *s)), [{}]),
    }
    for name, (make, configs) in makers.items():
        for config in configs:
            for shape in SHAPES:
                loss(name, *make(shape), **config)
                loss(name, *make(shape), weights(shape), **config)
            loss(name, *make(SHAPES[0]), **config, reduction="none")
    loss("hinge", bits((4, 3)), normal(4, 3), note="labels 0 and 1 become -1 and 1")
    write_cases("losses.json", cases)


if __name__ == "__main__":
    main()
