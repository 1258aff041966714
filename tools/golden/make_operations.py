"""Functional models with operations between their layers, as Keras has saved them: packages/typegrad/golden/operations/.

Operators and `keras.ops` on symbolic tensors: with tensors on both sides and with constants on either, slices of every
kind, and operations that make masks. Each output is one operation, cast to float32; with predictions, and predictions
after a training step.
"""

import gzip
import json
import os
import pathlib

os.environ.setdefault("KERAS_BACKEND", "jax")

import keras
import numpy as np
from keras import ops
from keras.src.activations.activations import Mish

from make_graphs import as_list, packed, randomize, tensor

FOLDER = pathlib.Path(__file__).parents[2] / "packages/typegrad/golden/operations"
L = keras.layers
SAMPLES = 3
A = keras.activations


def constant(*shape):
    return ops.convert_to_tensor(np.linspace(0.5, 2.0, int(np.prod(shape)), dtype="float32").reshape(shape))


def arithmetic(x, y):
    """Both vectors (4)."""
    return [
        y + x, y - x, y * x, y / (x * x + 1), ops.divide(y, ops.abs(x) + 1), ops.divide_no_nan(y, ops.relu(x)),
        y // 0.3, y % 0.7, ops.abs(y) ** ops.sigmoid(x), y**2, y**3, (ops.abs(y) + 0.1) ** -0.5,
        ops.maximum(x, y), ops.minimum(x, y),
        y + 1, 1 + y, y - 0.5, 0.5 - y, y * 2, 2 * y, y / 4, 4 / (ops.abs(y) + 1), 2**y, 3 // (ops.abs(y) + 1), 5 % (ops.abs(y) + 1),
        ops.maximum(y, 0.1), ops.minimum(0.1, y), -y, abs(y),
        ops.add(constant(4), y), ops.subtract(constant(3, 4), y), ops.multiply(y, constant(4)), ops.add(y, np.arange(4)),
        y > x, y >= 0, y < x, y <= 0.1, y != 0, ops.equal(x, y), ops.equal(y, y),
        ~(y > 0), (y > 0) & (x > 0), (y > 0) | (x > 0), (y > 0) ^ (x > 0),
        ops.where(y > x, x, y), ops.where(y > 0, y, 0.0), ops.where(x > 0, -1.0, y), ops.clip(y, -0.2, 0.3),
        ops.maximum(ops.where(y > 0, y, -np.inf), -3.0),
    ]  # fmt: skip


def elementwise(x, y):
    positive, unit = ops.abs(y) + 0.5, ops.tanh(y)
    return [
        *(getattr(ops, name)(y) for name in (
            "absolute arctan ceil copy cos cosh deg2rad exp exp2 expm1 floor isfinite isinf isnan negative ones_like rad2deg "
            "sign sin sinh square tan tanh trunc zeros_like erf stop_gradient").split()),
        *(getattr(ops, name)(positive) for name in "log log10 log1p log2 reciprocal rsqrt sqrt".split()),
        ops.arccos(unit), ops.arcsin(unit), ops.round(y * 3), ops.round(y, 2), ops.logical_not(y > 0),
        ops.cast(y * 3, "int32"), ops.cast(y > 0, "float32"), ops.convert_to_tensor(y), ops.convert_to_tensor(y > 0, dtype="float32"),
        *(getattr(ops, name)(y) for name in (
            "relu relu6 sigmoid sparse_sigmoid softplus softsign sparse_plus silu log_sigmoid hard_sigmoid hard_silu selu "
            "tanh_shrink hard_tanh soft_shrink hard_shrink squareplus leaky_relu elu celu gelu softmax log_softmax "
            "glu").split()),
        # With one in its support: Keras 3.15 adds up sums for more, where the paper takes the last (arXiv:1602.02068, algorithm 1).
        ops.sparsemax(y * 50),
        ops.soft_shrink(y, 0.2), ops.hard_shrink(y, 0.2), ops.squareplus(y, 2), ops.leaky_relu(y, 0.3), ops.elu(y, 0.5),
        ops.celu(y, 0.5), ops.gelu(y, False), ops.threshold(y, 0.1, -1.0), ops.softmax(y, axis=0),
        A.relu(y), A.relu(y, negative_slope=0.1, max_value=0.4, threshold=0.1), Mish()(y), A.gelu(y), A.swish(y),
    ]  # fmt: skip


