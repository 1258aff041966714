"""Golden values of training: what Python's tokenizers 0.23 learns from `golden/tokenizers/corpus.txt`, in `golden/tokenizers/trained.json`,
and Unigram's vocabularies of several sizes, of the same corpus and of `texts.json` in many scripts, in `trained-unigram.json`.

Byte-pair encoding's merges do not depend on anything but the texts. WordPiece's depend on the order of a hash table where pairs
stand equally often; so do the scores that Unigram gives to characters which no word was left for.
"""

import json
from pathlib import Path

from tokenizers import Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers

FOLDER = Path(__file__).parents[2] / "packages/transformers/golden/tokenizers"
CORPUS = (FOLDER / "corpus.txt").read_text().split("\n")


def trained(model, normalizer, pre_tokenizer, trainer, texts=CORPUS) -> dict:
    t = Tokenizer(model)
    if normalizer is not None:
        t.normalizer = normalizer
    t.pre_tokenizer = pre_tokenizer
    t.train_from_iterator(texts, trainer)
    return json.loads(t.to_str())["model"]


bpe = trained(models.BPE(), None, pre_tokenizers.ByteLevel(add_prefix_space=False),
              trainers.BpeTrainer(vocab_size=900, special_tokens=["<|endoftext|>"], initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), show_progress=False))
frequent = trained(models.BPE(), None, pre_tokenizers.ByteLevel(add_prefix_space=False),
                   trainers.BpeTrainer(vocab_size=5000, min_frequency=40, special_tokens=[], initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), show_progress=False))
wordpiece = trained(models.WordPiece(unk_token="[UNK]"), normalizers.BertNormalizer(), pre_tokenizers.BertPreTokenizer(),
                    trainers.WordPieceTrainer(vocab_size=900, special_tokens=["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"], show_progress=False))
(FOLDER / "trained.json").write_text(json.dumps({
    "bpe": {"vocab": bpe["vocab"], "merges": bpe["merges"]},
    "frequent": frequent["merges"],
    "wordpiece": sorted(wordpiece["vocab"], key=wordpiece["vocab"].get),
}, ensure_ascii=False, separators=(",", ":")))


def unigram(texts: list, size: int) -> list:
    normalizer = normalizers.Sequence([normalizers.Nmt(), normalizers.NFKC(), normalizers.Replace(Regex(" {2,}"), " ")])
    trainer = trainers.UnigramTrainer(vocab_size=size, special_tokens=["<pad>", "</s>", "<unk>"], unk_token="<unk>", show_progress=False)
    vocab = trained(models.Unigram(), normalizer, pre_tokenizers.Metaspace(), trainer, texts)["vocab"]
    return [[word, float(f"{score:.12g}")] for word, score in vocab]


TEXTS = json.loads((FOLDER / "texts.json").read_text())["corpus"]
(FOLDER / "trained-unigram.json").write_text(json.dumps([
    {"texts": name, "size": size, "vocab": unigram(texts, size)}
    for name, texts, sizes in (("corpus.txt", CORPUS, (300, 800, 1600)), ("texts.json", TEXTS, (330, 380)))
    for size in sizes
], ensure_ascii=False, separators=(",", ":")))
