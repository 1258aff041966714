"""Random functional graphs as Keras has saved them: packages/typegrad/golden/graphs/.

Layers called several times, models within models within models, models called twice, outputs of which one is used, inputs
that are outputs, one tensor as two outputs, calls with options: with predictions, and predictions after a training step.
"""

import json
import os
import pathlib
import zipfile

os.environ.setdefault("KERAS_BACKEND", "jax")

import keras
import numpy as np

FOLDER = pathlib.Path(__file__).parents[2] / "packages/typegrad/golden/graphs"
L = keras.layers
COUNT = 36


class Graph:
    """Grows a model of vectors (4) and sequences (3, 4) by calls that are drawn at random."""

    def __init__(self, random, depth):
        self.random = random
        self.depth = depth
        self.layers = {"vector": [], "sequence": []}

    def pick(self, items):
        return items[self.random.randint(len(items))]

    def chance(self, share):
        return self.random.rand() < share

    def vector_layer(self):
        kind = self.pick(["dense", "dense", "norm", "batch", "inner", "inner", "sequential"])
        if kind == "dense":
            return L.Dense(4, activation=self.pick(["tanh", "relu", None]), kernel_regularizer=self.pick(["l2", None]))
        if kind == "norm":
            return L.LayerNormalization()
        if kind == "batch":
            return L.BatchNormalization(momentum=0.8)
        if kind == "sequential" or self.depth == 0:
            return keras.Sequential([L.Input((4,)), L.Dense(5, activation="tanh"), L.Dense(4)])
        return Graph(self.random, self.depth - 1).model(["vector"], ["vector"])

    def new_or_known(self, kind, make):
        known = self.layers[kind]
        if known and self.chance(0.5):
            return self.pick(known)
        known.append(make())
        return known[-1]

    def sequence_layer(self):
        return self.pick(
            [
                lambda: L.MultiHeadAttention(2, 3),
                lambda: L.Attention(use_scale=True),
                lambda: L.LSTM(4, return_sequences=True, return_state=True),
                lambda: L.TimeDistributed(L.Dense(4)),
                lambda: L.Conv1D(4, 2, padding="causal"),
            ]
        )()

    def step(self, tensors):
        """One more call; `tensors` holds what there is, by kind."""
        vectors, sequences = tensors["vector"], tensors["sequence"]
        kind = self.pick(["vector"] * 3 + ["merge"] * 2 + (["sequence"] * 3 if sequences else []) + ["two"])
        if kind == "vector":
            vectors.append(self.new_or_known("vector", self.vector_layer)(self.pick(vectors)))
        elif kind == "merge":
            merge = self.pick([L.Add, L.Multiply, L.Subtract, L.Average, L.Maximum])
            a, b = self.pick(vectors), self.pick(vectors)
            vectors.append(merge()([a, b]))
        elif kind == "two" and self.depth > 0:
            inner = Graph(self.random, self.depth - 1).model(["vector", "vector"], ["vector", "vector"])
            outputs = inner([self.pick(vectors), self.pick(vectors)])
            # One of them may stay unused.
            vectors.append(self.pick(outputs))
            if self.chance(0.5):
                vectors.append(inner([self.pick(vectors), outputs[0]])[1])
        elif kind == "sequence":
            layer = self.new_or_known("sequence", self.sequence_layer)
            x, y = self.pick(sequences), self.pick(sequences)
            if isinstance(layer, L.MultiHeadAttention):
                options = {"use_causal_mask": True} if self.chance(0.5) else {}
                if self.chance(0.3):
                    out, scores = layer(x, y, return_attention_scores=True, **options)
                else:
                    out = layer(x, y, key=self.pick(sequences), **options)
            elif isinstance(layer, L.Attention):
                out = layer([x, y], use_causal_mask=self.chance(0.5))
            elif isinstance(layer, L.LSTM):
                options = {"initial_state": [self.pick(vectors), self.pick(vectors)]} if self.chance(0.6) else {}
                out, h, c = layer(x, **options)
                vectors.append(self.pick([h, c]))
            else:
                out = layer(x)
            sequences.append(out)

    def model(self, inputs, outputs, name=None):
        places = [L.Input((4,) if kind == "vector" else (3, 4)) for kind in inputs]
        tensors = {"vector": [], "sequence": []}
        for kind, place in zip(inputs, places):
            tensors[kind].append(place)
        for _ in range(self.random.randint(3, 8) if self.depth > 0 else self.random.randint(2, 4)):
            self.step(tensors)
        # All inputs lead somewhere.
        vectors = tensors["vector"]
        pooled = [L.GlobalAveragePooling1D()(x) for x in tensors["sequence"]]
        last = L.Add()([*vectors, *pooled]) if len(vectors) + len(pooled) > 1 else vectors[0]
        ends = [L.Dense(4)(last)]
        while len(ends) < len(outputs):
            ends.append(self.pick([*vectors, ends[0]]))
        self.random.shuffle(ends)
        return keras.Model(places, ends if len(ends) > 1 else ends[0])


