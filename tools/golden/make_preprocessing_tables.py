"""preprocessing-tables.json: Keras's layers for numbers, categories and texts, what adapt finds and what they give.

Needs TensorFlow beside Keras (the layers of strings are built on it), which requirements.txt does not name:
tensorflow-cpu 2.21.0.
"""

import os

os.environ["KERAS_BACKEND"] = "tensorflow"
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"

import keras
import numpy as np
import tensorflow as tf

import golden_json
from golden_json import FOLDER, line, snake

random = np.random.RandomState(31)
cases = []
NAMES = {"oneHot": "one_hot", "multiHot": "multi_hot", "tfIdf": "tf_idf"}


def nested(value):
    """Strings and whole numbers as nested lists; floats through the writer of golden values."""
    return value.tolist() if isinstance(value, np.ndarray) and value.dtype.kind in "iOUS" else value


def case(layer, inputs, adapt=None, stream=None, note=None, call=None, **config):
    """`adapt` is one array, `stream` a list of batches."""
    options = {snake(key): NAMES.get(value, value) if isinstance(value, str) else value for key, value in config.items()}
    for name in ("salt", "ngrams"):
        if isinstance(options.get(name), list):
            options[name] = tuple(options[name])
    target = getattr(keras.layers, layer)(**options)
    kind = np.asarray(inputs[0] if layer == "HashedCrossing" else inputs).dtype.kind
    dataset = lambda: tf.data.Dataset.from_generator(
        lambda: iter(stream), output_signature=tf.TensorSpec(shape=None, dtype=tf.as_dtype(np.asarray(stream[0]).dtype) if np.asarray(stream[0]).dtype.kind != "U" else tf.string)
    )
    if adapt is not None:
        target.adapt(adapt)
    if stream is not None:
        # Normalization looks at the dataset's static shape: a list of batches is the same to it.
        target.adapt([np.asarray(b) for b in stream] if layer in ("Normalization", "Discretization") else dataset())
    given = [np.asarray(x) for x in inputs] if layer == "HashedCrossing" else (np.asarray(inputs) if kind == "f" else inputs)
    output = target(given if isinstance(given, (list, np.ndarray)) else np.asarray(given), **(call or {}))
    row = {"layer": layer, "config": config, "inputs": inputs if isinstance(inputs, list) else nested(np.asarray(inputs)) if kind != "f" else np.asarray(inputs, np.float32)}
    if adapt is not None:
        row["adapt"] = nested(np.asarray(adapt)) if np.asarray(adapt).dtype.kind != "f" else np.asarray(adapt, np.float32)
    if stream is not None:
        row["stream"] = [nested(np.asarray(b)) if np.asarray(b).dtype.kind != "f" else np.asarray(b, np.float32) for b in stream]
    if call:
        row["call"] = {"countWeights": np.asarray(call["count_weights"], np.float32)}
    if hasattr(target, "get_vocabulary"):
        row["vocabulary"] = [str(t) if not isinstance(t, (int, np.integer)) else int(t) for t in target.get_vocabulary()]
    if layer == "Discretization":
        row["boundaries"] = [np.float32(b) for b in target.bin_boundaries]
    if layer == "Normalization" and target.input_mean is None:
        row["mean"], row["variance"] = np.asarray(target.adapt_mean), np.asarray(target.adapt_variance)
    if isinstance(output, tf.RaggedTensor):
        row["rows"] = output.to_list()
    else:
        array = np.asarray(output)
        if array.dtype.kind in "OSU":
            row["strings"] = np.vectorize(lambda b: b.decode() if isinstance(b, bytes) else b)(array).tolist()
        else:
            row["output"] = array
    if note:
        row["note"] = note
    cases.append(row)


def f(*shape, scale=1.0, offset=0.0):
    return (np.round(random.standard_normal(shape), 3) * scale + offset).astype(np.float32)


