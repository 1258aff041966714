"""Losses: value and gradient."""
import keras

from arrays import from_json, to_json
from objects import gradient, made, numpy, tensor


def answer(spec, _other=None):
    loss = made(spec["object"], keras.losses)
    y_true = tensor(from_json(spec["yTrue"]))
    y_pred = from_json(spec["yPred"])
    # Made anew for each call: on PyTorch, Keras multiplies the weights by the mask in place.
    made_of = lambda name: None if spec[name] is None else tensor(from_json(spec[name]))

    def value(p):
        weight, mask = made_of("sampleWeight"), made_of("mask")
        if mask is not None:
            # What Loss.__call__ does with a mask that travels beside the predictions; a tracer of jax takes none.
            return masked(loss, y_true, p, weight, mask)
        return loss(y_true, p, sample_weight=weight)

    return {"value": to_json(numpy(value(tensor(y_pred)))), "gradient": to_json(gradient(value, y_pred))}


def masked(loss, y_true, y_pred, weight, mask):
    from keras.src.losses.loss import reduce_weighted_values
    dtype = loss.dtype
    y_true, y_pred = (keras.ops.convert_to_tensor(y, dtype=dtype) for y in (y_true, y_pred))
    losses = loss.call(y_true, y_pred)
    return reduce_weighted_values(losses, sample_weight=weight, mask=mask, reduction=loss.reduction, dtype=dtype)
