"""Golden values of Hugging Face's feature extractors of sounds: packages/transformers/golden/sounds.json."""

import json

import numpy as np
from transformers import Wav2Vec2FeatureExtractor, WhisperFeatureExtractor

from transformers_golden import FOLDER, numbers, rounded

RATE = 16000


def sound(name: str, length: int) -> np.ndarray:
    """Noise that fades to silence, on a tone."""
    n = np.arange(length)
    noise = numbers(name, length).astype(np.float64) * np.maximum(0, 1 - 2 * n / length)
    return (0.4 * noise + 0.3 * np.sin(2 * np.pi * 440 * n / RATE)).astype(np.float32)


sounds = {"short": 5000, "long": 20011, "tiny": 37}
results = []
for options, names, every in [
    # Cut, and filled up.
    ({"feature_size": 80, "chunk_length": 1}, ["short", "long"], 7),
    ({"feature_size": 128, "chunk_length": 1}, ["tiny"], 7),
    ({"feature_size": 10, "chunk_length": 1, "n_fft": 120, "hop_length": 100}, ["long"], 1),
]:
    values = WhisperFeatureExtractor(**options)([sound(n, sounds[n]) for n in names], sampling_rate=RATE, return_tensors="np")["input_features"]
    results.append({
        "config": {"feature_extractor_type": "WhisperFeatureExtractor", **options},
        "sounds": [{"name": n, "length": sounds[n]} for n in names],
        "every": every,
        "outputs": {"input_features": {"shape": list(values.shape), "values": rounded(values.reshape(-1)[::every])}},
    })
for options, names in [
    ({"return_attention_mask": True}, ["short", "tiny"]),
    ({"return_attention_mask": False}, ["short", "tiny"]),
    ({"do_normalize": False, "return_attention_mask": True, "padding_value": 0.5}, ["tiny", "short"]),
]:
    made = Wav2Vec2FeatureExtractor(**options)([sound(n, sounds[n]) for n in names], sampling_rate=RATE, padding=True, return_tensors="np")
    results.append({
        "config": {"feature_extractor_type": "Wav2Vec2FeatureExtractor", **options},
        "sounds": [{"name": n, "length": sounds[n]} for n in names],
        "every": 7,
        "outputs": {k: {"shape": list(v.shape), "values": rounded(v.reshape(-1)[::7])} for k, v in made.items()},
    })
path = FOLDER / "sounds.json"
path.write_text(json.dumps(results) + "\n")
print(f"sounds: {path.stat().st_size / 1000:.0f} kB")