# Normalization
x = f(6, 3, scale=4, offset=7)
case("Normalization", x[:2], adapt=x)
case("Normalization", x[:2], stream=[x[:2], x[2:3], x[3:]])
case("Normalization", x[:2], adapt=x, axis=None)
case("Normalization", x[:2], adapt=x, invert=True)
case("Normalization", f(2, 3, 2), adapt=f(5, 3, 2), axis=1)
case("Normalization", f(2, 3, 2), adapt=f(5, 3, 2), axis=[1, 2])
case("Normalization", f(2, 3, 2), stream=[f(4, 3, 2), f(1, 3, 2)], axis=[-1, 1])
case("Normalization", f(2, 3), mean=[1.0, 2.0, 3.0], variance=[1.0, 4.0, 0.25])
case("Normalization", f(2, 3), mean=3.0, variance=2.0)
case("Normalization", f(2, 3, 2), axis=[1, 2], mean=[1.0, 2.0], variance=[4.0, 9.0], note="the mean's axis is the last kept one")
case("Normalization", np.float32([[5, 1], [5, 2]]), adapt=np.float32([[5, 1], [5, 3]]), note="a column that does not vary")
case("Normalization", np.float32([[1e6 + 1], [1e6 + 2]]), adapt=np.float32([[1e6 + 1], [1e6 + 2], [1e6 + 3]]), note="a mean far from 0")

# Discretization
case("Discretization", np.float32([[-1.5, 1.0, 3.4, 0.5], [0.0, 3.0, 1.3, 0.0]]), binBoundaries=[0.0, 1.0, 2.0])
for mode in ("oneHot", "multiHot", "count"):
    case("Discretization", np.float32([[-1.5, 1.0, 3.4, 0.5], [0.0, 3.0, 1.3, 0.0]]), binBoundaries=[0.0, 1.0, 2.0], outputMode=mode)
case("Discretization", np.float32([[0.5], [2.5]]), binBoundaries=[0.0, 1.0, 2.0], outputMode="oneHot")
case("Discretization", np.float32([np.inf, -np.inf, 0.0, -0.0, np.nan]), binBoundaries=[0.0, 1.0])
case("Discretization", f(8), adapt=f(20), numBins=4)
case("Discretization", f(8), adapt=f(1000), numBins=7)
case("Discretization", f(8), adapt=f(137, 2), numBins=5, epsilon=0.1)
case("Discretization", f(8), stream=[f(64), f(64, scale=2), f(31, offset=1)], numBins=6)
case("Discretization", f(8), stream=[f(300), f(400, offset=3)], numBins=3, epsilon=0.05)
case("Discretization", np.float32([1, 2, 3]), adapt=np.float32([1, 1, 1, 2, 2, 3]), numBins=3, note="ties")
case("Discretization", np.float32([1, 2]), adapt=np.float32([4]), numBins=2, note="one sample")

# CategoryEncoding
for mode in ("oneHot", "multiHot", "count"):
    case("CategoryEncoding", [[3, 2, 0, 1], [1, 1, 1, 2]], numTokens=4, outputMode=mode)
    case("CategoryEncoding", [3, 2, 0, 1], numTokens=5, outputMode=mode)
    case("CategoryEncoding", [[3], [2]], numTokens=4, outputMode=mode)
case("CategoryEncoding", [[[0, 1], [2, 2]], [[1, 1], [0, 3]]], numTokens=4, outputMode="oneHot")
case("CategoryEncoding", [[0, 1], [0, 0], [1, 2], [3, 1]], numTokens=4, outputMode="count",
     call={"count_weights": np.float32([[0.1, 0.2], [0.1, 0.1], [0.2, 0.3], [0.4, 0.2]])})

# Hashing
words = [["A", "bb", ""], ["a longer one than sixteen bytes", "日本語", "x" * 70], ["z" * 40, "🙂", "A"]]
case("Hashing", words, numBins=1000)
case("Hashing", words, numBins=5, maskValue="")
case("Hashing", words, numBins=1_000_003, salt=1337)
case("Hashing", words, numBins=1_000_003, salt=[133, 137])
case("Hashing", [[1, 2, -3], [0, 2**40, -(2**31)]], numBins=1000)
case("Hashing", [[1, 2, -3], [0, 7, 7]], numBins=7, maskValue=7, salt=3)
case("Hashing", words, numBins=1, maskValue="A", note="one bin, where a mask has none of its own")
case("Hashing", [["A"], ["B"]], numBins=3, outputMode="oneHot")
case("Hashing", [["A", "B", "A"]], numBins=3, outputMode="count")
case("Hashing", [["A", "B", "A"]], numBins=3, outputMode="multiHot")
case("HashedCrossing", [["A", "B", "A", "B", "日本"], [101, 101, 101, 102, 102]], numBins=5)
case("HashedCrossing", [["A", "B", "A", "B", "A"], ["x", "y", "x", "y", "z"], ["1", "2", "", "4", "5"]], numBins=100_003)
case("HashedCrossing", [[1, -2], [3, 2**40]], numBins=1_000_003)
case("HashedCrossing", [[["A"], ["B"]], [["x"], ["y"]]], numBins=4, outputMode="oneHot")

