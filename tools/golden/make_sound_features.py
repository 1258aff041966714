"""What librosa makes of sounds: spectra, mel bands, MFCC, decibels, energy, zero crossings, and what is not silent.

Options are drawn at random from all that there are, so that they meet in many ways. Sounds are sums of numbers that a formula
gives (`noise`), which the test computes as well. librosa computes in float64. Writes packages/data/golden/sound-features.json.
Run by itself: librosa 0.11.0, SciPy and NumPy.
"""

import json
import pathlib
import warnings

import librosa
import numpy as np
import scipy

path = pathlib.Path(__file__).parents[2] / "packages/data/golden/sound-features.json"
random = np.random.RandomState(0)
warnings.filterwarnings("ignore", message="Empty filters")
warnings.filterwarnings("ignore", message="n_fft=.* is too large")
RATE = 8000
# At most so many values of a result are kept, evenly.
KEPT = 50


def sound(length, seed):
    """Noise of a linear congruence (Numerical Recipes), a tone, a pause in the middle: float32, as the test has it."""
    state = seed
    values = np.empty(length)
    for n in range(length):
        state = (1664525 * state + 1013904223) % 2**32
        values[n] = 0.2 * (state / 2**31 - 1)
    n = np.arange(length)
    loud = np.where((n % 1000 > 400) & (n % 1000 < 700), 1e-4, 1.0)
    tone = 0.5 * np.sin(2 * np.pi * (200 + seed) * n / RATE)
    return ((values + tone) * loud).astype("float32").astype("float64")


def pick(*values):
    return values[random.randint(len(values))]


