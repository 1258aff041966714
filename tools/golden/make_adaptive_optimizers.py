"""adaptive-optimizers.json: adaptive optimizers, averages of weights and accumulation, in the format of optimizers.json."""

import os

os.environ["KERAS_BACKEND"] = "jax"

import keras
import numpy as np

from golden_json import camel, snake, write_cases

random = np.random.RandomState(29)
# A tall matrix, a wide one and a vector: Adafactor and Muon treat them differently.
SHAPES = {"kernel": (4, 3), "wide": (2, 3), "bias": (3,)}


def normal(*shape, scale=1.0):
    return np.asarray(np.round(random.standard_normal(shape) * scale, 3), np.float32)


initial = [normal(*shape) for shape in SHAPES.values()]
gradients = [[normal(*shape, scale=1.5) for shape in SHAPES.values()] for _ in range(10)]

RATE = {"learningRate": 0.1}
SETTINGS = [
    ("adadelta", {}),
    ("adadelta", {"learningRate": 1.0, "rho": 0.9, "epsilon": 1e-4}),
    ("adafactor", {}),
    ("adafactor", {**RATE, "beta2Decay": -0.6, "clipThreshold": 0.5, "epsilon2": 0.01}),
    ("adafactor", {**RATE, "relativeStep": False, "weightDecay": 0.05}),
    ("adamax", {}),
    ("adamax", {**RATE, "beta1": 0.8, "beta2": 0.9}),
    ("ftrl", {}),
    ("ftrl", {**RATE, "l1RegularizationStrength": 0.3, "l2RegularizationStrength": 0.1}),
    ("ftrl", {**RATE, "learningRatePower": -0.3, "l2ShrinkageRegularizationStrength": 0.1, "beta": 0.5}),
    ("lamb", {}),
    ("lamb", {**RATE, "beta1": 0.8, "weightDecay": 0.05}),
    ("lion", {}),
    ("lion", {**RATE, "beta1": 0.8, "beta2": 0.95, "weightDecay": 0.1}),
    ("muon", {}),
    ("muon", {**RATE, "nesterov": False, "momentum": 0.8, "adamLrRatio": 0.5, "adamWeightDecay": 0.1}),
    ("muon", {**RATE, "nsSteps": 3, "excludeLayers": ["wide"]}),
    ("nadam", {}),
    ("nadam", {**RATE, "beta1": 0.8, "beta2": 0.95}),
    ("scheduleFreeAdamW", {}),
    ("scheduleFreeAdamW", {**RATE, "warmupSteps": 4, "weightDecay": 0.05, "beta1": 0.8}),
]
AVERAGE = {"useEma": True, "emaMomentum": 0.8}
SETTINGS += [
    ("sgd", {**RATE, **AVERAGE}),
    ("sgd", {**RATE, **AVERAGE, "emaOverwriteFrequency": 3}),
    ("adam", {**RATE, **AVERAGE, "emaOverwriteFrequency": 2, "weightDecay": 0.1}),
    ("sgd", {**RATE, "gradientAccumulationSteps": 3}),
    ("adam", {**RATE, "gradientAccumulationSteps": 2, "clipnorm": 0.5, "weightDecay": 0.1}),
    ("nadam", {**RATE, "gradientAccumulationSteps": 4}),
    ("adam", {**RATE, **AVERAGE, "emaOverwriteFrequency": 2, "gradientAccumulationSteps": 2}),
    ("sgd", {**RATE, "lossScaleFactor": 4.0, "globalClipnorm": 1.0}),
]

KERAS_CLASS = {
    "scheduleFreeAdamW": keras.optimizers.ScheduleFreeAdamW,
    "sgd": keras.optimizers.SGD,
} | {name: getattr(keras.optimizers, name.capitalize()) for name in
     ("adadelta", "adafactor", "adam", "adamax", "ftrl", "lamb", "lion", "muon", "nadam")}


def keras_key(key):
    """'l1RegularizationStrength' → 'l1_regularization_strength', 'beta2Decay' → 'beta_2_decay'."""
    for name in ("beta", "epsilon"):
        for digit in "12":
            if key.lower().endswith(name + digit) or key.startswith(name + digit):
                key = key.replace(digit, f"_{digit}")
    return snake(key)


def run(name, config):
    optimizer = KERAS_CLASS[name](**{keras_key(key): value for key, value in config.items()})
    variables = [keras.Variable(value, name=key) for key, value in zip(SHAPES, initial)]
    optimizer.build(variables)
    steps = []
    for step in gradients:
        optimizer.apply([keras.ops.convert_to_tensor(g) for g in step], variables)
        steps.append([np.asarray(v.value) for v in variables])
    full = {camel(k): (float(np.float64(str(np.float32(v)))) if k == "learning_rate" else v)
            for k, v in optimizer.get_config().items() if k != "name" and v is not None}
    case = {"optimizer": name, "from": "keras", "config": config, "kerasConfig": full,
            "stateShapes": [list(v.shape) for v in optimizer.variables], "weights": steps}
    if config.get("useEma"):
        optimizer.finalize_variable_values(variables)
        case["averages"] = [np.asarray(v.value) for v in variables]
    return case


if __name__ == "__main__":
    cases = [run(name, config) for name, config in SETTINGS]
    write_cases("adaptive-optimizers.json", cases, names=list(SHAPES), initial=initial, gradients=gradients)
