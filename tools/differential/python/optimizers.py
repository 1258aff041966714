"""Optimizers: weights after each step, and once they are finalized."""
import keras

from arrays import from_json, to_json
from objects import made, numpy, tensor


def answer(spec, _other=None):
    optimizer = made(spec["object"], keras.optimizers)
    weights = [keras.Variable(from_json(w), name=name) for w, name in zip(spec["weights"], spec["names"])]
    optimizer.build(weights)

    def values():
        return [to_json(numpy(w.value)) for w in weights]

    after = []
    for grads in spec["steps"]:
        optimizer.apply([tensor(from_json(g)) for g in grads], weights)
        after.append(values())
    optimizer.finalize_variable_values(weights)
    return {"after": after, "final": values()}
