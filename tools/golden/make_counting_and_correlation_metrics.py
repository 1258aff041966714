"""counting-and-correlation-metrics.json: in the format of metrics.json; results may be vectors."""

import os

os.environ["KERAS_BACKEND"] = "jax"

import keras
import numpy as np

from golden_json import snake, write_cases

random = np.random.RandomState(37)
cases = []
BATCHES = (5, 3, 4)
K = keras.metrics
# What Python calls None is the string "none" where an absent option means something else.
CLASS = {
    "auc": K.AUC, "binaryIoU": K.BinaryIoU, "categoricalHinge": K.CategoricalHinge,
    "concordanceCorrelation": K.ConcordanceCorrelation, "cosineSimilarity": K.CosineSimilarity,
    "fBetaScore": K.FBetaScore, "f1Score": K.F1Score, "falseNegatives": K.FalseNegatives,
    "falsePositives": K.FalsePositives, "hinge": K.Hinge, "iou": K.IoU, "klDivergence": K.KLDivergence,
    "logCoshError": K.LogCoshError, "meanIoU": K.MeanIoU, "oneHotIoU": K.OneHotIoU,
    "oneHotMeanIoU": K.OneHotMeanIoU, "pearsonCorrelation": K.PearsonCorrelation, "poisson": K.Poisson,
    "precision": K.Precision, "precisionAtRecall": K.PrecisionAtRecall, "r2Score": K.R2Score, "recall": K.Recall,
    "recallAtPrecision": K.RecallAtPrecision, "sensitivityAtSpecificity": K.SensitivityAtSpecificity,
    "specificityAtSensitivity": K.SpecificityAtSensitivity, "squaredHinge": K.SquaredHinge, "sum": K.Sum,
    "trueNegatives": K.TrueNegatives, "truePositives": K.TruePositives,
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


def keras_value(key, value):
    return None if value == "none" else value


def run(name, make, shape, weight_rank, config):
    options = {snake(key): keras_value(key, value) for key, value in config.items()}
    if "IoU" in name or name == "iou":
        # Keras counts in integers unless told otherwise, and then cuts off what weights have behind the point.
        options["dtype"] = "float32"
    metric = CLASS[name](**options)
    batches, results = [], []
    for size in BATCHES:
        made = make((size, *shape))
        weight = None if weight_rank is None else uniform(0, 2, *(size, *shape)[:weight_rank])
        if name == "sum":
            metric.update_state(made, sample_weight=weight)
            batches.append({"values": made, "sampleWeight": weight})
        else:
            metric.update_state(*made, sample_weight=weight)
            batches.append({"yTrue": made[0], "yPred": made[1], "sampleWeight": weight})
        result = np.asarray(metric.result(), np.float32)
        results.append(result[()] if result.ndim == 0 else [v for v in result])
    cases.append({"metric": name, "from": "keras", "config": config, "batches": batches, "results": results})


def metric(name, make, *configs, shapes=((3,), (2, 3)), weight_ranks=None):
    for config in configs or ({},):
        for shape in shapes:
            for rank in weight_ranks or ([None, 1] if len(shape) == 1 else [None, 1, 2]):
                run(name, make, shape, rank, config)


def scores(s):
    """Labels and scores that have something to do with each other, with ties and with 0, 1 and ½ themselves."""
    true = bits(*s)
    score = np.clip(np.round(0.35 * true + random.uniform(-0.15, 0.8, s), 2), 0, 1)
    return true, score.astype(np.float32)


def regression(s):
    true = normal(*s)
    return true, np.asarray(np.round(true * 0.8 + random.standard_normal(s) * 0.4, 3), np.float32)


def main():
    pairs = lambda s: (normal(*s), normal(*s))
    metric("hinge", lambda s: (bits(*s), normal(*s)))
    metric("squaredHinge", lambda s: (bits(*s), normal(*s)))
    metric("categoricalHinge", lambda s: (one_hot(*s), normal(*s)))
    metric("klDivergence", lambda s: (probabilities(*s), probabilities(*s)))
    metric("poisson", lambda s: (uniform(0, 4, *s), uniform(0.2, 4, *s)))
    metric("logCoshError", pairs)
    metric("cosineSimilarity", pairs)
    metric("pearsonCorrelation", regression, shapes=((6,), (2, 5)))
    metric("concordanceCorrelation", regression, shapes=((6,), (2, 5)))
    metric("sum", lambda s: normal(*s), shapes=((), (3,)), weight_ranks=[None, 1])
    metric("r2Score", regression, {}, {"classAggregation": "variance_weighted_average"}, {"classAggregation": "none"},
           {"numRegressors": 2}, shapes=((3,),))
    metric("r2Score", regression, shapes=((1,),))

    one, several, wide = (1,), (3,), (2, 3)
    for name in ("truePositives", "trueNegatives", "falsePositives", "falseNegatives"):
        metric(name, scores, shapes=(one,))
        metric(name, scores, {"thresholds": [0.2, 0.5, 0.9]}, shapes=(several,))
    for name in ("precision", "recall"):
        metric(name, scores, {}, {"thresholds": 0.3}, shapes=(one, several))
        metric(name, scores, {"thresholds": [0.0, 0.5, 1.0]}, {"thresholds": [0.25, 0.6]}, shapes=(several,))
        metric(name, lambda s: (one_hot(*s), probabilities(*s)), {"topK": 2}, {"classId": 1},
               {"topK": 2, "classId": 3}, shapes=((5,),))
        metric(name, scores, shapes=(wide,), weight_ranks=[None, 2])
    for name, option in (("precisionAtRecall", "recall"), ("recallAtPrecision", "precision"),
                         ("sensitivityAtSpecificity", "specificity"), ("specificityAtSensitivity", "sensitivity")):
        for value in (0.4, 0.75):
            metric(name, scores, {option: value}, shapes=(one,))
        metric(name, scores, {option: 0.5, "numThresholds": 1}, {option: 0.5, "numThresholds": 7, "classId": 1},
               shapes=(several,))
    for curve in ("ROC", "PR", "PRGAIN"):
        metric("auc", scores, {"curve": curve}, shapes=(one,))
        for method in ("interpolation", "majoring", "minoring"):
            metric("auc", scores, {"curve": curve, "summationMethod": method, "numThresholds": 11}, shapes=(several,))
    metric("auc", scores, {"thresholds": [0.5, 0.1, 0.7]}, {"thresholds": [0.25, 0.5, 0.75]},
           {"labelWeights": [0.5, 1.0, 2.0]}, {"multiLabel": True},
           {"multiLabel": True, "labelWeights": [0.5, 1.0, 2.0], "curve": "PR"},
           {"multiLabel": True, "numLabels": 3, "thresholds": [0.2, 0.7]}, shapes=(several,))
    metric("auc", lambda s: (bits(*s), normal(*s)), {"fromLogits": True}, shapes=(one,))

    classified = lambda s: (one_hot(*s), probabilities(*s))
    for config in ({}, {"average": "micro"}, {"average": "macro"}, {"average": "weighted"}):
        metric("f1Score", classified, config, shapes=((4,),))
        metric("fBetaScore", scores, {**config, "beta": 2.0, "threshold": 0.4}, shapes=(several,))

    numbers = lambda s: (random.randint(0, 4, s).astype(np.int32), random.randint(0, 4, s).astype(np.int32))
    metric("iou", numbers, {"numClasses": 4, "targetClassIds": [1, 3]}, shapes=((), (6,)), weight_ranks=[None])
    metric("iou", numbers, {"numClasses": 4, "targetClassIds": [0], "ignoreClass": 2}, shapes=((),), weight_ranks=[None, 1])
    metric("meanIoU", numbers, {"numClasses": 4}, {"numClasses": 6}, shapes=((),), weight_ranks=[None, 1])
    metric("meanIoU", lambda s: (labels(*s, 3), probabilities(*s, 3)), {"numClasses": 3, "sparseYPred": False},
           shapes=((4,),), weight_ranks=[None, 2])
    metric("binaryIoU", scores, {}, {"targetClassIds": [1], "threshold": 0.3}, shapes=((4,),), weight_ranks=[None, 2])
    metric("oneHotIoU", classified, {"numClasses": 4, "targetClassIds": [0, 2]}, shapes=((4,),))
    metric("oneHotMeanIoU", classified, {"numClasses": 4}, shapes=((4,),))
    metric("oneHotMeanIoU", lambda s: (one_hot(*s, 3), labels(*s, 3)), {"numClasses": 3, "sparseYPred": True},
           shapes=((),))
    write_cases("counting-and-correlation-metrics.json", cases)


if __name__ == "__main__":
    main()
