"""Metrics over batches."""
import keras

from arrays import from_json, to_json
from objects import made, numpy


def answer(spec, _other=None):
    metric = made(spec["object"], keras.metrics)
    of_values = spec["object"]["class_name"] in ("Mean", "Sum")
    results = []

    def update(batch):
        y_true, y_pred = from_json(batch["yTrue"]), from_json(batch["yPred"])
        weight = None if batch["sampleWeight"] is None else from_json(batch["sampleWeight"])
        if of_values:
            metric.update_state(y_true, sample_weight=weight)
        else:
            metric.update_state(y_true, y_pred, sample_weight=weight)

    for batch in spec["batches"]:
        update(batch)
        results.append(to_json(numpy(metric.result()).astype("float32")))
    metric.reset_state()
    update(spec["batches"][-1])
    return {"results": results, "afterReset": to_json(numpy(metric.result()).astype("float32"))}
