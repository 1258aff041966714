"""Patches of images and paths that CTC decoding finds, by Keras's `ops.image.extract_patches` and `ops.ctc_decode`."""

import os

os.environ["KERAS_BACKEND"] = "jax"

import keras
import numpy as np
from golden_json import write

random = np.random.RandomState(20)


def patches():
    for shape, options in [
        ((2, 6, 6, 3), {"size": 2}),
        ((1, 7, 5, 2), {"size": 2}),
        ((1, 7, 5, 2), {"size": [3, 2], "padding": "same"}),
        ((1, 7, 6, 2), {"size": 3, "strides": 1}),
        ((1, 7, 6, 1), {"size": [2, 3], "strides": [1, 2], "padding": "same"}),
        ((1, 9, 8, 2), {"size": 3, "strides": 1, "dilation_rate": 2}),
        ((1, 9, 8, 1), {"size": [2, 3], "strides": 1, "dilation_rate": [3, 2], "padding": "same"}),
        ((1, 2, 5, 6), {"size": 2, "strides": [1, 2], "data_format": "channels_first"}),
        ((1, 4, 5, 6, 2), {"size": [2, 2, 3]}),
        ((1, 4, 5, 3, 1), {"size": [2, 3, 2], "strides": [1, 1, 1], "padding": "same"}),
        ((1, 3, 3, 1), {"size": 4}),
    ]:
        images = random.standard_normal(shape).astype(np.float32)
        arguments = {k: tuple(v) if isinstance(v, list) else v for k, v in options.items()}
        try:
            out = np.asarray(keras.ops.image.extract_patches(images, **arguments))
        except ValueError:
            out = None
        yield {"options": options, "images": images, "output": out}


def paths():
    for options in [
        {},
        {"merge_repeated": False},
        {"mask_index": 3},
        {"strategy": "beam_search", "beam_width": 8, "top_paths": 3},
        {"strategy": "beam_search", "beam_width": 100, "top_paths": 2, "mask_index": 2},
        {"strategy": "beam_search", "beam_width": 2, "top_paths": 2},
    ]:
        for lengths in [[6, 6, 6], [6, 3, 1]]:
            logits = (2 * random.standard_normal((3, 6, 4))).astype(np.float32)
            decoded, scores = keras.ops.ctc_decode(logits, np.array(lengths, "int32"), **options)
            yield {
                "options": options,
                "lengths": lengths,
                "logits": logits,
                "decoded": np.asarray(decoded),
                "scores": np.asarray(scores),
            }


write("patches-and-paths.json", {"patches": list(patches())}, "paths", list(paths()))