def randomize(model, random):
    for weight in model.weights:
        value = random.normal(0, 0.3, weight.shape)
        weight.assign(np.abs(value) + 0.5 if "variance" in weight.path else value)


def tensor(array):
    return {"shape": list(array.shape), "dtype": "float32", "data": [float(f"{v:.7g}") for v in np.ravel(array)]}


def packed(path):
    """The archive with its files compressed, and without the date."""
    with zipfile.ZipFile(path) as archive:
        files = {name: archive.read(name) for name in archive.namelist() if name != "metadata.json"}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name in sorted(files):
            archive.writestr(zipfile.ZipInfo(name, (2026, 1, 1, 0, 0, 0)), files[name], zipfile.ZIP_DEFLATED, 9)


def as_list(value):
    return value if isinstance(value, list) else [value]


def case(seed):
    keras.backend.clear_session()
    keras.utils.set_random_seed(seed)
    random = np.random.RandomState(seed)
    kinds = [["vector"], ["vector", "sequence"], ["sequence", "vector", "vector"]][seed % 3]
    outputs = ["vector"] * (1 + seed % 4)
    model = Graph(random, 2).model(kinds, outputs)
    randomize(model, random)
    optimizer = keras.optimizers.SGD(0.05) if seed % 2 else keras.optimizers.Adam(0.01)
    # Not compiled: a program for each model would take longer than all else.
    model.compile(optimizer, loss=["mse"] * len(model.outputs), run_eagerly=True)
    x = [random.normal(0, 1, (3, *place.shape[1:])).astype("float32") for place in model.inputs]
    y = [random.normal(0, 1, (3, 4)).astype("float32") for _ in model.outputs]
    given, wanted = (x if len(x) > 1 else x[0]), (y if len(y) > 1 else y[0])
    predictions = as_list(model.predict(given, verbose=0))
    name = f"graph-{seed:02d}"
    model.save(FOLDER / f"{name}.keras")
    packed(FOLDER / f"{name}.keras")
    if seed % 4 == 0:
        model.save(FOLDER / f"{name}.h5")
    weights = [[v.path.split("/")[-1], list(v.shape)] for v in model.weights]
    loss = as_list(model.train_on_batch(given, wanted))[0]
    after = as_list(model.predict(given, verbose=0))
    calls = sum(len(op._inbound_nodes) for op in model.operations)
    return name, {
        "layers": len(model.layers),
        "calls": calls,
        "weights": weights,
        "inputs": [tensor(v) for v in x],
        "labels": [tensor(v) for v in y],
        "outputs": [tensor(v) for v in predictions],
        "loss": float(loss),
        "after": [tensor(v) for v in after],
    }


def main():
    FOLDER.mkdir(parents=True, exist_ok=True)
    cases = dict(case(seed) for seed in range(COUNT))
    lines = ",\n".join(f'"{name}":{json.dumps(value, separators=(",", ":"))}' for name, value in cases.items())
    made_by = json.dumps({"keras": keras.__version__, "backend": keras.backend.backend()})
    (FOLDER / "cases.json").write_text(f'{{\n"madeBy":{made_by},\n"cases":{{\n{lines}\n}}\n}}\n')
    print(f"graphs: {len(cases)} models, {sum(c['calls'] for c in cases.values())} calls")


if __name__ == "__main__":
    main()
