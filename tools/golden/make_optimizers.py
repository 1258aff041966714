"""optimizers.json: two weights after each of ten steps with given gradients, from Keras in float32."""

import os

os.environ["KERAS_BACKEND"] = "jax"

import keras
import numpy as np

from golden_json import camel, snake, write_cases

random = np.random.RandomState(19)
KERAS_NAME = {"globalClipnorm": "global_clipnorm"}
SHAPES = {"kernel": (2, 3), "bias": (3,)}


def normal(*shape, scale=1.0):
    return np.asarray(np.round(random.standard_normal(shape) * scale, 3), np.float32)


initial = [normal(*shape) for shape in SHAPES.values()]
gradients = [[normal(*shape, scale=1.5) for shape in SHAPES.values()] for _ in range(10)]

SETTINGS = [
    ("sgd", {}),
    ("sgd", {"learningRate": 0.1}),
    ("sgd", {"learningRate": 0.1, "momentum": 0.9}),
    ("sgd", {"learningRate": 0.1, "momentum": 0.9, "nesterov": True}),
    ("sgd", {"learningRate": 0.1, "weightDecay": 0.05}),
    ("adam", {}),
    ("adam", {"learningRate": 0.1}),
    ("adam", {"learningRate": 0.1, "amsgrad": True}),
    ("adam", {"learningRate": 0.1, "beta1": 0.8, "beta2": 0.95, "epsilon": 1e-3}),
    ("adam", {"learningRate": 0.1, "weightDecay": 0.05}),
    ("adamw", {}),
    ("adamw", {"learningRate": 0.1, "weightDecay": 0.1}),
    ("adamw", {"learningRate": 0.1, "weightDecay": 0.1, "amsgrad": True, "clipnorm": 1.0}),
    ("rmsprop", {}),
    ("rmsprop", {"learningRate": 0.1, "rho": 0.8}),
    ("rmsprop", {"learningRate": 0.05, "momentum": 0.9}),
    ("rmsprop", {"learningRate": 0.05, "centered": True}),
    ("rmsprop", {"learningRate": 0.05, "momentum": 0.5, "centered": True}),
    ("adagrad", {}),
    ("adagrad", {"learningRate": 0.1, "initialAccumulatorValue": 0.5}),
]
CLIPS = [{"clipnorm": 1.0}, {"clipvalue": 0.5}, {"globalClipnorm": 1.5}]
SETTINGS += [("sgd", {"learningRate": 0.1, **clip}) for clip in CLIPS]
SETTINGS += [("sgd", {"learningRate": 0.1, "momentum": 0.9, "nesterov": True, **clip}) for clip in CLIPS[:1]]
SETTINGS += [("adam", {"learningRate": 0.1, **clip}) for clip in CLIPS]
SETTINGS += [("sgd", {"learningRate": 0.1, "clipnorm": 1000.0})]

KERAS_CLASS = {
    "sgd": keras.optimizers.SGD,
    "adam": keras.optimizers.Adam,
    "adamw": keras.optimizers.AdamW,
    "rmsprop": keras.optimizers.RMSprop,
    "adagrad": keras.optimizers.Adagrad,
}
OPTION = {"beta1": "beta_1", "beta2": "beta_2"}


def run(name, config):
    optimizer = KERAS_CLASS[name](**{OPTION.get(key, snake(key)): value for key, value in config.items()})
    variables = [keras.Variable(value, name=key) for key, value in zip(SHAPES, initial)]
    optimizer.build(variables)
    steps = []
    for step in gradients:
        optimizer.apply([keras.ops.convert_to_tensor(g) for g in step], variables)
        steps.append([np.asarray(v.value) for v in variables])
    shown = {"learning_rate", "momentum", "nesterov", "beta_1", "beta_2", "epsilon", "amsgrad", "weight_decay", "rho",
             "centered", "initial_accumulator_value", "clipnorm", "clipvalue", "global_clipnorm"}
    full = {camel(k): (float(np.float64(str(np.float32(v)))) if k == "learning_rate" else v)
            for k, v in optimizer.get_config().items() if k in shown and v is not None}
    return {"optimizer": name, "from": "keras", "config": config, "kerasConfig": full, "weights": steps}


if __name__ == "__main__":
    cases = [run(name, config) for name, config in SETTINGS]
    write_cases("optimizers.json", cases, names=list(SHAPES), initial=initial, gradients=gradients)