def reductions(x, s):
    """A vector (4) and a sequence (3, 4)."""
    # Of norms, Keras computes that of all elements alone on jax: with an axis its class asks for the hash of a list.
    return [
        ops.sum(s), ops.sum(s, axis=1), ops.sum(s, axis=[1, 2], keepdims=True), ops.sum(s > 0, axis=-1),
        ops.mean(s, 1), ops.mean(s, axis=-1, keepdims=True), ops.mean(s > 0, axis=1), ops.prod(s, axis=2),
        ops.max(s, axis=1), ops.max(s, axis=[1]), ops.min(s, axis=-1, keepdims=True), ops.amax(s, axis=1), ops.amin(s, axis=1),
        ops.var(s, axis=1), ops.std(s, axis=-1), ops.any(s > 0.5, axis=1), ops.all(s > -0.5, axis=-1, keepdims=True),
        ops.argmax(s, axis=1), ops.argmin(s, axis=-1), ops.count_nonzero(ops.relu(s), axis=1), ops.logsumexp(s, axis=1),
        ops.cumsum(s, axis=1), ops.norm(s),
        s - ops.mean(s, axis=1, keepdims=True), ops.sum(x, axis=1),
    ]  # fmt: skip


def slices(x, s):
    return [
        s[:, 0], s[:, -1], s[0], s[:, 1:], s[:, :-1], s[:, ::2], s[:, ::-1], s[:, 2:0:-1], s[:, :, 1:3], s[..., 0], s[..., -2:],
        s[..., None], s[:, None], s[None, ...], s[:, None, 0], s[:, 1, ..., None], s[:, :, None, ::2], s[:, 0:10], s[:, 5:], s[1:, :], s[:2, ...], s[::2, 0],
        s[-1], s[:, 1, 2], x[:, 0], x[:, -3:-1], x[..., None, :], x[:, None, :, None], s[:, 1:] - s[:, :-1],
        ops.get_item(s, (slice(None), 2)),
    ]  # fmt: skip


def rearrangements(x, s):
    return [
        ops.reshape(s, (-1, 12)), ops.reshape(s, (-1, 2, 6)), ops.reshape(x, (-1, 6)), ops.ravel(x), ops.transpose(x), ops.transpose(s, (0, 2, 1)),
        ops.swapaxes(s, 1, 2), ops.moveaxis(s, 1, -1), ops.moveaxis(s, [0, 1], [1, 0]), ops.expand_dims(x, 1), ops.expand_dims(x, [0, -1]),
        ops.squeeze(ops.expand_dims(x, 1)), ops.squeeze(ops.expand_dims(x, 1), axis=1),
        ops.concatenate([x, x * 2], axis=1), ops.concatenate([s, s], axis=-1), ops.concatenate([x, x]), ops.stack([x, x * 2], axis=1), ops.stack([x, x]),
        ops.split(x, 2, axis=1)[1], ops.split(x, [1, 3], axis=-1)[1], sum(ops.split(x, 4, axis=1)), ops.unstack(s, axis=1)[2],
        ops.broadcast_to(x, (2, SAMPLES, 4)), ops.tile(x, [1, 2]), ops.tile(x, 2), ops.repeat(x, 2, axis=1), ops.repeat(x, 2), ops.flip(s, axis=1), ops.flip(s),
        ops.roll(s, 1, axis=1), ops.roll(x, 2), ops.pad(x, [[0, 0], [1, 2]]), ops.pad(x, [[0, 0], [1, 2]], constant_values=3),
        ops.pad(s, [[0, 0], [1, 1], [2, 0]], mode="reflect"), ops.pad(s, [[0, 0], [1, 1], [2, 0]], mode="symmetric"), ops.pad(s, 1),
        ops.tril(s), ops.triu(s, 1), ops.take(s, [0, 2], axis=1), ops.take(s, np.array([[0, 2], [1, 1]]), axis=-1), ops.take(x, 5),
        ops.take_along_axis(s, ops.argsort(s, axis=1), axis=1), ops.sort(s, axis=1), ops.sort(x), ops.argsort(x),
        ops.top_k(x, 2)[0], ops.top_k(x, 2)[1], ops.one_hot(ops.argmax(x, axis=-1), 4), ops.one_hot(ops.argmax(s, axis=-1), 4, axis=1),
    ]  # fmt: skip


