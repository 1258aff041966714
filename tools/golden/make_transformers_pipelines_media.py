"""Golden values of pipelines of pictures and sounds: packages/transformers/golden/pipelines-media.json."""

import json
import re
import tempfile
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from transformers import (
    CLIPConfig, CLIPModel, ViTConfig, ViTForImageClassification, ViTModel, Wav2Vec2Config, Wav2Vec2CTCTokenizer,
    Wav2Vec2FeatureExtractor, Wav2Vec2ForCTC, WhisperConfig, WhisperFeatureExtractor, WhisperForConditionalGeneration,
    pipeline,
)
try:
    from transformers import CLIPImageProcessorPil as CLIPImageProcessor, ViTImageProcessorPil as ViTImageProcessor
except ImportError:
    from transformers import CLIPImageProcessor, ViTImageProcessor

from transformers_pipelines import described, files, word_tokenizer, write


SEGMENTS = {
    "attention.q_proj": "attention.attention.query", "attention.k_proj": "attention.attention.key",
    "attention.v_proj": "attention.attention.value", "attention.o_proj": "attention.output.dense",
    "mlp.fc1": "intermediate.dense", "mlp.fc2": "output.dense",
}


def vit_name(name: str) -> str:
    """Checkpoints have the names that the class had before version 5."""
    name = re.sub(r"(^|\.)layers\.", r"\1encoder.layer.", name)
    for of_class, of_file in SEGMENTS.items():
        name = name.replace(of_class, of_file)
    return name


def picture(width: int, height: int, seed: int) -> np.ndarray:
    y, x, c = np.meshgrid(np.arange(height), np.arange(width), np.arange(3), indexing="ij")
    return ((seed * x + 13 * y + 50 * c + x * y) % 256).astype(np.uint8)


def sound(samples: int, pitch: float) -> np.ndarray:
    t = np.arange(samples) / 16000
    return (np.sin(2 * np.pi * pitch * t) * 0.5 + np.sin(2 * np.pi * 3.1 * pitch * t * (1 + t)) * 0.3).astype(np.float32)


