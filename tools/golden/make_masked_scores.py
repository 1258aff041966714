"""masked-scores.json: losses and metrics of masked predictions, with and without weights. From Keras on jax in float32."""

import os

os.environ["KERAS_BACKEND"] = "jax"

import jax
import keras
import numpy as np
from keras.src.backend import set_keras_mask

from golden_json import snake, write

random = np.random.RandomState(41)
losses, metrics = [], []
REDUCTIONS = {"sumOverBatchSize": "sum_over_batch_size", "meanWithSampleWeight": "mean_with_sample_weight"}
MASK = np.array([[1, 1, 0, 1], [0, 1, 1, 0]], bool)
NONE = np.zeros((2, 4), bool)


def normal(*shape):
    return np.asarray(np.round(random.standard_normal(shape), 3), np.float32)


def uniform(low, high, *shape):
    return np.asarray(np.round(random.uniform(low, high, shape), 3), np.float32)


def probabilities(*shape):
    values = np.exp(random.standard_normal(shape))
    return np.asarray(np.round(values / values.sum(-1, keepdims=True), 4), np.float32)


def classes(*shape):
    return random.randint(0, shape[-1], shape[:-1]).astype(np.int32)


def one_hot(*shape):
    return np.eye(shape[-1], dtype=np.float32)[classes(*shape)]


def bits(*shape):
    return random.randint(0, 2, shape).astype(np.float32)


def keras_class(module, name):
    special = {"klDivergence": "KLDivergence", "ctc": "CTC", "auc": "AUC", "iou": "IoU"}
    return getattr(module, special.get(name, name[:1].upper() + name[1:]))


def made(module, name, config):
    options = {snake(key): REDUCTIONS.get(value, value) if isinstance(value, str) else value
               for key, value in config.items()}
    return keras_class(module, name)(**options)


def loss(name, y_true, y_pred, mask, weights=None, **config):
    target = made(keras.losses, name, config)

    def value(predicted):
        predicted = predicted + 0
        if mask is not None:
            set_keras_mask(predicted, jax.numpy.asarray(mask))
        return target(y_true, predicted, weights)

    output, pull = jax.vjp(value, y_pred)
    (gradient,) = pull(jax.numpy.ones_like(output))
    losses.append({
        "loss": name, "config": config, "yTrue": y_true, "yPred": y_pred, "mask": mask, "sampleWeight": weights,
        "output": np.asarray(output), "gradient": np.asarray(gradient),
    })


def metric(name, y_true, y_pred, mask, weights=None, **config):
    target = made(keras.metrics, name, config)
    predicted = jax.numpy.asarray(y_pred) + 0
    if mask is not None:
        set_keras_mask(predicted, jax.numpy.asarray(mask))
    target.update_state(y_true, predicted, weights)
    metrics.append({
        "metric": name, "config": config, "yTrue": y_true, "yPred": y_pred, "mask": mask, "sampleWeight": weights,
        "result": np.asarray(target.result()),
    })


def every_loss():
    shape = (2, 4, 3)
    kinds = {
        "meanSquaredError": (normal(*shape), normal(*shape)),
        "meanAbsoluteError": (normal(*shape), normal(*shape)),
        "meanAbsolutePercentageError": (uniform(0.5, 2, *shape), normal(*shape)),
        "meanSquaredLogarithmicError": (uniform(0, 2, *shape), uniform(0, 2, *shape)),
        "huber": (normal(*shape), normal(*shape)),
        "logCosh": (normal(*shape), normal(*shape)),
        "cosineSimilarity": (normal(*shape), normal(*shape)),
        "hinge": (bits(*shape), normal(*shape)),
        "squaredHinge": (bits(*shape), normal(*shape)),
        "categoricalHinge": (one_hot(*shape), normal(*shape)),
        "klDivergence": (probabilities(*shape), probabilities(*shape)),
        "poisson": (uniform(0, 3, *shape), uniform(0.1, 3, *shape)),
        "binaryCrossentropy": (bits(*shape), uniform(0.02, 0.98, *shape)),
        "binaryFocalCrossentropy": (bits(*shape), uniform(0.02, 0.98, *shape)),
        "categoricalCrossentropy": (one_hot(*shape), probabilities(*shape)),
        "categoricalFocalCrossentropy": (one_hot(*shape), probabilities(*shape)),
        "sparseCategoricalCrossentropy": (classes(*shape), probabilities(*shape)),
        "categoricalGeneralizedCrossEntropy": (classes(*shape), probabilities(*shape)),
    }
    weighted = uniform(0, 2, 2, 4)
    for name, (y_true, y_pred) in kinds.items():
        for reduction in ("sumOverBatchSize", "sum", "none", "meanWithSampleWeight"):
            loss(name, y_true, y_pred, MASK, reduction=reduction)
            loss(name, y_true, y_pred, MASK, weighted, reduction=reduction)
        loss(name, y_true, y_pred, NONE)
        loss(name, y_true, y_pred, None, weighted)
        loss(name, y_true, y_pred, MASK, uniform(0, 2, 2, 1))
    y_true, y_pred = kinds["sparseCategoricalCrossentropy"]
    for reduction in ("sumOverBatchSize", "sum", "none", "meanWithSampleWeight"):
        loss("sparseCategoricalCrossentropy", y_true, y_pred, MASK, ignoreClass=1, reduction=reduction)
        loss("sparseCategoricalCrossentropy", y_true, y_pred, MASK, weighted, ignoreClass=1, reduction=reduction)
    # A single value for the batch: with a sum it counts once for each step that is there.
    for reduction in ("sumOverBatchSize", "sum", "none", "meanWithSampleWeight"):
        for name in ("dice", "tversky"):
            loss(name, bits(*shape), uniform(0, 1, *shape), MASK, reduction=reduction)
            loss(name, bits(*shape), uniform(0, 1, *shape), MASK, weighted, reduction=reduction)
            loss(name, bits(*shape), uniform(0, 1, *shape), None, uniform(0, 2, 2), reduction=reduction)
    # Samples without a pair in the batch.
    for labels in ([0, 0, 1, 2, 1], [0, 1, 2, 3, 4], [0, 0, 0, 0, 0]):
        vectors = normal(5, 3)
        vectors = np.asarray(vectors / np.linalg.norm(vectors, axis=-1, keepdims=True), np.float32)
        for reduction in ("sumOverBatchSize", "sum", "none", "meanWithSampleWeight"):
            loss("circle", np.asarray(labels, np.int32), vectors, None, reduction=reduction, gamma=4.0)
            loss("circle", np.asarray(labels, np.int32), vectors, None, uniform(0, 2, 5), reduction=reduction, gamma=4.0)
            loss("circle", np.asarray(labels, np.int32), vectors, np.array([1, 0, 1, 1, 1], bool), reduction=reduction,
                 gamma=4.0, removeDiagonal=False)


