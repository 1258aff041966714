"""Golden values of recognized speech with times, and of sounds that are cut: packages/transformers/golden/speech.json."""

import json
import tempfile
from pathlib import Path

import numpy as np
import torch
from tokenizers import pre_tokenizers
from transformers import (
    Wav2Vec2Config, Wav2Vec2CTCTokenizer, Wav2Vec2FeatureExtractor, Wav2Vec2ForCTC, WhisperConfig,
    WhisperFeatureExtractor, WhisperForConditionalGeneration, WhisperTokenizer, pipeline,
)
from transformers.models.whisper import tokenization_whisper

from transformers_pipelines import described, files, write

RATE = 16000
# Positions of the small model's encoder: a second, as 1500 are 30 seconds of Whisper's.
POSITIONS = 50
tokenization_whisper._decode_asr.__kwdefaults__["segment_size"] = POSITIONS


def sound(samples: int, pitch: float) -> np.ndarray:
    t = np.arange(samples) / RATE
    return (np.sin(2 * np.pi * pitch * t) * 0.5 + np.sin(2 * np.pi * 3.1 * pitch * t * (1 + t)) * 0.3).astype(np.float32)


def whisper_tokenizer() -> WhisperTokenizer:
    """Letters, with Whisper's special tokens and its times."""
    letters = {letter: i for i, letter in enumerate(sorted(pre_tokenizers.ByteLevel.alphabet())[:94])}
    letters["Ġ"] = len(letters)
    tokenizer = WhisperTokenizer(vocab=letters, merges=[], unk_token="<|endoftext|>")
    special = [
        "<|endoftext|>", "<|startoftranscript|>", "<|en|>", "<|de|>", "<|translate|>", "<|transcribe|>",
        "<|startoflm|>", "<|startofprev|>", "<|nospeech|>", "<|notimestamps|>",
    ]
    tokenizer.add_special_tokens({"additional_special_tokens": special})
    tokenizer.add_tokens([f"<|{i * 0.02:.2f}|>" for i in range(POSITIONS + 1)])
    return tokenizer


def heard(result: dict) -> dict:
    """As typegrad has it: a list of times in the place of a tuple."""
    chunks = result.get("chunks")
    if chunks is None:
        return {"text": result["text"]}
    return {"text": result["text"], "chunks": [{"text": c["text"], "timestamp": list(c["timestamp"])} for c in chunks]}


class Pieces:
    """A tokenizer of one text: its tokens are the text's bytes, several at a time."""

    language = None
    eos_token_id = 1_000_000

    def __init__(self, pieces: list[bytes]):
        self.pieces = pieces

    def decode(self, tokens, decode_with_timestamps=True) -> str:
        return b"".join(self.pieces[token] for token in tokens).decode("utf-8", errors="replace")


def split_words() -> list[dict]:
    """Words of tokens that end anywhere, also within a character."""
    texts = [
        " Hello, world! It's (really) a 'quoted \"word\"' - isn't it?", " ¿Qué pasa? ¡Nada! 1,000.50 [x]{y}",
        "  double  spaces , and . dots ...", "今天天气很好，我们去公园吧。「好的」", "これはテストです。 ok?",
        " naïve café — über 😀👍🏽 emoji", "สวัสดีครับ ผมชื่อ", " a\x1cb\x85c\u3000d",
    ]
    random = np.random.default_rng(9)
    cases = []
    for case in range(48):
        text = texts[case % len(texts)]
        data = text.encode()
        cuts = sorted({0, len(data), *random.integers(0, len(data), size=int(random.integers(1, len(data)))).tolist()})
        pieces = [data[a:b] for a, b in zip(cuts, cuts[1:])]
        if case >= 40:
            pieces.append(b"\xf0\x9f")
        language = "chinese" if case % 3 == 2 else None
        words, _, indices = tokenization_whisper._combine_tokens_into_words(Pieces(pieces), list(range(len(pieces))), language)
        cases.append({
            "pieces": [piece.hex() for piece in pieces], "language": "zh" if language else "en",
            "words": [[word, at[0], at[-1]] for word, at in zip(words, indices)],
        })
    return cases


