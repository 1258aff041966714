"""Golden values of classifiers on decoders whose tokenizers have no padding: packages/transformers/golden/pipelines-decoders.json."""

from transformers import GPT2Config, GPT2ForSequenceClassification, LlamaConfig, LlamaForSequenceClassification, pipeline

from transformers_pipelines import described, files, word_tokenizer, write

TEXTS = ["a very good film", "the old river is not near the mountain, and anna lives in the city of paris with bob.", "bad"]


def main() -> None:
    tokenizer = word_tokenizer()
    tokenizer.model_input_names = ["input_ids", "attention_mask"]
    tokenizer.pad_token = None
    out = {"tokenizer": files(tokenizer), "texts": TEXTS, "models": {}, "results": {}}
    labels = dict(id2label=dict(enumerate(["good", "bad", "neither"])), label2id={"good": 0, "bad": 1, "neither": 2})
    # Word 3 fills texts up: it ends each of them too, as is usual for decoders.
    usual = dict(vocab_size=len(tokenizer), bos_token_id=2, eos_token_id=3, pad_token_id=3, **labels)
    llama = dict(hidden_size=24, intermediate_size=40, num_hidden_layers=1, num_attention_heads=3, num_key_value_heads=1)
    gpt2 = dict(n_embd=24, n_layer=1, n_head=3, n_positions=64)
    models = {
        "gpt2": GPT2ForSequenceClassification(GPT2Config(**gpt2, **usual)),
        "gpt2 without": GPT2ForSequenceClassification(GPT2Config(**gpt2, **{**usual, "pad_token_id": None})),
        "llama": LlamaForSequenceClassification(LlamaConfig(**llama, **usual)),
    }
    for name, model in models.items():
        out["models"][name] = described(model)
        classify = pipeline("text-classification", model=model, tokenizer=tokenizer)
        out["results"][name] = [classify(text, top_k=None) for text in TEXTS]
    write("pipelines-decoders", out)


main()
