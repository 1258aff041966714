"""Small tokenizers in GGUF files, laid out as llama.cpp's converter does it, with the ids of those that they are written from:
packages/transformers/golden/gguf-tokenizer-<name>.gguf and gguf-tokenizers.json.
"""

import io
import json
from pathlib import Path

import gguf
import numpy as np
import sentencepiece
from tokenizers import Regex, Tokenizer, decoders, models, pre_tokenizers, processors, trainers

FOLDER = Path(__file__).parents[2] / "packages/transformers/golden"
CORPUS = [
    "The old bridge isn't near the new house, and they're living in 1234 small houses.", "It's 10:30; we'll see 2025 films!",
    "Straße, naïve café, été. Ещё один мост. 東京の橋は古い。", "def bridge(x):\n    return x + 100\n\n\nprint(bridge(12345))",
    "the bridge the house the film the river the mountain", "I'VE SEEN IT ALL, HE'D SAY.",
] * 3
TEXTS = [
    "The old bridge isn't near.", "  two  spaces,\n\n\tand\r\nlines  ", "It's 1234567 IT'S", "", "Ещё 東京 𝔘 🙂 été", "<s>marked</s> text <eot>",
    "def f(x):\n    return 100",
]
LLAMA3 = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
out = {"texts": TEXTS, "ids": {}, "decoded": {}}


def write(name: str, model: str, fields) -> None:
    path = FOLDER / f"gguf-tokenizer-{name}.gguf"
    writer = gguf.GGUFWriter(path, "llama")
    writer.add_tokenizer_model(model)
    fields(writer)
    writer.add_tensor("token_embd.weight", np.zeros((1, 32), np.float32))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    print(name, path.stat().st_size)


def of_bytes(name: str, words, begins: bool) -> None:
    tokenizer = Tokenizer(models.BPE(ignore_merges=name == "llama-bpe"))
    tokenizer.pre_tokenizer = words
    tokenizer.decoder = decoders.ByteLevel()
    special = ["<s>", "</s>", "<eot>"]
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    tokenizer.train_from_iterator(CORPUS, trainers.BpeTrainer(
        vocab_size=340, special_tokens=special, initial_alphabet=sorted(alphabet), show_progress=False,
    ))
    if begins:
        tokenizer.post_processor = processors.TemplateProcessing(single="<s> $A", special_tokens=[("<s>", 0)])
    file = json.loads(tokenizer.to_str())["model"]
    tokens = sorted(file["vocab"], key=file["vocab"].get)
    merges = [" ".join(pair) if isinstance(pair, list) else pair for pair in file["merges"]]

    def fields(writer) -> None:
        writer.add_tokenizer_pre(name)
        writer.add_token_list(tokens)
        writer.add_token_types([3 if token in special else 1 for token in tokens])
        writer.add_token_merges(merges)
        writer.add_bos_token_id(0)
        writer.add_eos_token_id(1)

    write(name, "gpt2", fields)
    out["ids"][name] = [tokenizer.encode(text).ids for text in TEXTS]
    out["decoded"][name] = [tokenizer.decode(ids) for ids in out["ids"][name]]


level = pre_tokenizers.ByteLevel
of_bytes("gpt-2", level(add_prefix_space=False), False)
of_bytes("smollm", pre_tokenizers.Sequence([pre_tokenizers.Digits(individual_digits=True), level(add_prefix_space=False)]), False)
for name, pattern in [("llama-bpe", LLAMA3), ("qwen2", LLAMA3.replace("{1,3}", ""))]:
    split = pre_tokenizers.Split(Regex(pattern), "isolated")
    of_bytes(name, pre_tokenizers.Sequence([split, level(add_prefix_space=False, use_regex=False)]), name == "llama-bpe")

trained = io.BytesIO()
sentencepiece.SentencePieceTrainer.train(
    sentence_iterator=iter(line for text in CORPUS for line in text.split("\n") if line), model_writer=trained, vocab_size=400,
    model_type="bpe", byte_fallback=True, character_coverage=0.98, normalization_rule_name="identity",
    remove_extra_whitespaces=False, split_digits=True, allow_whitespace_only_pieces=True, minloglevel=2,
)
pieces = sentencepiece.SentencePieceProcessor(model_proto=trained.getvalue())


def fields(writer) -> None:
    every = range(pieces.get_piece_size())
    kind = lambda i: 2 if pieces.is_unknown(i) else 3 if pieces.is_control(i) else 6 if pieces.is_byte(i) else 1
    writer.add_tokenizer_pre("default")
    writer.add_token_list([pieces.id_to_piece(i) for i in every])
    writer.add_token_scores([pieces.get_score(i) for i in every])
    writer.add_token_types([kind(i) for i in every])
    writer.add_bos_token_id(1)
    writer.add_eos_token_id(2)
    writer.add_unk_token_id(0)
    writer.add_chat_template("{{ bos_token }}{{ messages[0].content }}")


write("llama", "llama", fields)
# Special tokens within a text are found by llama.cpp and by Hugging Face, not by SentencePiece.
out["ids"]["llama"] = [[1, *pieces.encode(text)] if "<s>" not in text else None for text in TEXTS]
out["decoded"]["llama"] = [None if ids is None else pieces.decode(ids[1:]) for ids in out["ids"]["llama"]]
path = FOLDER / "gguf-tokenizers.json"
path.write_text(json.dumps(out, ensure_ascii=False) + "\n")
print(path.stat().st_size)
