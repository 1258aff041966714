"""preprocessing-sound.json: Keras's spectrograms of short signals, in the format of layers without gradients."""

import os

os.environ["KERAS_BACKEND"] = "jax"

import keras
import numpy as np

from golden_json import snake, write_cases

random = np.random.RandomState(9)
cases = []


def layer(name, x, **config):
    target = getattr(keras.layers, name)(**{snake(k): {"channelsFirst": "channels_first"}.get(v, v) if isinstance(v, str) else v for k, v in config.items()})
    cases.append({"layer": name, "config": config, "input": x, "output": np.asarray(target(x))})


signal = np.round(random.standard_normal((2, 70, 2)), 2).astype(np.float32)
for mode in ("log", "magnitude", "psd", "real", "imag", "angle", "stft"):
    layer("STFTSpectrogram", signal, mode=mode, frameLength=16, frameStep=12)
layer("STFTSpectrogram", signal, mode="magnitude", frameLength=12, fftLength=32, window="hamming", scaling="spectrum", periodic=True)
layer("STFTSpectrogram", signal, mode="psd", frameLength=16, padding="same", expandDims=True, scaling=None, window=None)
layer("STFTSpectrogram", signal.transpose(0, 2, 1), mode="magnitude", frameLength=16, dataFormat="channelsFirst")
layer("STFTSpectrogram", signal.transpose(0, 2, 1), mode="stft", frameLength=32, dataFormat="channelsFirst", expandDims=True)
wave = np.round(np.sin(np.arange(200) * 0.31) + 0.1 * random.standard_normal((2, 200)), 3).astype(np.float32)
mel = {"fftLength": 64, "sequenceStride": 32, "numMelBins": 10, "samplingRate": 8000}
layer("MelSpectrogram", wave, **mel)
layer("MelSpectrogram", wave[0], **mel)
layer("MelSpectrogram", wave, **mel, sequenceLength=40, window="hamming", powerToDb=False)
layer("MelSpectrogram", wave, **mel, magExp=1.0, topDb=20.0, refPower=4.0, minFreq=100.0, maxFreq=3000.0)
layer("MelSpectrogram", wave, **mel, window=None, minPower=1e-3)
write_cases("preprocessing-sound.json", cases)
