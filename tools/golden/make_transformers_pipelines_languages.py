"""Golden values of translations between languages that a call names: packages/transformers/golden/pipelines-languages.json.

TranslationPipeline is in release 4.57 of transformers, no longer in 5: mBART (the language behind the text), mBART-50 (before
it), and Marian, whose models have one pair of languages each.
"""

import tempfile
from pathlib import Path

from tokenizers import Tokenizer, decoders, models, pre_tokenizers, processors
from transformers import (
    MarianConfig, MarianMTModel, MBart50TokenizerFast, MBartConfig, MBartForConditionalGeneration, MBartTokenizerFast,
    PreTrainedTokenizerFast, pipeline,
)
from transformers.models.mbart.tokenization_mbart_fast import FAIRSEQ_LANGUAGE_CODES as OF_25
from transformers.models.mbart50.tokenization_mbart50_fast import FAIRSEQ_LANGUAGE_CODES as OF_50

from transformers_pipelines import LETTERS, WORDS, described, files, write

TEXTS = ["the film is great", "anna lives in a small house near the old bridge", "bob"]
PAIRS = [("en_XX", "ro_RO"), ("en_XX", "de_DE"), ("fr_XX", "de_DE")]
SMALL = dict(
    d_model=24, encoder_layers=1, decoder_layers=1, encoder_attention_heads=3, decoder_attention_heads=3, encoder_ffn_dim=40,
    decoder_ffn_dim=40, max_position_embeddings=40,
)

# Small models without training say one word again and again, whatever they are asked.
BEAMS = dict(max_new_tokens=9, no_repeat_ngram_size=1)
GREEDY = dict(num_beams=1, **BEAMS)


def unigram(codes: list) -> Tokenizer:
    """Fairseq's order: special tokens, pieces, languages, the mask."""
    words = [f"▁{word}" for word in WORDS.split() if word.isalpha()]
    pieces = dict.fromkeys([*words, "▁", *LETTERS])
    scored = [(piece, -2.0 - i / 100) for i, piece in enumerate(pieces)]
    special = [(token, 0.0) for token in ("<s>", "<pad>", "</s>", "<unk>")]
    vocabulary = [*special, *scored, *((code, 0.0) for code in codes), ("<mask>", 0.0)]
    tokenizer = Tokenizer(models.Unigram(vocabulary, unk_id=3, byte_fallback=False))
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    tokenizer.decoder = decoders.Metaspace()
    return tokenizer


def of_languages(Class, codes: list):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "tokenizer.json")
        unigram(codes).save(str(path))
        return Class(tokenizer_file=str(path), model_max_length=32)


def main() -> None:
    out = {"tokenizer": {}, "tokenizers": {}, "models": {}, "texts": TEXTS, "pairs": PAIRS, "results": {}}

    def pipe(name: str, model, tokenizer, keep=()):
        made = described(model, keep=keep)
        # As saved: what is as usual is not advised, or pipelines would not look with 4 beams.
        made["config"] = {**model.config.to_diff_dict(), "architectures": made["config"]["architectures"]}
        out["models"][name], out["tokenizers"][name] = made, files(tokenizer)
        return pipeline("translation", model=model, tokenizer=tokenizer)

    for name, Class, codes in [("mbart", MBartTokenizerFast, OF_25), ("mbart50", MBart50TokenizerFast, OF_50)]:
        tokenizer = of_languages(Class, codes)
        # mBART begins with the language that a model was tuned for, mBART-50 with the end of a text.
        begin = tokenizer.convert_tokens_to_ids("ro_RO") if name == "mbart" else 2
        config = MBartConfig(
            vocab_size=len(tokenizer), **SMALL, bos_token_id=0, pad_token_id=1, eos_token_id=2, decoder_start_token_id=begin,
            forced_eos_token_id=2,
        )
        translate = pipe(name, MBartForConditionalGeneration(config), tokenizer)

        def results(**how):
            answers = [translate(TEXTS, src_lang=a, tgt_lang=b, **how) for a, b in PAIRS]
            return [[one["translation_text"] for one in answer] for answer in answers]

        def ids(**how):
            answers = [translate(TEXTS, src_lang=a, tgt_lang=b, return_tensors=True, **how) for a, b in PAIRS]
            return [[one["translation_token_ids"].tolist() for one in answer] for answer in answers]

        long = [" ".join([TEXTS[1]] * 5)]
        cut = translate(long, src_lang="fr_XX", tgt_lang="de_DE", truncation=True, return_tensors=True, **GREEDY)
        out["results"][name] = {
            "greedy": ids(**GREEDY), "texts": results(**GREEDY), "beams": ids(**BEAMS),
            "truncated": cut[0]["translation_token_ids"].tolist(),
        }

    marian = unigram([])
    marian.post_processor = processors.TemplateProcessing(
        single="$A </s>", pair="$A $B </s>", special_tokens=[("</s>", 2)],
    )
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=marian, pad_token="<pad>", eos_token="</s>", unk_token="<unk>", model_max_length=32,
        model_input_names=["input_ids", "attention_mask"],
    )
    config = MarianConfig(
        vocab_size=len(tokenizer), decoder_vocab_size=len(tokenizer), **SMALL, pad_token_id=1, eos_token_id=2,
        decoder_start_token_id=1, forced_eos_token_id=2, bad_words_ids=[[1]],
    )
    translate = pipe("marian", MarianMTModel(config), tokenizer, keep=("embed_positions",))

    def marian_ids(**how):
        return [one["translation_token_ids"].tolist() for one in translate(TEXTS, return_tensors=True, **how)]

    out["results"]["marian"] = {
        "greedy": marian_ids(**GREEDY), "beams": marian_ids(**BEAMS),
    }
    write("pipelines-languages", out)


main()
