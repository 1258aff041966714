"""catalogue.json: the public names of Keras's modules that typegrad has a counterpart of."""

import inspect
import os

os.environ["KERAS_BACKEND"] = "jax"

import keras

from golden_json import write_cases

MODULES = [
    "layers",
    "activations",
    "initializers",
    "regularizers",
    "constraints",
    "losses",
    "metrics",
    "optimizers",
    "optimizers.schedules",
    "callbacks",
]


def names(path):
    module = keras
    for part in path.split("."):
        module = getattr(module, part)
    for name in sorted(dir(module)):
        thing = getattr(module, name)
        # Modules inside of modules have lists of their own.
        if name.startswith("_") or not callable(thing):
            continue
        is_class = inspect.isclass(thing)
        row = {"module": path, "name": name, "kind": "class" if is_class else "function"}
        # Second names of the same thing, such as MaxPool2D; `l2` is a class under a function's name.
        if thing.__name__ != name:
            row["aliasOf"] = thing.__name__
        yield row


write_cases("catalogue.json", [row for path in MODULES for row in names(path)])