def blocks(x, s):
    """At starts that are numbers, constants, computed, and beyond what there is, where JAX moves them."""
    place = ops.argmax(x[0], axis=-1)
    return [
        ops.slice(s, [0, 1, 1], [SAMPLES, 2, 3]), ops.slice(s, [1, place, 0], [2, 1, 4]), ops.slice(s, [0, place, 1], (1, 2, 2)),
        ops.slice(x, ops.convert_to_tensor([1, 1], "int32"), [2, 3]), ops.slice(x, ops.stack([place, place]), [1, 1]),
        ops.slice_update(s, [0, 2, 1], ops.ones((SAMPLES, 1, 2))), ops.slice_update(s, [0, place, 0], s[:, :1] * 2),
        ops.slice_update(x, [1, place], constant(2, 2)), ops.slice_update(constant(SAMPLES, 4), [place, 0], x[:1, :]),
        ops.slice_update(x, ops.convert_to_tensor([-1, -3], "int32"), x[:1, 1:]),
    ]  # fmt: skip


def products(x, s):
    return [
        ops.matmul(x, constant(4, 3)), x @ constant(4, 2), ops.matmul(s, ops.transpose(s, (0, 2, 1))), ops.matmul(constant(2, 3), s),
        ops.matmul(s, ops.expand_dims(x, -1)), ops.outer(x[0], x[1]), ops.einsum("bi,bi->b", x, x), ops.einsum("bti,bi->bt", s, x),
        ops.einsum("bti,ij->btj", s, constant(4, 2)), ops.einsum("bti,bsi->bts", s, s),
        ops.softmax(ops.matmul(s, ops.transpose(s, (0, 2, 1))) / np.sqrt(4.0)),
    ]  # fmt: skip


def masks(inputs):
    words = inputs
    embedded = L.Embedding(6, 4)(words)
    mask = words != 0
    both = ops.logical_and(mask, words < 5)
    attended = L.MultiHeadAttention(2, 3)(embedded, embedded, attention_mask=mask[:, None] & mask[:, :, None])
    scaled = embedded * ops.cast(mask, "float32")[..., None]
    return [
        L.LSTM(3)(embedded, mask=mask),
        L.GRU(3, return_sequences=True)(embedded, mask=both),
        L.GlobalAveragePooling1D()(embedded, mask=ops.greater(words, 0)),
        L.Attention()([embedded, embedded], mask=[mask, mask]),
        attended,
        scaled,
        ops.sum(scaled, axis=1) / ops.cast(ops.sum(mask, axis=1, keepdims=True), "float32"),
        # An operation knows nothing of the mask that its operand has.
        L.GlobalAveragePooling1D()(L.Embedding(6, 4, mask_zero=True)(words) * 1.0),
    ]


def nested(x, s):
    """Models with operations in models, called twice, and layers that are shared."""
    place = L.Input((4,))
    inner = keras.Model(place, 1 - L.Dense(4, activation="tanh")(place) * place)
    dense = L.Dense(4)
    first = dense(inner(x) + x)
    second = dense(inner(first) / 2)
    merged = L.Add()([first, second]) + first
    return [first, second, merged, inner(ops.mean(s, axis=1)) @ constant(4, 4)]


def over(body, uses_y):
    def build():
        x, s = L.Input((4,), name="x"), L.Input((3, 4), name="s")
        h = L.Dense(4, activation="tanh", name="d")(x)
        if uses_y:
            return [x], body(x, h)
        return [x, s], body(h, L.Dense(4, name="e")(s))

    return build


