"""programs/*.json: whole trainings, epoch by epoch, from Keras in float32 with given data and initial weights.

Each program runs on Keras's jax backend, whose numbers are written, and again on its torch backend from the same
weights and data. The largest relative differences between the two are written as `agreement`: float32 rounding alone
explains them, so no third implementation can be asked to agree more closely than that. The script stops above 5e-6.
"""

import os
import pickle
import subprocess
import sys

os.environ.setdefault("KERAS_BACKEND", "jax")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "")

import keras
import numpy as np

from golden_json import camel, snake, write


def line_data():
    """100 points of y = 2x + 1 + N(0, 1): x is drawn first, then the noise."""
    random = np.random.RandomState(42)
    x = random.uniform(0, 1, (100, 1))
    y = 2 * x + 1 + random.standard_normal((100, 1))
    return x.astype(np.float32), y.astype(np.float32)


def picture_data():
    """24 pictures of 8 × 8: vertical, horizontal and diagonal stripes, with noise."""
    random = np.random.RandomState(5)
    row, column = np.mgrid[0:8, 0:8]
    kinds = [column, row, row + column]
    classes = random.permutation(np.arange(24) % 3)
    pictures = [((kinds[c] + random.randint(0, 4)) % 4 < 2) + 0.3 * random.standard_normal((8, 8)) for c in classes]
    x = np.round(np.stack(pictures)[..., None], 3).astype(np.float32)
    return x, np.eye(3, dtype=np.float32)[classes]


def mlp(*units):
    sizes = [{"layer": "dense", "config": {"units": u, "activation": "relu"}} for u in units]
    return sizes + [{"layer": "dense", "config": {"units": 1}}]


PROGRAMS = {
    "linear-regression": {
        "data": line_data, "inputShape": [1], "layers": mlp(), "optimizer": ("sgd", {}), "loss": "meanSquaredError",
        "batchSize": 32, "epochs": 100, "predictAt": [[0.0], [0.5], [1.0]], "full": range(1, 101),
    },
    "regression-mlp-64-64": {
        "data": line_data, "inputShape": [1], "layers": mlp(64, 64), "optimizer": ("adam", {}),
        "loss": "meanSquaredError", "batchSize": 32, "epochs": 100,
        "predictAt": [[i / 10] for i in range(11)], "full": [100],
    },
    "regression-mlp-64": {
        "data": line_data, "inputShape": [1], "layers": mlp(64), "optimizer": ("adam", {}),
        "loss": "meanSquaredError", "batchSize": 32, "epochs": 100,
        "predictAt": [[i / 10] for i in range(11)], "full": [1, 10, 100],
    },
    "convnet": {
        "data": picture_data, "inputShape": [8, 8, 1],
        "layers": [
            {"layer": "conv2d", "config": {"filters": 4, "kernelSize": [3, 3], "activation": "relu"}},
            {"layer": "maxPooling2d", "config": {"poolSize": [2, 2]}},
            {"layer": "conv2d", "config": {"filters": 8, "kernelSize": [3, 3], "activation": "relu"}},
            {"layer": "flatten", "config": {}},
            {"layer": "dense", "config": {"units": 3, "activation": "softmax"}},
        ],
        "optimizer": ("adam", {"learningRate": 0.01}), "loss": "categoricalCrossentropy", "metrics": ["accuracy"],
        "batchSize": 8, "epochs": 5, "predictAt": "x", "full": [1, 5],
    },
}
LAYER = {"dense": keras.layers.Dense, "conv2d": keras.layers.Conv2D, "maxPooling2d": keras.layers.MaxPooling2D,
         "flatten": keras.layers.Flatten}
OPTIMIZER = {"sgd": keras.optimizers.SGD, "adam": keras.optimizers.Adam}


def built(program):
    """The model with weights that do not depend on the backend's random numbers."""
    model = keras.Sequential([keras.Input(tuple(program["inputShape"]))])
    for entry in program["layers"]:
        model.add(LAYER[entry["layer"]](**{snake(k): v for k, v in entry["config"].items()}))
    # Of the seeds 1 to 24 all but one (3) give trainings of the 64-64 network whose weights stay within 3e-6 between the
    # two backends. With seed 3 a relu's edge meets a point and Adam amplifies the rounding to 2.5e-3.
    random = np.random.RandomState(1)
    weights = []
    for variable in model.weights:
        if variable.name == "bias":
            weights.append(np.zeros(variable.shape, np.float32))
        else:  # glorot uniform, as Keras draws it, rounded to keep the file small
            receptive = np.prod(variable.shape[:-2])
            limit = np.sqrt(6 / ((variable.shape[-2] + variable.shape[-1]) * receptive))
            weights.append(np.round(random.uniform(-limit, limit, variable.shape), 4).astype(np.float32))
    model.set_weights(weights)
    return model, weights


