"""Models from their specification."""
import keras
import numpy as np

from arrays import from_json
from objects import MODULES, find, is_array

BY_KEY = {"initializer": keras.initializers, "regularizer": keras.regularizers, "constraint": keras.constraints}


def made(value, key=""):
    """The value with every {class_name, config} made: layers, or what the key names."""
    if is_array(value):
        return from_json(value)
    if isinstance(value, list):
        return [made(item, key) for item in value]
    if not isinstance(value, dict):
        return value
    if "class_name" in value and "config" in value:
        config = {name: made(item, name) for name, item in value["config"].items()}
        return find(value["class_name"], BY_KEY.get(key.split("_")[-1]))(**config)
    return {name: made(item, name) for name, item in value.items()}


def layer_of(spec):
    if spec["graph"] is not None:
        return functional(spec["graph"], spec["name"])
    config = {key: made(item, key) for key, item in spec["config"].items()}
    return find(spec["class_name"])(name=spec["name"], **config)


def input_of(spec, batch):
    return keras.Input(batch_shape=[batch, *spec["shape"]], dtype=spec["dtype"], name=spec["name"])


def functional(graph, name="model", batch=None):
    values = {i["name"]: input_of(i, batch) for i in graph["inputs"]}
    layers = {spec["name"]: layer_of(spec) for spec in graph["layers"]}

    def tensors(argument):
        if isinstance(argument, dict) and "ref" in argument:
            return values[argument["ref"]]
        return [tensors(a) for a in argument] if isinstance(argument, list) else argument

    for call in graph["calls"]:
        inputs = [values[ref] for ref in call["inputs"]]
        kwargs = {key: tensors(argument) for key, argument in call["kwargs"].items()}
        made_by = layers[call["layer"]]
        out = made_by(inputs, **kwargs) if call["listed"] else made_by(*inputs, **kwargs)
        out = list(out) if isinstance(out, (list, tuple)) else [out]
        values.update(zip(call["makes"], out))
    inputs = [values[i["name"]] for i in graph["inputs"]]
    outputs = [values[ref] for ref in graph["outputs"]]
    return keras.Model(inputs if len(inputs) > 1 else inputs[0], outputs if len(outputs) > 1 else outputs[0], name=name)


def model_of(spec):
    graph = spec["graph"]
    if not spec["sequential"]:
        return functional(graph, batch=spec["batch"])
    given = graph["inputs"][0]
    by_name = {layer["name"]: layer for layer in graph["layers"]}
    chain = [layer_of(by_name[call["layer"]]) for call in graph["calls"]]
    return keras.Sequential([input_of(given, spec["batch"]), *chain])


def set_weights(model, seed):
    """Weights from NumPy, so that they are the same on every backend; few bits, so that files of them are small."""
    random = np.random.RandomState(seed)
    for variable in model.weights:
        name = variable.path.split("/")[-1]
        if not str(variable.dtype).startswith("float"):
            continue
        values = random.randint(-64, 65, variable.shape) / 128
        if "variance" in name:
            values = np.abs(values) + 0.5
        if name in ("gamma", "scale"):
            values = values + 1
        variable.assign(values.astype("float32"))


def is_compared(variable):
    return str(variable.dtype).startswith("float")
