"""What the golden values of pipelines have in common: a small tokenizer of words, and folders with small models."""

import json
import tempfile
from pathlib import Path

from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, processors
from transformers import PreTrainedTokenizerFast

from transformers_golden import FOLDER, fill, same_names

LETTERS = "abcdefghijklmnopqrstuvwxyzé0123456789"
WORDS = (
    "the a an is are was were in on at of and to who where what when which lives live lived works work for with this that "
    "example about it not good bad great film very she he they river mountain city paris berlin anna bob acme company "
    "house small large old new near sea under bridge years ##s ##ing ##ed ##ly ##er ##land . , ? ! - ' :"
)
SPECIAL = {"pad_token": "[PAD]", "unk_token": "[UNK]", "cls_token": "[CLS]", "sep_token": "[SEP]", "mask_token": "[MASK]"}


def word_tokenizer(model_max_length: int = 48) -> PreTrainedTokenizerFast:
    """WordPiece over a few words, their endings and all letters, with BERT's special tokens."""
    words = [*SPECIAL.values(), *WORDS.split(), *LETTERS, *(f"##{letter}" for letter in LETTERS)]
    ids = {word: i for i, word in enumerate(dict.fromkeys(words))}
    tokenizer = Tokenizer(models.WordPiece(ids, unk_token="[UNK]", max_input_chars_per_word=100))
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=True, strip_accents=False)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.decoder = decoders.WordPiece(prefix="##")
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", pair="[CLS] $A [SEP] $B:1 [SEP]:1",
        special_tokens=[("[CLS]", ids["[CLS]"]), ("[SEP]", ids["[SEP]"])],
    )
    # Which of two texts a token is of counts, as for BERT's own tokenizer.
    names = ["input_ids", "token_type_ids", "attention_mask"]
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, model_max_length=model_max_length, model_input_names=names, **SPECIAL,
    )


def files(tokenizer) -> dict:
    """The tokenizer's files, as they are saved."""
    with tempfile.TemporaryDirectory() as folder:
        tokenizer.save_pretrained(folder)
        found = {name: Path(folder, f"{name}.json") for name in ("tokenizer", "tokenizer_config", "special_tokens_map")}
        return {name: json.loads(path.read_text()) for name, path in found.items() if path.exists()}


def described(model, names=same_names, keep=()) -> dict:
    """A model filled with numbers, as tests make it again. names, keep: see fill."""
    weights = fill(model, keep, names)
    model.eval()
    config = model.config.to_dict()
    config["architectures"] = [type(model).__name__]
    return {"config": config, "weights": weights}


def plain(value):
    """Numbers of numpy and torch as JSON has them."""
    if isinstance(value, dict):
        return {key: plain(entry) for key, entry in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(entry) for entry in value]
    if hasattr(value, "tolist"):
        return plain(value.tolist())
    return float(f"{value:.7g}") if isinstance(value, float) else value


def write(file: str, content: dict) -> None:
    path = FOLDER / f"{file}.json"
    path.write_text(json.dumps(plain(content), ensure_ascii=False) + "\n")
    print(f"{file}: {path.stat().st_size / 1000:.0f} kB")
