"""focal-and-overlap-losses.json: focal losses, those of overlap, circle and CTC, in the format of losses.json."""

import os

os.environ["KERAS_BACKEND"] = "jax"

import keras
import numpy as np

import make_losses as first
from golden_json import write_cases

first.random = random = np.random.RandomState(31)


class Reductions(dict):
    """Names of reductions; other values, which may be lists, stay as they are."""

    def get(self, value, default=None):
        return super().get(value, default) if isinstance(value, str) else default


first.REDUCTION = Reductions(first.REDUCTION)
first.KERAS_CLASS |= {
    "binaryFocalCrossentropy": keras.losses.BinaryFocalCrossentropy,
    "categoricalFocalCrossentropy": keras.losses.CategoricalFocalCrossentropy,
    "categoricalGeneralizedCrossEntropy": keras.losses.CategoricalGeneralizedCrossEntropy,
    "circle": keras.losses.Circle,
    "ctc": keras.losses.CTC,
    "dice": keras.losses.Dice,
    "tversky": keras.losses.Tversky,
}
SHAPES, loss, weights = first.SHAPES, first.loss, first.weights
normal, uniform, probabilities = first.normal, first.uniform, first.probabilities
labels, one_hot = first.labels, first.one_hot


def bits(shape):
    return random.randint(0, 2, shape).astype(np.float32)


def unit(*shape):
    values = random.standard_normal(shape)
    return np.asarray(values / np.linalg.norm(values, axis=-1, keepdims=True), np.float32)


def main():
    for config in ({}, {"gamma": 1.5, "alpha": 0.4, "applyClassBalancing": True}, {"labelSmoothing": 0.2}):
        for shape in SHAPES:
            loss("binaryFocalCrossentropy", bits(shape), uniform(0.02, 0.98, *shape), **config)
            loss("binaryFocalCrossentropy", bits(shape), normal(*shape), weights(shape), fromLogits=True, **config)
    loss("binaryFocalCrossentropy", bits((4, 3)), uniform(0.02, 0.98, 4, 3), reduction="none")
    for config in ({}, {"gamma": 1.5, "alpha": 0.4}, {"labelSmoothing": 0.2}):
        for shape in SHAPES:
            loss("categoricalFocalCrossentropy", one_hot(*shape), probabilities(*shape), **config)
            loss("categoricalFocalCrossentropy", one_hot(*shape), normal(*shape), weights(shape), fromLogits=True,
                 **config)
    loss("categoricalFocalCrossentropy", one_hot(4, 3), probabilities(4, 3), alpha=[0.1, 0.3, 0.6], reduction="none")
    for config in ({}, {"q": 0.8}):
        for shape in SHAPES:
            loss("categoricalGeneralizedCrossEntropy", labels(*shape), probabilities(*shape), **config)
            loss("categoricalGeneralizedCrossEntropy", labels(*shape), probabilities(*shape), weights(shape),
                 reduction="none", **config)
    for name, configs in (("dice", ({},)), ("tversky", ({}, {"alpha": 0.7, "beta": 0.2}))):
        for config in configs:
            for shape in SHAPES:
                loss(name, bits(shape), uniform(0, 1, *shape), **config)
                axis = list(range(1, len(shape)))
                loss(name, bits(shape), uniform(0, 1, *shape), axis=axis, **config)
                loss(name, bits(shape), uniform(0, 1, *shape), uniform(0, 2, shape[0]), axis=axis, **config)
    classes = np.array([0, 1, 0, 2, 1, 0], np.int32)
    for config in ({}, {"gamma": 4.0, "margin": 0.25}, {"gamma": 4.0, "removeDiagonal": False}):
        # The class 2 stands alone: without itself it has no pair.
        loss("circle", classes[[0, 1, 2, 4, 5]], unit(5, 4), **config)
        loss("circle", classes[[0, 1, 2, 4, 5]], unit(5, 4), uniform(0, 2, 5), reduction="none", **config)
    spelled = np.array([[1, 2, 2, 0], [3, 1, 0, 0], [2, 0, 0, 0]], np.int32)
    for reduction in ("sum_over_batch_size", "none"):
        config = {} if reduction != "none" else {"reduction": "none"}
        loss("ctc", spelled, normal(3, 7, 4, scale=2.0), **config)
        loss("ctc", spelled, normal(3, 7, 4, scale=2.0), uniform(0, 2, 3), **config)
    write_cases("focal-and-overlap-losses.json", first.cases)


if __name__ == "__main__":
    main()
