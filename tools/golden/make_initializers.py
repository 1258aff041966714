"""initializers.json: what each initializer's draws must look like, and the statistics of one draw of Keras's."""

import os

os.environ["KERAS_BACKEND"] = "jax"

import math

import keras
import numpy as np

from golden_json import snake, write_cases

SHAPES = [[50, 80], [3, 3, 16, 32]]
# A normal distribution cut at two standard deviations keeps this part of its standard deviation (scipy.stats.truncnorm).
CUT = 0.87962566103423978

SETTINGS = [
    ("glorotUniform", {}), ("glorotNormal", {}), ("heUniform", {}), ("heNormal", {}), ("lecunUniform", {}),
    ("lecunNormal", {}), ("randomNormal", {}), ("randomNormal", {"mean": 1.0, "stddev": 0.2}), ("randomUniform", {}),
    ("randomUniform", {"minval": -0.1, "maxval": 0.3}), ("truncatedNormal", {}),
    ("truncatedNormal", {"mean": 0.5, "stddev": 0.1}), ("zeros", {}), ("ones", {}), ("constant", {"value": 0.25}),
]
# Initializers without chance, whose values are compared one by one.
EXACT = [
    ("stft", {}, [16, 1, 9]), ("stft", {"side": "imag", "scaling": "spectrum"}, [16, 1, 9]),
    ("stft", {"window": None, "scaling": None}, [5, 1, 3]),
    ("stft", {"window": [0.5, 1.0, 2.0, 1.0], "scaling": None, "side": "imag"}, [4, 1, 5]),
    *(
        ("stft", {"window": window, "periodic": periodic}, [length, 1, 3])
        for window in (
            "bartlett", "blackman", "blackmanharris", "boxcar", "cosine", "flattop", "hamming", "nuttall", "triang",
        )
        for periodic, length in ((False, 6), (True, 7))
    ),
]
SCALE = {"glorot": lambda i, o: 1 / ((i + o) / 2), "he": lambda i, o: 2 / i, "lecun": lambda i, o: 1 / i}


def expected(name, config, fan_in, fan_out):
    """(mean, standard deviation, lower bound, upper bound); a bound of None is open."""
    for family, scale in SCALE.items():
        if name.startswith(family):
            variance = scale(fan_in, fan_out)
            if name.endswith("Uniform"):
                limit = math.sqrt(3 * variance)
                return 0.0, math.sqrt(variance), -limit, limit
            limit = 2 * math.sqrt(variance) / CUT
            return 0.0, math.sqrt(variance), -limit, limit
    if name == "randomNormal":
        return config.get("mean", 0.0), config.get("stddev", 0.05), None, None
    if name == "randomUniform":
        low, high = config.get("minval", -0.05), config.get("maxval", 0.05)
        return (low + high) / 2, (high - low) / math.sqrt(12), low, high
    if name == "truncatedNormal":
        mean, deviation = config.get("mean", 0.0), config.get("stddev", 0.05)
        return mean, deviation * CUT, mean - 2 * deviation, mean + 2 * deviation
    value = {"zeros": 0.0, "ones": 1.0}.get(name, config.get("value"))
    return value, 0.0, value, value


def main():
    cases = []
    for name, config in SETTINGS:
        for shape in SHAPES:
            receptive = math.prod(shape[:-2])
            fan_in, fan_out = shape[-2] * receptive, shape[-1] * receptive
            mean, deviation, low, high = expected(name, config, fan_in, fan_out)
            options = {snake(k): v for k, v in config.items()}
            if name not in ("zeros", "ones", "constant"):
                options["seed"] = 23
            initializer = keras.initializers.get({"class_name": snake(name), "config": options})
            draw = np.asarray(initializer(shape), np.float64)
            # The draw agrees with the theory: the mean within 5 standard errors, the deviation within 5 %.
            assert abs(draw.mean() - mean) <= 5 * deviation / math.sqrt(draw.size) + 1e-7, (name, shape)
            assert abs(draw.std() - deviation) <= 0.05 * deviation + 1e-7, (name, shape, draw.std(), deviation)
            assert low is None or low - 1e-6 <= draw.min() and draw.max() <= high + 1e-6, (name, shape)
            cases.append({
                "initializer": name, "from": "keras", "config": config, "shape": shape, "fanIn": fan_in, "fanOut": fan_out,
                "expected": {"mean": mean, "standardDeviation": deviation, "minimum": low, "maximum": high},
                "draw": {"mean": float(draw.mean()), "standardDeviation": float(draw.std()),
                         "minimum": float(draw.min()), "maximum": float(draw.max())},
            })
    exact = []
    for name, config, shape in EXACT:
        initializer = keras.initializers.get({"class_name": snake(name), "config": config})
        exact.append({"initializer": name, "config": config, "shape": shape, "value": np.asarray(initializer(shape))})
    write_cases("initializers.json", cases, exact=exact)


if __name__ == "__main__":
    main()