def train(program):
    """Every epoch's losses and weights, and the final predictions."""
    x, y = program["data"]()
    model, _ = built(program)
    name, options = program["optimizer"]
    model.compile(optimizer=OPTIMIZER[name](**{snake(k): v for k, v in options.items()}), loss=snake(program["loss"]),
                  metrics=program.get("metrics"))
    weights = []
    record = keras.callbacks.LambdaCallback(on_epoch_end=lambda epoch, logs: weights.append(model.get_weights()))
    history = model.fit(x, y, batch_size=program["batchSize"], epochs=program["epochs"], shuffle=False, verbose=0,
                        callbacks=[record])
    at = x if isinstance(program["predictAt"], str) else np.array(program["predictAt"], np.float32)
    evaluation = model.evaluate(x, y, batch_size=program["batchSize"], verbose=0, return_dict=True)
    return {"history": history.history, "weights": weights, "predictions": model.predict(at, verbose=0),
            "evaluation": evaluation}


def on_torch(name):
    """The same training on Keras's torch backend, in a process of its own."""
    run = subprocess.run([sys.executable, __file__, name], capture_output=True, check=True,
                         env=os.environ | {"KERAS_BACKEND": "torch"})
    return pickle.loads(run.stdout)


def relative(a, b):
    """The largest difference, relative to the largest element."""
    a, b = np.asarray(a, np.float64), np.asarray(b, np.float64)
    return float(np.max(np.abs(a - b)) / np.max(np.abs(b)))


def fingerprint(array):
    wide = array.astype(np.float64)
    return {"sum": float(wide.sum()), "norm": float(np.sqrt((wide**2).sum())), "first": list(array.ravel()[:4])}


def main():
    for name, program in PROGRAMS.items():
        model, initial = built(program)
        x, y = program["data"]()
        found, other = train(program), on_torch(name)
        small = len(program["full"]) == program["epochs"]
        epochs = []
        for index, weights in enumerate(found["weights"]):
            row = {"epoch": index + 1} | {key: np.float32(values[index]) for key, values in found["history"].items()}
            if not small:
                row["fingerprints"] = [fingerprint(w) for w in weights]
            if index + 1 in program["full"]:
                row["weights"] = weights
            epochs.append(row)
        pairs = [(relative(a, b), epoch) for epoch, (one, two) in enumerate(zip(found["weights"], other["weights"]), 1)
                 for a, b in zip(one, two)]
        agreement = {
            "of": "Keras on jax and Keras on torch: the largest difference relative to a weight's largest element",
            "weights": max(pairs)[0],
            "loss": max(abs(a - b) / abs(b) for a, b in zip(found["history"]["loss"], other["history"]["loss"])),
            "predictions": relative(found["predictions"], other["predictions"]),
        }
        assert max(agreement["weights"], agreement["loss"], agreement["predictions"]) < 5e-6, (name, agreement)
        print(name, agreement, "loss", found["history"]["loss"][0], "→", found["history"]["loss"][-1],
              found["history"].get("accuracy"))
        optimizer, options = program["optimizer"]
        head = {
            "program": {
                "from": "keras", "inputShape": program["inputShape"], "layers": program["layers"],
                "optimizer": {"name": optimizer, "config": options}, "loss": program["loss"],
                "metrics": program.get("metrics", []), "batchSize": program["batchSize"], "epochs": program["epochs"],
                "shuffle": False,
            },
            "agreement": agreement,
            "x": x, "y": y,
            "weightNames": [f"{v.path.split('/')[-2]}/{camel(v.name)}" for v in model.weights],
            "initialWeights": initial,
            "predictions": {
                "x": None if program["predictAt"] == "x" else np.array(program["predictAt"], np.float32),
                "y": found["predictions"],
            },
            "evaluation": {key: np.float32(value) for key, value in found["evaluation"].items()},
        }
        write(f"programs/{name}.json", head, "epochs", epochs)


if __name__ == "__main__":
    if len(sys.argv) > 1:
        sys.stdout.buffer.write(pickle.dumps(train(PROGRAMS[sys.argv[1]])))
    else:
        main()