def paths(whisper) -> list[dict]:
    """Where tokens begin, by weights of two heads."""
    random = np.random.default_rng(10)
    cases = []
    for tokens, positions, width in [(1, 6, 7), (3, 2, 7), (3, 3, 7), (5, 9, 3), (12, 30, 7), (30, 12, 5), (8, 8, 1), (4, 25, 7)]:
        weights = random.random((2, tokens, positions)).astype(np.float32).round(3)
        if positions == 25:
            # Ties, which a path's steps decide.
            weights = (weights * 2).round()
        whisper.config.median_filter_width = width
        # Behind one token in front of them; the last one written is not heard of.
        rows = torch.tensor(np.concatenate([np.ones((2, 1, positions), np.float32), weights], 1))
        outputs = SimpleOutputs(
            cross_attentions=[(rows[None],)], sequences=torch.zeros((1, tokens + 2), dtype=torch.long),
        )
        found = whisper._extract_token_timestamps(
            outputs, [[0, 0], [0, 1]], time_precision=1, num_frames=torch.tensor([2 * positions]), num_input_ids=1,
        )[0].tolist()
        cases.append({"width": width, "weights": weights.tolist(), "starts": found[1:-1]})
    whisper.config.median_filter_width = 7
    return cases


class SimpleOutputs(dict):
    __getattr__ = dict.__getitem__