def drawn():
    """Options of a short-time transform, by librosa's names."""
    n_fft = pick(64, 100, 128, 200, 255, 256, 400)
    options = {"n_fft": n_fft}
    if random.rand() < 0.5:
        options["win_length"] = int(random.randint(n_fft // 2, n_fft + 1))
    if random.rand() < 0.7:
        options["hop_length"] = int(random.randint(20, n_fft))
    if random.rand() < 0.5:
        options["window"] = pick("hann", "hamming", "blackman", "bartlett", "boxcar", "nuttall", "triang", "cosine")
    if random.rand() < 0.3:
        options["center"] = False
    if random.rand() < 0.6:
        options["pad_mode"] = pick("constant", "edge", "reflect", "symmetric")
    return options


def bands():
    options = drawn()
    options["n_mels"] = int(pick(8, 13, 24, 40))
    if random.rand() < 0.5:
        options["htk"] = True
    if random.rand() < 0.6:
        options["fmin"] = float(pick(0, 20, 133.3, 300))
    if random.rand() < 0.6:
        options["fmax"] = float(pick(2000, 3600, 4000))
    if random.rand() < 0.5:
        options["power"] = float(pick(1, 2, 1.5))
    return options


def camel(name):
    first, *others = {"fmin": "f_min", "fmax": "f_max", "amin": "a_min", "coef": "coefficient"}.get(name, name).split("_")
    return first + "".join(part.capitalize() for part in others)


def plain(value):
    if callable(value):
        return "max"
    if value == np.inf:
        return "Infinity"
    return value


cases = []


def kept(name, array):
    flat = np.asarray(array, dtype="float64").ravel()
    step = max(1, len(flat) // KEPT)
    return {"name": name, "step": step, "values": [float(f"{v:.9g}") for v in flat[::step]]}


def add(function, length, seed, options, **results):
    """Results are (bands, frames) as librosa has them; the file has (frames, bands)."""
    turned = {name: np.asarray(value).T for name, value in results.items()}
    shape = next(iter(turned.values())).shape
    cases.append(
        {
            "function": function,
            "length": length,
            "seed": seed,
            "options": {camel(name): plain(value) for name, value in options.items()},
            "shape": shape,
            "results": [kept(name, value) for name, value in turned.items()],
        }
    )


def main():
    for seed in range(30):
        length = int(random.randint(420, 2600))
        y = sound(length, seed)
        options = drawn()
        found = librosa.stft(y, **options)
        add("stft", length, seed, options, re=found.real, im=found.imag)
        power = float(pick(1, 2, 1.5))
        # The function behind librosa's features, whose hop is otherwise 512.
        hop = options.get("hop_length", options.get("win_length", options["n_fft"]) // 4)
        found, _ = librosa.core.spectrum._spectrogram(y=y, **{**options, "hop_length": hop}, power=power)
        add("spectrogram", length, seed, {**options, "power": power}, data=found)
        options = bands()
        if random.rand() < 0.6:
            options["norm"] = pick("slaney", None, 1.0, 2.0, np.inf)
        found = librosa.feature.melspectrogram(y=y, sr=RATE, dtype=np.float64, **options)
        add("melSpectrogram", length, seed, options, data=found)
        decibels = {}
        if random.rand() < 0.6:
            decibels["ref"] = pick(np.max, 0.5, 1e-12)
        if random.rand() < 0.5:
            decibels["amin"] = pick(1e-10, 1e-5, 1e-2)
        if random.rand() < 0.6:
            decibels["top_db"] = pick(None, 30.0, 80.0)
        add("powerToDb", length, seed, {"mel": {camel(k): plain(v) for k, v in options.items()}, **decibels}, data=librosa.power_to_db(found, **decibels))
        add("amplitudeToDb", length, seed, {"mel": {camel(k): plain(v) for k, v in options.items()}, **decibels}, data=librosa.amplitude_to_db(found, **decibels))
        options = bands()
        options["n_mfcc"] = int(random.randint(1, options["n_mels"] + 1))
        if random.rand() < 0.7:
            options["dct_type"] = int(pick(1, 2, 3, 4))
        if random.rand() < 0.5:
            options["norm"] = pick("ortho", None)
        if random.rand() < 0.5:
            options["lifter"] = float(pick(0, 10, 22))
        if random.rand() < 0.4:
            options["mel_norm"] = pick("slaney", None, 1.0)
        found = librosa.feature.mfcc(y=y, sr=RATE, dtype=np.float64, **options)
        add("mfcc", length, seed, options, data=found)
        if found.shape[1] >= 9:
            width, order = int(pick(3, 5, 9)), int(pick(1, 2))
            changes = {"width": width, "order": order}
            if random.rand() < 0.5:
                changes["mode"] = pick("interp", "nearest", "mirror", "constant", "wrap")
            add("delta", length, seed, {"mfcc": {camel(k): plain(v) for k, v in options.items()}, **changes}, data=librosa.feature.delta(found, **changes))
        framed = {"frame_length": int(pick(50, 128, 255)), "hop_length": int(random.randint(10, 150))}
        if random.rand() < 0.4:
            framed["center"] = False
        add("zeroCrossingRate", length, seed, framed, data=librosa.feature.zero_crossing_rate(y, **framed)[0])
        if random.rand() < 0.6:
            framed = {**framed, "pad_mode": pick("constant", "edge", "reflect", "symmetric")}
        add("rms", length, seed, framed, data=librosa.feature.rms(y=y, dtype=np.float64, **framed)[0])
        silence = {"frame_length": int(pick(50, 128, 256)), "hop_length": int(random.randint(10, 60)), "top_db": float(pick(10, 30, 60))}
        if random.rand() < 0.5:
            silence["ref"] = pick(np.max, 0.3, 2.0)
        # Silence about the sound, which is otherwise loud from its beginning.
        quiet = np.concatenate([np.zeros(700), y, np.zeros(500)])
        add("trim", length, seed, silence, data=librosa.effects.trim(quiet, **silence)[1])
        add("split", length, seed, silence, data=librosa.effects.split(quiet, **silence).T)
        options = pick({}, {"coef": 0.9}, {"coef": 0.95, "zi": 0.25})
        more = {**options, "zi": [options["zi"]]} if "zi" in options else options
        add("preEmphasis", length, seed, options, data=librosa.effects.preemphasis(y, **more))
    versions = {"librosa": librosa.__version__, "scipy": scipy.__version__, "numpy": np.__version__, "date": "2026-11-30"}
    lines = ",\n".join(json.dumps(case) for case in cases)
    path.write_text(f'{{"madeBy": {json.dumps(versions)},\n"cases": [\n{lines}\n]}}\n')
    print(len(cases), path.stat().st_size)


main()
