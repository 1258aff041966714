"""How golden values are written: tensors as JSON, one case a line, the same bytes every time."""

import json
import math
from pathlib import Path

import numpy as np

DATE = "2026-11-23"
FOLDER = Path(__file__).resolve().parents[2] / "packages" / "typegrad" / "golden"


class Float(float):
    """A float whose JSON text is chosen by number_text below."""

    def __repr__(self):
        return self.text


def number_text(value):
    """float32: the shortest decimal that rounds back to it (at most 9 digits). Others: 9 significant digits."""
    if isinstance(value, np.float32):
        digits = next(d for d in range(1, 10) if np.float32(f"{value:.{d}g}") == value)
        return f"{value:.{digits}g}"
    return f"{float(value):.9g}"


def scalar(value):
    """A Python value that json.dumps writes compactly; NaN and the infinities become strings."""
    if value is None or isinstance(value, (str, bool)):
        return value
    if isinstance(value, (np.bool_,)):
        return bool(value)
    if isinstance(value, (int, np.integer)):
        return int(value)
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "Infinity" if value > 0 else "-Infinity"
    number = Float(value)
    number.text = number_text(value)
    return number


def tensor(array):
    """{"shape", "dtype", "data"}: booleans as 0 and 1, integers as int32 (JavaScript has no int64 number)."""
    array = np.asarray(array)
    if array.dtype == np.bool_:
        dtype, flat = "bool", [int(v) for v in array.ravel()]
    elif np.issubdtype(array.dtype, np.integer):
        dtype, flat = "int32", [int(v) for v in array.ravel()]
    else:
        array = array.astype(np.float32)
        dtype, flat = "float32", [scalar(v) for v in array.ravel()]
    return {"shape": list(array.shape), "dtype": dtype, "data": flat}


def plain(value):
    """Arrays become tensors, numbers become compact numbers, everywhere inside a case."""
    if isinstance(value, np.ndarray):
        return tensor(value)
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    return scalar(value)


class Encoder(json.JSONEncoder):
    def iterencode(self, o, _one_shot=False):
        # The C encoder ignores Float's text, so floats go through the pure Python one.
        write = json.encoder._make_iterencode(
            {}, self.default, json.encoder.encode_basestring_ascii, None, repr, ":", ",", False, False, False
        )
        return write(o, 0)


def line(value):
    return "".join(Encoder().iterencode(plain(value)))


def made_by():
    import keras
    import torch

    return {
        "torch": torch.__version__.split("+")[0],
        "keras": keras.__version__,
        "numpy": np.__version__,
        "date": DATE,
    }


def write(name, head, list_name, rows):
    """Writes one JSON object: madeBy, each field of `head` on a line, then `list_name` with a row a line."""
    parts = [f'"madeBy":{line(made_by())}']
    parts += [f'"{key}":{line(value)}' for key, value in head.items()]
    body = ",\n".join(line(row) for row in rows)
    parts.append(f'"{list_name}":[\n{body}\n]')
    text = "{\n" + ",\n".join(parts) + "\n}\n"
    json.loads(text)
    path = FOLDER / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    print(f"{name}: {len(rows)} {list_name}, {len(text) / 1024:.0f} KiB")


def write_cases(name, cases, **head):
    write(name, head, "cases", cases)


def camel(name):
    """'moving_mean' → 'movingMean'."""
    first, *rest = name.split("_")
    return first + "".join(word[:1].upper() + word[1:] for word in rest)


def snake(name):
    """'movingMean' → 'moving_mean'."""
    return "".join("_" + c.lower() if c.isupper() else c for c in name)