def main() -> None:
    out = {"models": {}}
    sizes = [(16000, 220.0), (41000, 90.0)]
    sounds = [sound(*one) for one in sizes]
    out["sounds"] = [dict(zip(("samples", "pitch"), one)) for one in sizes]

    letters = ["<pad>", "<s>", "</s>", "<unk>", "|", *"abcdefgh"]
    wav = Wav2Vec2ForCTC(Wav2Vec2Config(
        vocab_size=len(letters), hidden_size=24, num_hidden_layers=1, num_attention_heads=3, intermediate_size=40,
        conv_dim=[10, 12, 12], conv_stride=[10, 8, 4], conv_kernel=[10, 8, 4], num_feat_extract_layers=3,
        num_conv_pos_embeddings=6, num_conv_pos_embedding_groups=4, pad_token_id=0,
    ))
    out["models"]["wav2vec2"] = described(wav)
    # Blanks and spaces would be rare among numbers without meaning, and they are what times depend on.
    with torch.no_grad():
        bias = wav.lm_head.bias
        out["bias"] = (bias + torch.tensor([0.4, -9, -9, -9, 0.5, *[0.0] * 8])).tolist()
        bias.copy_(torch.tensor(out["bias"]))
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
    hear = pipeline("automatic-speech-recognition", model=wav, tokenizer=spelling, feature_extractor=extractor)
    out["spelled"] = []
    for options in [
        dict(return_timestamps="char"),
        dict(chunk_length_s=0.83, stride_length_s=[0.11, 0.21], return_timestamps="word"),
    ]:
        out["spelled"].append({"options": options, "results": [heard(hear(one.copy(), **options)) for one in sounds]})

    tokenizer = whisper_tokenizer()
    id_of = tokenizer.convert_tokens_to_ids
    begin = id_of("<|notimestamps|>") + 1
    whisper = WhisperForConditionalGeneration(WhisperConfig(
        vocab_size=len(tokenizer), num_mel_bins=8, encoder_layers=1, decoder_layers=1, encoder_attention_heads=3,
        decoder_attention_heads=3, encoder_ffn_dim=40, decoder_ffn_dim=36, d_model=24, max_source_positions=POSITIONS,
        max_target_positions=32, pad_token_id=id_of("<|endoftext|>"), bos_token_id=id_of("<|endoftext|>"),
        eos_token_id=id_of("<|endoftext|>"), decoder_start_token_id=id_of("<|startoftranscript|>"),
        suppress_tokens=None, begin_suppress_tokens=None,
    ))
    out["models"]["whisper"] = described(whisper)
    extractor = WhisperFeatureExtractor(feature_size=8, chunk_length=1)
    advice = dict(
        decoder_start_token_id=id_of("<|startoftranscript|>"), eos_token_id=id_of("<|endoftext|>"),
        pad_token_id=id_of("<|endoftext|>"), is_multilingual=True,
        lang_to_id={"<|en|>": id_of("<|en|>"), "<|de|>": id_of("<|de|>")},
        task_to_id={"transcribe": id_of("<|transcribe|>"), "translate": id_of("<|translate|>")},
        no_timestamps_token_id=begin - 1, max_initial_timestamp_index=20,
        suppress_tokens=[i for i in range(id_of("<|startoftranscript|>"), begin)],
        alignment_heads=[[0, 2], [0, 0]],
    )
    for name, value in advice.items():
        setattr(whisper.generation_config, name, value)
    out["tokenizer"] = files(tokenizer)
    out["whisper"] = {"generation_config": advice, "preprocessor_config": json.loads(extractor.to_json_string())}
    hear = pipeline("automatic-speech-recognition", model=whisper, tokenizer=tokenizer, feature_extractor=extractor)
    usual = dict(language="en", task="transcribe", num_beams=1, max_new_tokens=24)
    out["written"] = []
    for options in [
        dict(return_timestamps=True), dict(),
        dict(chunk_length_s=0.9, stride_length_s=[0.2, 0.1], return_timestamps=True),
        dict(return_timestamps="word"),
        dict(chunk_length_s=0.9, stride_length_s=[0.2, 0.1], return_timestamps="word"),
    ]:
        results = [heard(hear(one.copy(), generate_kwargs=dict(usual), **options)) for one in sounds]
        out["written"].append({"options": options, "results": results})

    # What the model would rarely write: overlaps, times that are missing, equal or within the overlap.
    def joined(outputs, timestamps, ends=None):
        made = [
            {"tokens": torch.tensor([tokens]), **({} if stride is None else {"stride": stride})}
            for tokens, stride in outputs
        ]
        for one, times in zip(made, ends or []):
            one["token_timestamps"] = torch.tensor([times])
        text, optional = tokenizer._decode_asr(made, return_timestamps=timestamps, return_language=None, time_precision=0.02)
        return heard({"text": text, **optional})

    random = np.random.default_rng(7)
    # When tokens were said: of few different moments, so that those of an overlap come both before and after each other.
    moments = np.random.default_rng(8)
    out["joined"] = []
    for case in range(40):
        outputs = []
        count = int(random.integers(1, 5))
        script = random.integers(0, 94, size=60).tolist()
        at = 0
        for part in range(count):
            tokens = []
            time = 0
            for _ in range(int(random.integers(0, 4))):
                time = int(min(POSITIONS, time + random.integers(0, 12)))
                tokens.append(begin + time)
                length = int(random.integers(0, 7))
                tokens += script[at:at + length]
                at = (at + max(0, length - int(random.integers(0, 3)))) % 50
                time = int(min(POSITIONS, time + random.integers(0, 25)))
                if random.random() < 0.8:
                    tokens.append(begin + time)
                if random.random() < 0.15:
                    time = 0
            tokens += script[at:at + int(random.integers(0, 3))]
            stride = None
            if case % 4 != 0:
                stride = (1.0, 0.0 if part == 0 else 0.25, 0.0 if part == count - 1 else 0.25)
            outputs.append((tokens, stride))
        ends = [sorted((moments.integers(0, 50, size=len(tokens)) * 0.02).tolist()) for tokens, _ in outputs]
        out["joined"].append({
            "outputs": [{"ids": tokens, **({} if stride is None else {"stride": stride})} for tokens, stride in outputs],
            "timed": joined(outputs, True), "plain": joined(outputs, None),
            "ends": ends, "words": joined(outputs, "word", ends)["chunks"],
        })
    out["words"] = split_words()
    out["paths"] = paths(whisper)
    write("speech", out)


main()