def every_metric():
    shape = (2, 4, 3)
    kinds = {
        "meanSquaredError": (normal(*shape), normal(*shape), {}),
        "rootMeanSquaredError": (normal(*shape), normal(*shape), {}),
        "meanAbsoluteError": (normal(*shape), normal(*shape), {}),
        "meanAbsolutePercentageError": (uniform(0.5, 2, *shape), normal(*shape), {}),
        "meanSquaredLogarithmicError": (uniform(0, 2, *shape), uniform(0, 2, *shape), {}),
        "logCoshError": (normal(*shape), normal(*shape), {}),
        "cosineSimilarity": (normal(*shape), normal(*shape), {}),
        "r2Score": (normal(8, 3), normal(8, 3), {}),
        "hinge": (bits(*shape), normal(*shape), {}),
        "squaredHinge": (bits(*shape), normal(*shape), {}),
        "categoricalHinge": (one_hot(*shape), normal(*shape), {}),
        "klDivergence": (probabilities(*shape), probabilities(*shape), {}),
        "poisson": (uniform(0, 3, *shape), uniform(0.1, 3, *shape), {}),
        "binaryCrossentropy": (bits(*shape), uniform(0.02, 0.98, *shape), {}),
        "categoricalCrossentropy": (one_hot(*shape), probabilities(*shape), {}),
        "sparseCategoricalCrossentropy": (classes(*shape), probabilities(*shape), {}),
        "accuracy": (random.randint(0, 2, shape).astype(np.float32), random.randint(0, 2, shape).astype(np.float32), {}),
        "binaryAccuracy": (bits(*shape), uniform(0, 1, *shape), {}),
        "categoricalAccuracy": (one_hot(*shape), probabilities(*shape), {}),
        "sparseCategoricalAccuracy": (classes(*shape), probabilities(*shape), {}),
        "topKCategoricalAccuracy": (one_hot(*shape), probabilities(*shape), {"k": 2}),
        "sparseTopKCategoricalAccuracy": (classes(*shape), probabilities(*shape), {"k": 2}),
        "pearsonCorrelation": (normal(*shape), normal(*shape), {}),
        "concordanceCorrelation": (normal(*shape), normal(*shape), {}),
        "precision": (bits(2, 4), uniform(0, 1, 2, 4), {}),
        "recall": (bits(2, 4), uniform(0, 1, 2, 4), {}),
        "auc": (bits(2, 4), uniform(0, 1, 2, 4), {}),
        "truePositives": (bits(2, 4), uniform(0, 1, 2, 4), {}),
        "falseNegatives": (bits(2, 4), uniform(0, 1, 2, 4), {}),
        "meanIoU": (random.randint(0, 3, (2, 4)).astype(np.int32), random.randint(0, 3, (2, 4)).astype(np.int32), {"numClasses": 3}),
        "f1Score": (one_hot(8, 3), probabilities(8, 3), {"average": "macro"}),
    }
    for name, (y_true, y_pred, config) in kinds.items():
        mask = MASK if y_pred.shape[0] == 2 else np.array([1, 0, 1, 1, 0, 1, 1, 1], bool)
        metric(name, y_true, y_pred, mask, **config)
        weights = uniform(0, 2, *mask.shape)
        if name == "meanIoU":  # Keras counts in whole numbers, and cuts weights to them.
            weights = np.round(weights)
        metric(name, y_true, y_pred, mask, weights, **config)
        metric(name, y_true, y_pred, None, weights, **config)


if __name__ == "__main__":
    every_loss()
    every_metric()
    write("masked-scores.json", {"losses": losses}, "metrics", metrics)