def main() -> None:
    tokenizer = word_tokenizer()
    out = {"tokenizer": files(tokenizer), "models": {}}

    def model(name: str, made, **options):
        out["models"][name] = described(made, **options)
        return made

    sizes = [(20, 14, 7), (16, 24, 31)]
    pictures = [Image.fromarray(picture(*size)) for size in sizes]
    out["pictures"] = [dict(zip(("width", "height", "seed"), size)) for size in sizes]
    small = dict(hidden_size=24, num_hidden_layers=1, num_attention_heads=3, intermediate_size=40, image_size=16, patch_size=8)
    processor = ViTImageProcessor(size={"height": 16, "width": 16})
    out["vit_processor"] = json.loads(processor.to_json_string())
    names = ["cat", "dog", "river", "film"]
    labels = dict(id2label=dict(enumerate(names)), label2id={name: i for i, name in enumerate(names)})
    classify = pipeline(
        "image-classification", model=model("vit", ViTForImageClassification(ViTConfig(**small, **labels)), names=vit_name),
        image_processor=processor,
    )
    out["image-classification"] = {"all": [classify(one) for one in pictures], "two": classify(pictures[0], top_k=2)}
    extract = pipeline("image-feature-extraction", model=model("body", ViTModel(ViTConfig(**small)), names=vit_name), image_processor=processor)
    out["image-feature-extraction"] = {
        "states": extract(pictures[0])[0], "pooled": [extract(one, pool=True)[0] for one in pictures],
    }

    text = dict(
        hidden_size=24, num_hidden_layers=1, num_attention_heads=3, intermediate_size=40, vocab_size=len(tokenizer),
        max_position_embeddings=24, bos_token_id=2, eos_token_id=3, pad_token_id=0, projection_dim=16,
    )
    clip_processor = CLIPImageProcessor(size={"shortest_edge": 16}, crop_size={"height": 16, "width": 16})
    out["clip_processor"] = json.loads(clip_processor.to_json_string())
    plain = word_tokenizer()
    plain.model_input_names = ["input_ids", "attention_mask"]
    both = CLIPModel(CLIPConfig(text_config=text, vision_config={**small, "projection_dim": 16}, projection_dim=16))
    choose = pipeline("zero-shot-image-classification", model=model("clip", both), tokenizer=plain, image_processor=clip_processor)
    candidates = ["a film", "the old river", "anna"]
    out["zero-shot-image-classification"] = {
        "labels": candidates, "results": [choose(one, candidate_labels=candidates) for one in pictures],
        "template": choose(pictures[0], candidate_labels=candidates, hypothesis_template="about {}"),
    }

    heard = [(16000, 220.0), (9000, 90.0)]
    sounds = [sound(*one) for one in heard]
    out["sounds"] = [dict(zip(("samples", "pitch"), one)) for one in heard]
    letters = ["<pad>", "<s>", "</s>", "<unk>", "|", *"abcdefgh"]
    wav = Wav2Vec2ForCTC(Wav2Vec2Config(
        vocab_size=len(letters), hidden_size=24, num_hidden_layers=1, num_attention_heads=3, intermediate_size=40,
        conv_dim=[10, 12, 12], conv_stride=[10, 8, 4], conv_kernel=[10, 8, 4], num_feat_extract_layers=3,
        num_conv_pos_embeddings=6, num_conv_pos_embedding_groups=4, pad_token_id=0,
    ))
    extractor = Wav2Vec2FeatureExtractor(return_attention_mask=False)
    with tempfile.TemporaryDirectory() as folder:
        vocabulary = {letter: i for i, letter in enumerate(letters)}
        Path(folder, "vocab.json").write_text(json.dumps(vocabulary))
        spelling = Wav2Vec2CTCTokenizer(f"{folder}/vocab.json")
        spelling.save_pretrained(folder)
        out["ctc"] = {
            "vocab": vocabulary,
            "tokenizer_config": json.loads(Path(folder, "tokenizer_config.json").read_text()),
            "preprocessor_config": json.loads(extractor.to_json_string()),
        }
    hear = pipeline("automatic-speech-recognition", model=model("wav2vec2", wav), tokenizer=spelling, feature_extractor=extractor)
    out["automatic-speech-recognition"] = {"ctc": [hear(one.copy())["text"] for one in sounds]}

    whisper = WhisperForConditionalGeneration(WhisperConfig(
        vocab_size=len(tokenizer), num_mel_bins=8, encoder_layers=1, decoder_layers=1, encoder_attention_heads=3,
        decoder_attention_heads=3, encoder_ffn_dim=40, decoder_ffn_dim=36, d_model=24, max_source_positions=50,
        max_target_positions=32, pad_token_id=0, bos_token_id=2, eos_token_id=3, decoder_start_token_id=2,
        suppress_tokens=None, begin_suppress_tokens=None,
    ))
    model("whisper", whisper)
    features = WhisperFeatureExtractor(feature_size=8, chunk_length=1)
    ids = {word: tokenizer.convert_tokens_to_ids(word) for word in ("paris", "berlin", "work", "film")}
    # All words behind the one for "no times" would be times.
    advice = dict(
        decoder_start_token_id=2, eos_token_id=3, pad_token_id=0, is_multilingual=True,
        lang_to_id={"<|en|>": ids["paris"], "<|de|>": ids["berlin"]},
        task_to_id={"transcribe": ids["work"], "translate": ids["film"]}, no_timestamps_token_id=len(tokenizer) - 1,
        begin_suppress_tokens=[40, 41], suppress_tokens=[44, 45], max_length=20,
    )
    for name, value in advice.items():
        setattr(whisper.generation_config, name, value)
    mel = [features(one, sampling_rate=16000, return_tensors="pt").input_features for one in sounds]

    def written(**options) -> list:
        made = [whisper.generate(one, **options)[0] for one in mel]
        return [tokenizer.decode(one, skip_special_tokens=True) for one in made]

    out["whisper"] = {"generation_config": advice, "preprocessor_config": json.loads(features.to_json_string())}
    out["automatic-speech-recognition"].update({
        "english": written(language="en", task="transcribe"),
        "translated": written(language="de", task="translate"),
        "detected": written(task="transcribe"),
    })
    write("pipelines-media", out)
    print(out["automatic-speech-recognition"])


main()
