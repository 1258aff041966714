"""Arrays within JSON: little-endian bytes in base64."""
import base64

import numpy as np


def to_json(value):
    array = np.asarray(value)
    if array.dtype == np.float16 or str(array.dtype) == "bfloat16":
        array = array.astype(np.float32)
    name = str(array.dtype)
    data = np.ascontiguousarray(array)
    return {"dtype": name, "shape": list(array.shape), "base64": base64.b64encode(data.tobytes()).decode()}


def from_json(value):
    data = np.frombuffer(base64.b64decode(value["base64"]), dtype=np.dtype(value["dtype"]))
    return data.reshape(value["shape"]).copy()


def is_array(value):
    return isinstance(value, dict) and "base64" in value
