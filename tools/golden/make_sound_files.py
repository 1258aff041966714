"""Small sounds of every format, what soundfile (libsndfile) reads from them, and other rates by SciPy.

Writes packages/data/golden/sounds/ (the files, and sounds.json). Run by itself: soundfile 0.14 with libsndfile 1.2.
"""

import base64
import json
import pathlib
import zlib

import numpy as np
import scipy
import scipy.signal
import soundfile

folder = pathlib.Path(__file__).parents[2] / "packages/data/golden/sounds"


def packed(array):
    return base64.b64encode(zlib.compress(np.ascontiguousarray(array.T, dtype="<f4").tobytes(), 9)).decode()


def main():
    folder.mkdir(parents=True, exist_ok=True)
    random = np.random.RandomState(0)
    time = np.arange(2400) / 16000
    left = 0.4 * np.sin(2 * np.pi * (300 + 900 * time) * time) + random.normal(0, 0.01, time.size)
    stereo = np.stack([left, 0.3 * np.cos(2 * np.pi * 523 * time)], -1)
    files = {
        "u8.wav": (left, "WAV", "PCM_U8"),
        "16.wav": (stereo, "WAV", "PCM_16"),
        "24.wav": (stereo, "WAV", "PCM_24"),
        "32.wav": (left, "WAV", "PCM_32"),
        "float.wav": (stereo, "WAV", "FLOAT"),
        "double.wav": (left, "WAV", "DOUBLE"),
        "extensible.wav": (stereo, "WAVEX", "PCM_24"),
        "16.flac": (stereo, "FLAC", "PCM_16"),
        "24.flac": (left, "FLAC", "PCM_24"),
        "stereo.mp3": (stereo, "MP3", "MPEG_LAYER_III"),
        "stereo.ogg": (stereo, "OGG", "VORBIS"),
        "mono.opus": (left, "OGG", "OPUS"),
    }
    made = []
    for name, (samples, container, subtype) in files.items():
        # Opus has 48,000 samples a second, whatever was written.
        rate = 48000 if subtype == "OPUS" else 16000
        soundfile.write(folder / name, samples, rate, format=container, subtype=subtype)
        read, rate = soundfile.read(folder / name, dtype="float32", always_2d=True)
        made.append({"file": name, "samplingRate": rate, "shape": read.T.shape, "samples": packed(read)})
    resampled = []
    for up, down in ((3, 1), (1, 3), (80, 441), (160, 147), (2, 3)):
        values = scipy.signal.resample_poly(left[:1500].astype("float32").astype("float64"), up, down)
        resampled.append({"from": down * 100, "to": up * 100, "length": values.size, "samples": packed(values[None].T)})
    versions = {"scipy": scipy.__version__, "soundfile": soundfile.__version__, "libsndfile": soundfile.__libsndfile_version__}
    lines = ",\n".join(json.dumps(item) for item in made)
    more = ",\n".join(json.dumps(item) for item in resampled)
    (folder / "sounds.json").write_text(f'{{"madeBy": {json.dumps(versions)},\n"sounds": [\n{lines}\n],\n"left": "{packed(left[:1500][None].T)}",\n"resampled": [\n{more}\n]}}\n')


main()
