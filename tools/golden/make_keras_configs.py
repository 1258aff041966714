"""Writes keras-configs.json: what Keras writes of every layer with every option, and of optimizers, losses and metrics.

A row's configuration is whole for a class without options beyond those that it needs; of others it has what differs from the
row before with a whole one. Shared ids, names and what is None are left out. Numbers that Keras writes as floats are told
apart from whole ones, for Python's classes check which they get: {"float": 0}. `takes` has the arguments of constructors.
"""

import inspect
import json
import os
import pathlib

os.environ["KERAS_BACKEND"] = "numpy"

import keras

from golden_json import made_by
from layer_cases import cases, compiled, made

GOLDEN = pathlib.Path(__file__).resolve().parents[2] / "packages/typegrad/golden"


def plain(value):
    if isinstance(value, float):
        return {"float": value} if value.is_integer() else value
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if not isinstance(value, dict):
        return value
    left_out = {"shared_object_id", "registered_name", "build_config", "compile_config", "name"} - (
        set() if "class_name" in value else {"name"})
    if value.get("class_name") == "DTypePolicy":
        return value["config"]["name"]
    return {key: plain(item) for key, item in value.items() if key not in left_out}


def main():
    rows, takes = [], {}
    things = [("layers", name, options) for name, _, options in cases()] + list(compiled())
    base = {}
    for module, name, options in things:
        try:
            thing = getattr(getattr(keras, module), name)(**{key: made(value) for key, value in options.items()})
        except Exception as error:
            print("Keras refuses", name, options, str(error)[:100])
            continue
        saved = plain(keras.saving.serialize_keras_object(thing))["config"]
        config = {k: v for k, v in saved.items() if k != "name" and (v is not None or k in options)}
        takes.setdefault(f"{module}: {name}", sorted(inspect.signature(type(thing).__init__).parameters.keys() - {"self", "kwargs", "name"}))
        row = {"module": module, "class": name, "options": options}
        if base.get("of") == (module, name) and base["config"].keys() >= config.keys() - options.keys() and base["config"].keys() <= config.keys():
            row["changes"] = {k: v for k, v in config.items() if k not in base["config"] or base["config"][k] != v or type(base["config"][k]) != type(v)}
        else:
            base = {"of": (module, name), "config": config}
            row["config"] = config
        rows.append(row)
    lines = ",\n".join(json.dumps(row, separators=(",", ":")) for row in rows)
    head = json.dumps({"madeBy": made_by(), "takes": takes}, separators=(",", ":"))[:-1]
    (GOLDEN / "keras-configs.json").write_text(f'{head},"cases":[\n{lines}\n]}}\n')
    print(len(rows), "configurations")


if __name__ == "__main__":
    main()
