"""metrics.json: each metric's result after each of three unequal batches, from Keras in float32."""

import os

os.environ["KERAS_BACKEND"] = "jax"

import keras
import numpy as np

from golden_json import snake, write_cases

random = np.random.RandomState(17)
cases = []
BATCHES = (5, 3, 4)

KERAS_CLASS = {
    "accuracy": keras.metrics.Accuracy,
    "binaryAccuracy": keras.metrics.BinaryAccuracy,
    "categoricalAccuracy": keras.metrics.CategoricalAccuracy,
    "sparseCategoricalAccuracy": keras.metrics.SparseCategoricalAccuracy,
    "topKCategoricalAccuracy": keras.metrics.TopKCategoricalAccuracy,
    "sparseTopKCategoricalAccuracy": keras.metrics.SparseTopKCategoricalAccuracy,
    "meanSquaredError": keras.metrics.MeanSquaredError,
    "meanAbsoluteError": keras.metrics.MeanAbsoluteError,
    "rootMeanSquaredError": keras.metrics.RootMeanSquaredError,
    "binaryCrossentropy": keras.metrics.BinaryCrossentropy,
    "categoricalCrossentropy": keras.metrics.CategoricalCrossentropy,
    "sparseCategoricalCrossentropy": keras.metrics.SparseCategoricalCrossentropy,
    "mean": keras.metrics.Mean,
}


def normal(*shape):
    return np.asarray(np.round(random.standard_normal(shape), 3), np.float32)


def uniform(low, high, *shape):
    return np.asarray(np.round(random.uniform(low, high, shape), 3), np.float32)


def probabilities(*shape):
    values = np.exp(random.standard_normal(shape))
    return np.asarray(np.round(values / values.sum(-1, keepdims=True), 4), np.float32)


def labels(*shape):
    return random.randint(0, shape[-1], shape[:-1]).astype(np.int32)


def one_hot(*shape):
    return np.eye(shape[-1], dtype=np.float32)[labels(*shape)]


def bits(*shape):
    return random.randint(0, 2, shape).astype(np.float32)


def run(name, make, shape, weight_rank, config):
    metric = KERAS_CLASS[name](**{snake(key): value for key, value in config.items()})
    batches, results = [], []
    for size in BATCHES:
        made = make((size, *shape))
        weight = None if weight_rank is None else uniform(0, 2, *(size, *shape)[:weight_rank])
        if name == "mean":
            metric.update_state(made, sample_weight=weight)
            batches.append({"values": made, "sampleWeight": weight})
        else:
            metric.update_state(*made, sample_weight=weight)
            batches.append({"yTrue": made[0], "yPred": made[1], "sampleWeight": weight})
        results.append(np.float32(metric.result()))
    cases.append({"metric": name, "from": "keras", "config": config, "batches": batches, "results": results})


def metric(name, make, *configs, shapes=((3,), (2, 3)), weight_ranks=None):
    for config in configs or ({},):
        for shape in shapes:
            ranks = weight_ranks or ([None, 1] if len(shape) == 1 else [None, 1, 2])
            for rank in ranks:
                run(name, make, shape, rank, config)


def main():
    metric("accuracy", lambda s: (random.randint(0, 3, s).astype(np.int32), random.randint(0, 3, s).astype(np.int32)))
    metric("binaryAccuracy", lambda s: (bits(*s), uniform(0, 1, *s)), {}, {"threshold": 0.7}, shapes=((1,), (2, 3)))
    metric("categoricalAccuracy", lambda s: (one_hot(*s), probabilities(*s)))
    metric("sparseCategoricalAccuracy", lambda s: (labels(*s), probabilities(*s)))
    metric("sparseCategoricalAccuracy", lambda s: (labels(*s)[:, None], probabilities(*s)), shapes=((3,),))
    metric("topKCategoricalAccuracy", lambda s: (one_hot(*s), probabilities(*s)), {}, {"k": 2}, shapes=((7,), (2, 6)))
    metric("sparseTopKCategoricalAccuracy", lambda s: (labels(*s), probabilities(*s)), {}, {"k": 2},
           shapes=((7,), (2, 6)))
    for name in ("meanSquaredError", "meanAbsoluteError", "rootMeanSquaredError"):
        metric(name, lambda s: (normal(*s), normal(*s)))
    metric("meanSquaredError", lambda s: (normal(*s), normal(*s)), shapes=((1,),))
    metric("binaryCrossentropy", lambda s: (bits(*s), uniform(0.02, 0.98, *s)), {}, {"labelSmoothing": 0.1})
    metric("binaryCrossentropy", lambda s: (bits(*s), normal(*s)), {"fromLogits": True})
    metric("categoricalCrossentropy", lambda s: (one_hot(*s), probabilities(*s)), {}, {"labelSmoothing": 0.1})
    metric("categoricalCrossentropy", lambda s: (one_hot(*s), normal(*s)), {"fromLogits": True})
    metric("sparseCategoricalCrossentropy", lambda s: (labels(*s), probabilities(*s)))
    metric("sparseCategoricalCrossentropy", lambda s: (labels(*s), normal(*s)), {"fromLogits": True})
    metric("mean", lambda s: normal(*s), shapes=((), (3,)), weight_ranks=[None, 1])
    write_cases("metrics.json", cases)


if __name__ == "__main__":
    main()
