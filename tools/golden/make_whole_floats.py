"""Operations between whole numbers and Python's floats that are whole: packages/typegrad/golden/whole-floats/.

`x * 2.0` of an int32 x is float32, `x * 2` is int32, and JSON tells them apart by the point alone.
"""

import json
import os
import pathlib

os.environ.setdefault("KERAS_BACKEND", "torch")

import keras
import numpy as np

FOLDER = pathlib.Path(__file__).parents[2] / "packages/typegrad/golden/whole-floats"


def main():
    FOLDER.mkdir(exist_ok=True)
    ops = keras.ops
    x, y = keras.Input((3,), dtype="int32"), keras.Input((3,))
    outputs = [
        x * 2.0, x * 2, 1.0 + x, ops.maximum(x, 0.0), ops.minimum(x, 2), x**2.0, ops.power(2.0, x), x // 2.0, x % 2.0,
        x - 3.0, x / 2, (x > 1) * 3.0, ops.where(x > 0, x, 0.0), ops.where(x > 0, x, 1),
        ops.add(x, np.float32(2)), y * 2.0, ops.cast(y, "float16") * 2.0,
    ]  # fmt: skip
    model = keras.Model([x, y], outputs)
    data = [np.array([[1, 2, -3], [0, 1, 4]], "int32"), np.array([[0.5, -1, 2], [3, 0.25, 1]], "float32")]
    for form in ("keras", "h5"):
        model.save(FOLDER / f"model.{form}")
    predicted = [
        {"dtype": str(p.dtype), "values": np.asarray(p, "float64").tolist()} for p in model.predict(data, verbose=0)
    ]
    (FOLDER / "cases.json").write_text(json.dumps({"data": [d.tolist() for d in data], "predicted": predicted}) + "\n")


if __name__ == "__main__":
    main()
