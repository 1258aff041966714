"""Models that typegrad has written: opened in safe mode, predicted with, trained."""
import os
import tempfile

import keras

from arrays import from_json
from models import outputs_of, trained


def answer(spec, other):
    keras.utils.clear_session()
    keras.config.set_dtype_policy("float32")
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, f"model.{spec['format']}")
        with open(path, "wb") as file:
            file.write(from_json(other["file"]).tobytes())
        model = keras.saving.load_model(path, safe_mode=True)
    data = [from_json(x) for x in spec["data"]]
    return {"predictions": outputs_of(model, data, spec["batch"]), **trained(model, spec, data)}