# IntegerLookup
numbers = [[12, 1138, 42], [42, 1000, 36], [-7, 0, 2**40]]
case("IntegerLookup", numbers, vocabulary=[12, 36, 1138, 42])
case("IntegerLookup", numbers, vocabulary=[12, 36, 1138, 42], numOovIndices=2)
case("IntegerLookup", numbers, vocabulary=[12, 36, 1138, 42], numOovIndices=3, oovMethod="farmhash")
case("IntegerLookup", numbers, vocabulary=[12, 36, 1138, 42], numOovIndices=3, oovMethod="farmhash", salt=[5, 6])
case("IntegerLookup", numbers, vocabulary=[12, 36, 1138, 42], maskToken=0)
case("IntegerLookup", numbers, vocabulary=[0, -1, 12, 36, 1138, 42], maskToken=0, note="special tokens in front")
case("IntegerLookup", [[12, 36]], vocabulary=[12, 36], numOovIndices=0)
for mode in ("oneHot", "multiHot", "count"):
    case("IntegerLookup", [[12, 36, 12], [1, 42, 0]], vocabulary=[12, 36, 42], outputMode=mode, maskToken=0)
case("IntegerLookup", [[12, 36, 12]], vocabulary=[12, 36], outputMode="multiHot", padToMaxTokens=True, maxTokens=6)
case("IntegerLookup", [[12, 36, 12], [42, 1, 7]], vocabulary=[12, 36, 42], outputMode="tfIdf", idfWeights=[0.25, 0.75, 0.4])
case("IntegerLookup", [[1, 3, 0, 9]], vocabulary=[12, 36, 1138], invert=True)
case("IntegerLookup", [[1, 3, 0, 9]], vocabulary=[12, 36, 1138], invert=True, maskToken=0)
case("IntegerLookup", [[5, 3, 9]], adapt=np.int64([[5, 3, 3], [9, 5, 3], [9, 1, -1]]))
case("IntegerLookup", [[5, 3, 9]], adapt=np.int64([[5, 3, 3], [9, 5, 3], [9, 1, -1]]), maxTokens=3)
case("IntegerLookup", [[5, 3, 9]], stream=[np.int64([[5, 3]]), np.int64([[7, 7]])])
case("IntegerLookup", [[5, 3, 9]], adapt=np.int64([[5, 3, 3], [9, 5, 3]]), outputMode="tfIdf")

# StringLookup
texts = [["a", "c", "d"], ["d", "z", "b"]]
case("StringLookup", texts, vocabulary=["a", "b", "c", "d"])
case("StringLookup", texts, vocabulary=["a", "b"], numOovIndices=3)
case("StringLookup", texts, vocabulary=["a", "b"], numOovIndices=3, salt=11)
case("StringLookup", texts, vocabulary=["a", "b"], maskToken="z")
case("StringLookup", [["a", ""]], vocabulary=["a", "b"], maskToken="")
case("StringLookup", texts, vocabulary=["", "[UNK]", "a", "b"], maskToken="", note="special tokens in front")
for mode in ("oneHot", "multiHot", "count"):
    case("StringLookup", texts, vocabulary=["a", "b", "c", "d"], outputMode=mode)
