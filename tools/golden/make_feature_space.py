"""feature-space.json: what keras.utils.FeatureSpace makes of tables; keras-files/feature_space.keras: a model that begins with one.

Needs TensorFlow beside Keras, as make_preprocessing_tables.py does.
"""

import os

os.environ["KERAS_BACKEND"] = "tensorflow"
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"

import keras
import numpy as np
import tensorflow as tf

import golden_json
from golden_json import FOLDER, line, snake

FeatureSpace = keras.utils.FeatureSpace
random = np.random.RandomState(41)
cases = []

ROWS = 90
TABLE = {
    "age": np.round(random.normal(40, 12, ROWS), 1).astype(np.float32),
    "rooms": random.randint(1, 7, ROWS).astype(np.int64),
    "city": random.choice(["Ulm", "Köln", "東京", "Bern", "Oslo"], ROWS, p=[0.4, 0.3, 0.15, 0.1, 0.05]),
    "kind": random.choice(["flat", "house"], ROWS),
}
#: Rows to encode: some of the table's, then values that adapt has not seen.
GIVEN = {
    "age": np.float32([TABLE["age"][0], TABLE["age"][7], -3.5, 140.0]),
    "rooms": np.int64([TABLE["rooms"][0], TABLE["rooms"][7], 99, -1]),
    "city": np.array([TABLE["city"][0], TABLE["city"][7], "", "Rom"]),
    "kind": np.array([TABLE["kind"][0], TABLE["kind"][7], "house", "boat"]),
}


def value(x):
    return np.asarray(x, np.float32) if np.asarray(x).dtype.kind == "f" else np.asarray(x).tolist()


def spec(told):
    """A kind by its name, or with options: ["floatRescaled", {"scale": 2}]."""
    if isinstance(told, str):
        return snake(told)
    kind, options = told
    options = {snake(k): {"oneHot": "one_hot"}.get(v, v) if isinstance(v, str) else v for k, v in options.items()}
    if kind == "normalization":
        return FeatureSpace.feature(dtype="float32", preprocessor=keras.layers.Normalization(**options), output_mode="float")
    return getattr(FeatureSpace, snake(kind))(**options)


def space(features, **options):
    crosses = [FeatureSpace.cross(tuple(c["featureNames"]), c["crossingDim"], c["outputMode"]) if isinstance(c, dict) else tuple(c) for c in options.get("crosses", [])]
    rest = {snake(k): v for k, v in options.items() if k != "crosses"}
    for name in rest:
        rest[name] = {"oneHot": "one_hot"}.get(rest[name], rest[name])
    # Options of a cross come in Keras's words.
    for cross in crosses:
        if not isinstance(cross, tuple):
            cross.output_mode = {"oneHot": "one_hot"}.get(cross.output_mode, cross.output_mode)
    return FeatureSpace({name: spec(told) for name, told in features.items()}, crosses=crosses, **rest)


def case(features, single=False, batched=None, **options):
    names = list(features)
    built = space(features, **options)
    table = {name: TABLE[name] for name in names}
    dataset = tf.data.Dataset.from_tensor_slices(table)
    built.adapt(dataset if batched is None else dataset.batch(batched))
    given = {name: GIVEN[name][0] if single else GIVEN[name] for name in names}
    output = built({k: tf.constant(v) for k, v in given.items()})
    row = {"features": features, "options": options, "given": {k: value(v) for k, v in given.items()}}
    if batched is not None:
        row["batched"] = batched
    as_golden = lambda x: np.asarray(x)
    if isinstance(output, dict):
        row["outputs"] = {name: as_golden(x) for name, x in output.items()}
    else:
        row["output"] = as_golden(output)
    cases.append(row)
    return built


FLOATS = {"age": "floatNormalized"}
ALL = {"rooms": "integerCategorical", "age": "floatNormalized", "kind": "stringCategorical", "city": "stringHashed"}
case(ALL)
case(ALL, crosses=[["kind", "rooms"], ["city", "kind"]], crossingDim=11, hashingDim=6)
case(ALL, single=True)
case(ALL, batched=25, crosses=[["kind", "rooms"]], outputMode="dict")
case(ALL, single=True, outputMode="dict")
case({"age": "float", "rooms": "integerHashed"}, hashingDim=9)
case({"age": ["floatRescaled", {"scale": 0.5, "offset": -2.0}], "city": ["stringCategorical", {"maxTokens": 4, "numOovIndices": 2}]})
case({"age": ["floatDiscretized", {"numBins": 5}], "kind": "stringCategorical"}, crosses=[["age", "kind"]], crossingDim=8)
case({"age": "floatDiscretized"}, numDiscretizationBins=4, batched=40)
case({"age": ["floatDiscretized", {"numBins": 3, "outputMode": "int"}], "rooms": ["integerCategorical", {"outputMode": "int", "maxTokens": 4}], "city": ["stringHashed", {"numBins": 7, "outputMode": "int"}]},
     outputMode="dict", crosses=[{"featureNames": ["rooms", "city"], "crossingDim": 13, "outputMode": "int"}])
case({"age": ["normalization", {"mean": 40.0, "variance": 100.0}], "kind": "stringCategorical"})

built = space(ALL, crosses=[["kind", "rooms"]], crossingDim=5, hashingDim=4)
built.adapt(tf.data.Dataset.from_tensor_slices(TABLE))
keras.utils.set_random_seed(3)
model = keras.Model(built.get_inputs(), keras.layers.Dense(2)(built.get_encoded_features()))
model.save(FOLDER / "keras-files" / "feature_space.keras")
whole = {"file": "feature_space.keras", "given": {k: value(v.reshape(-1, 1)) for k, v in GIVEN.items()},
         "predictions": np.asarray(model({k: tf.constant(v.reshape(-1, 1)) for k, v in GIVEN.items()}), np.float32)}

text = "{\n\"madeBy\":" + line({"keras": keras.__version__, "tensorflow": tf.__version__, "numpy": np.__version__, "date": golden_json.DATE})
text += ",\n\"table\":" + line({k: value(v) for k, v in TABLE.items()}) + ",\n\"model\":" + line(whole)
text += ",\n\"cases\":[\n" + ",\n".join(line(row) for row in cases) + "\n]\n}\n"
(FOLDER / "feature-space.json").write_text(text)
print(len(cases), "cases,", len(text) // 1024, "KiB")