def of_words():
    words = L.Input((5,), dtype="int32", name="words")
    return [words], masks(words)


CASES = {
    "arithmetic": over(arithmetic, True),
    "elementwise": over(elementwise, True),
    "reductions": over(reductions, False),
    "slices": over(slices, False),
    "rearrangements": over(rearrangements, False),
    "products": over(products, False),
    "masks": of_words,
    "nested": over(nested, False),
    "blocks": over(blocks, False),
}


def case(seed, name):
    keras.backend.clear_session()
    keras.utils.set_random_seed(seed)
    random = np.random.RandomState(seed)
    inputs, outputs = CASES[name]()
    # All of one dtype: the loss is taken of each.
    outputs = [o if o.dtype == "float32" else ops.cast(o, "float32") for o in outputs]
    model = keras.Model(inputs, outputs)
    randomize(model, random)
    model.compile(keras.optimizers.SGD(0.01), loss=["mse"] * len(outputs), run_eagerly=True)
    x = [
        random.randint(0, 6, (SAMPLES, 5)) * (np.arange(5) > 0) if place.dtype == "int32"
        else random.normal(0, 1, (SAMPLES, *place.shape[1:])).astype("float32")
        for place in inputs
    ]  # fmt: skip
    given = x if len(x) > 1 else x[0]
    # All at once: some outputs have no row for each sample.
    predict = lambda: [np.array(v) for v in model(given)]
    predictions = predict()
    model.save(FOLDER / f"{name}.keras")
    packed(FOLDER / f"{name}.keras")
    model.save(FOLDER / "whole.h5")
    # What an empty group takes in this format is mostly zeros.
    (FOLDER / f"{name}.h5.gz").write_bytes(gzip.compress((FOLDER / "whole.h5").read_bytes(), 9, mtime=0))
    (FOLDER / "whole.h5").unlink()
    labels = [random.normal(0, 1, v.shape).astype("float32") for v in predictions]
    # A step of the elementwise ones brings tanh to its bounds, where many of them jump: their gradients have to do.
    trains = name != "elementwise" and all(len(v.shape) > 0 and v.shape[0] == SAMPLES for v in predictions)
    told = {
        "classes": sorted({op.__class__.__name__ for op in model.operations if not isinstance(op, L.Layer)}),
        "inputs": [tensor(v) | ({"dtype": "int32"} if v.dtype.kind == "i" else {}) for v in x],
        "outputs": [tensor(v) for v in predictions],
        "gradients": [tensor(np.array(g)) for g in gradients(model, given, labels)],
        "labels": [tensor(v) for v in labels],
    }
    if trains:
        told["loss"] = float(as_list(model.train_on_batch(given, labels))[0])
        told["after"] = [tensor(v) for v in predict()]
    return told


def gradients(model, given, labels):
    """Of the sum of outputs times labels, in the trainable weights."""
    import jax

    trained = [v.value for v in model.trainable_variables]
    fixed = [v.value for v in model.non_trainable_variables]

    def loss(values):
        outputs, _ = model.stateless_call(values, fixed, given)
        return sum((o * l).sum() for o, l in zip(outputs, labels))

    return jax.grad(loss)(trained)


def main():
    FOLDER.mkdir(parents=True, exist_ok=True)
    cases = {name: case(seed, name) for seed, name in enumerate(CASES)}
    lines = ",\n".join(f'"{name}":{json.dumps(value, separators=(",", ":"))}' for name, value in cases.items())
    made_by = json.dumps({"keras": keras.__version__, "backend": keras.backend.backend()})
    (FOLDER / "cases.json").write_text(f'{{\n"madeBy":{made_by},\n"cases":{{\n{lines}\n}}\n}}\n')
    classes = {c for told in cases.values() for c in told["classes"]}
    print(f"operations: {len(cases)} models, {sum(len(c['outputs']) for c in cases.values())} outputs, {len(classes)} classes")


if __name__ == "__main__":
    main()