case("StringLookup", ["a", "z"], vocabulary=["a", "b"], outputMode="oneHot")
case("StringLookup", texts, vocabulary=["a", "b", "c", "d"], outputMode="tfIdf", idfWeights=[0.25, 0.75, 0.6, 0.4])
case("StringLookup", texts, vocabulary=["a", "b"], outputMode="tfIdf", idfWeights=[0.25, 0.75], padToMaxTokens=True, maxTokens=5)
case("StringLookup", texts, adapt=np.array([["a", "c", "d"], ["d", "a", "b"], ["é", "🙂", "～"]]), note="ties by code points")
case("StringLookup", texts, adapt=np.array(["a", "c", "d", "d", "a", "b"]), maxTokens=4)
case("StringLookup", texts, adapt=np.array([["a", "c", "d"], ["d", "a", "b"]]), outputMode="tfIdf")
case("StringLookup", texts, adapt=np.array(["a", "c", "d", "d", "a", "b"]), outputMode="tfIdf", note="each string a document")
case("StringLookup", texts, stream=[np.array(["a", "c", "d"]), np.array(["d", "a"])], outputMode="tfIdf", note="each batch a document")
case("StringLookup", texts, stream=[np.array([["a"], ["c"]]), np.array([["d"], ["a"]])], outputMode="count")
case("StringLookup", [[1, 3, 0, 9]], vocabulary=["a", "b", "c"], invert=True)
case("StringLookup", [[1, 3, 0, 9]], vocabulary=["a", "b", "c"], invert=True, maskToken="")

# TextVectorization
corpus = ["The quick  brown fox!", "jumped over: the LAZY dog's back.", "", "  fox\tfox\nfox ", "Ünïcode ÉCLAIR, 日本 語 and İ"]
for mode in ("int", "multiHot", "count", "tfIdf"):
    case("TextVectorization", corpus, adapt=np.array(corpus), outputMode=mode)
case("TextVectorization", corpus, adapt=np.array(corpus), outputSequenceLength=4)
case("TextVectorization", corpus, adapt=np.array(corpus), outputSequenceLength=9)
case("TextVectorization", [[t] for t in corpus], adapt=np.array([[t] for t in corpus]))
case("TextVectorization", corpus, adapt=np.array(corpus), maxTokens=6)
case("TextVectorization", corpus, adapt=np.array(corpus), ngrams=2)
case("TextVectorization", corpus, adapt=np.array(corpus), ngrams=3, outputMode="count")
for standardize in ("lower", "stripPunctuation", None):
    config = {"standardize": standardize}
    NAMES["stripPunctuation"] = "strip_punctuation"
    case("TextVectorization", corpus, adapt=np.array(corpus), **config)
case("TextVectorization", corpus, adapt=np.array(corpus), split="character")
case("TextVectorization", ["ab", "ba b"], adapt=np.array(["ab", "abb c"]), split="character", ngrams=2)
case("TextVectorization", corpus, adapt=np.array(corpus), split=None)
case("TextVectorization", corpus, adapt=np.array(corpus), ragged=True)
case("TextVectorization", corpus, adapt=np.array(corpus), ragged=True, outputSequenceLength=2)
case("TextVectorization", corpus, vocabulary=["fox", "the", "日本"], outputMode="tfIdf", idfWeights=[0.5, 0.25, 2.0])
case("TextVectorization", corpus, vocabulary=["fox", "the"], outputMode="multiHot", padToMaxTokens=True, maxTokens=5)
case("TextVectorization", corpus, stream=[np.array(corpus[:2]), np.array(corpus[2:])], outputMode="tfIdf")
case("TextVectorization", ["a!\"#$%&()*+,-./:;<=>?@[\\]^_`{|}~'b", "x y　z w"], adapt=np.array(["x"]), note="punctuation and spaces")

# Texts at random: ASCII's spaces, punctuation, digits and letters of both cases, code points of two to four bytes, controls.
alphabet = list(" \t\n\v\f\r  eEtTaAoOzZ{[@`'-.,!0189_~") + ["é", "Ω", "日", "𝒳", "🙂", "\u00a0", "\u2003", "\u0085", "\x01", "\x1f", "\x7f"]
sentences = ["".join(alphabet[i] for i in random.randint(0, len(alphabet), random.randint(0, 60))) for _ in range(24)]
for options in ({}, {"split": "character"}, {"standardize": None}, {"standardize": "lower", "ngrams": [3, 1]}, {"standardize": "stripPunctuation", "outputSequenceLength": 3}):
    case("TextVectorization", sentences[:12], adapt=np.array(sentences[6:]), note="texts at random", **options)

text = "{\n\"madeBy\":" + line({"keras": keras.__version__, "tensorflow": tf.__version__, "numpy": np.__version__, "date": golden_json.DATE})
text += ",\n\"cases\":[\n" + ",\n".join(line(row) for row in cases) + "\n]\n}\n"
(FOLDER / "preprocessing-tables.json").write_text(text)
print(len(cases), "cases,", len(text) // 1024, "KiB")
