"""Models that Keras makes and saves: the file, predictions, and what three steps of training do."""
import os
import tempfile

import keras
import numpy as np

from arrays import from_json, to_json
from graphs import is_compared, made, model_of, set_weights
from objects import numpy


def first_or_all(items):
    return items[0] if len(items) == 1 else items


def compile_model(model, training):
    model.compile(
        optimizer=made(training["optimizer"]),
        loss=first_or_all([made_of(loss, keras.losses) for loss in training["losses"]]),
        loss_weights=training["loss_weights"],
        metrics=given([[made_of(m, keras.metrics) for m in ms] for ms in training["metrics"]]),
        weighted_metrics=given([[made_of(m, keras.metrics) for m in ms] for ms in training["weighted_metrics"]]),
    )


def made_of(value, module):
    return value if isinstance(value, str) else getattr(module, value["class_name"])(**value["config"])


def given(lists):
    return first_or_all(lists) if any(lists) else None


def outputs_of(model, data, batch):
    out = model.predict(first_or_all(data), batch_size=batch or 8, verbose=0)
    return [to_json(np.asarray(o)) for o in (out if isinstance(out, (list, tuple)) else [out])]


def trained(model, spec, data):
    training = spec["training"]
    if training is None:
        return {}
    weights = training["class_weight"]
    history = model.fit(
        first_or_all(data),
        first_or_all([from_json(y) for y in training["labels"]]),
        batch_size=training["batch_size"],
        epochs=1,
        shuffle=False,
        verbose=0,
        sample_weight=None if training["sample_weight"] is None else from_json(training["sample_weight"]),
        class_weight=None if weights is None else {int(k): v for k, v in weights.items()},
    )
    return {
        "logs": {key: to_json(np.asarray(values[0], "float32")) for key, values in history.history.items()},
        "trainable": [to_json(numpy(w.value)) for w in model.trainable_weights if is_compared(w)],
        "nonTrainable": [to_json(numpy(w.value)) for w in model.non_trainable_weights if is_compared(w)],
        "after": outputs_of(model, data, spec["batch"]),
    }


def answer(spec, _other=None):
    keras.utils.clear_session()
    keras.config.set_dtype_policy(spec["policy"] or "float32")
    model = model_of(spec)
    set_weights(model, spec["seed"])
    if spec["training"] is not None:
        compile_model(model, spec["training"])
    data = [from_json(x) for x in spec["data"]]
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, f"model.{spec['format']}")
        model.save(path)
        with open(path, "rb") as file:
            content = np.frombuffer(file.read(), np.uint8)
    return {"file": to_json(content), "predictions": outputs_of(model, data, spec["batch"]), **trained(model, spec, data)}
