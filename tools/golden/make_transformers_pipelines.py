"""Golden values of the pipelines of Hugging Face transformers: packages/transformers/golden/pipelines.json.

Those that the current release no longer has are in make_transformers_pipelines_4.py.
"""

import torch
from transformers import (
    BertConfig, BertForMaskedLM, BertForSequenceClassification, BertForTokenClassification, BertModel, GPT2Config,
    GPT2LMHeadModel, pipeline,
)

from transformers_pipelines import described, files, word_tokenizer, write

TEXTS = [
    "The film is great!",
    "Anna lives in a small house near the old bridge, and she works for the Acme company in Berlin.",
    "Bob",
]


def config(tokenizer, **more) -> BertConfig:
    return BertConfig(
        vocab_size=len(tokenizer), hidden_size=24, num_hidden_layers=1, num_attention_heads=3, intermediate_size=40,
        max_position_embeddings=48, type_vocab_size=2, attn_implementation="eager", **more,
    )


def labelled(names: list) -> dict:
    return {"id2label": dict(enumerate(names)), "label2id": {name: i for i, name in enumerate(names)}}


def main() -> None:
    tokenizer = word_tokenizer()
    out = {"tokenizer": files(tokenizer), "texts": TEXTS, "models": {}}

    def model(name: str, made):
        out["models"][name] = described(made)
        return made

    def pipe(task: str, name: str, made):
        return pipeline(task, model=model(name, made), tokenizer=tokenizer)

    mood = config(tokenizer, **labelled(["bad", "neutral", "good"]))
    classify = pipe("text-classification", "mood", BertForSequenceClassification(mood))
    topics = config(tokenizer, **labelled(["art", "work", "place"]), problem_type="multi_label_classification")
    several = pipe("text-classification", "topics", BertForSequenceClassification(topics))
    grade = config(tokenizer, num_labels=1, problem_type="regression")
    regress = pipe("text-classification", "grade", BertForSequenceClassification(grade))
    out["text-classification"] = {
        "best": classify(TEXTS),
        "all": classify(TEXTS, top_k=None),
        "pair": classify({"text": TEXTS[0], "text_pair": TEXTS[1]}, top_k=None),
        "none": classify(TEXTS, top_k=2, function_to_apply="none"),
        "several": several(TEXTS, top_k=None),
        "regression": regress(TEXTS),
        "truncated": classify(" ".join([TEXTS[1]] * 4), truncation=True, top_k=None),
    }

    features = pipe("feature-extraction", "body", BertModel(config(tokenizer)))
    states = [torch.tensor(features(text))[0] for text in TEXTS]
    out["feature-extraction"] = {
        "none": states[2].tolist(),
        "mean": [one.mean(0).tolist() for one in states],
        "cls": [torch.nn.functional.normalize(one[0], dim=0).tolist() for one in states],
    }

    names = ["O", "B-PER", "I-PER", "B-LOC", "I-LOC"]
    tag = pipe("token-classification", "tags", BertForTokenClassification(config(tokenizer, **labelled(names))))
    tagged = ["Anna Smith lived in Newland near Paris-Nord, and Zoé worked unsmilingly.", *TEXTS[1:]]
    out["token-classification"] = {
        "texts": tagged,
        "results": {how: tag(tagged, aggregation_strategy=how) for how in ("none", "simple", "first", "average", "max")},
        "ignored": tag(tagged[0], ignore_labels=["B-PER", "I-PER"]),
    }

    fill_mask = pipe("fill-mask", "words", BertForMaskedLM(config(tokenizer)))
    masked = ["The [MASK] is great!", "Anna lives in [MASK] and works in [MASK]."]
    out["fill-mask"] = {
        "texts": masked,
        "results": [fill_mask(text, top_k=3) for text in masked],
        "targets": fill_mask(masked[0], targets=["river", "film", "house"]),
    }

    inference = config(tokenizer, **labelled(["contradiction", "neutral", "entailment"]))
    choose = pipe("zero-shot-classification", "inference", BertForSequenceClassification(inference))
    candidates = ["film", "work", "the old city"]
    out["zero-shot-classification"] = {
        "labels": candidates,
        "one": choose(TEXTS, candidate_labels=candidates),
        "several": choose(TEXTS[1], candidate_labels=candidates, multi_label=True, hypothesis_template="It is about {}."),
        "single": choose(TEXTS[1], candidate_labels="city"),
    }

    writer = GPT2Config(vocab_size=len(tokenizer), n_embd=24, n_layer=1, n_head=3, n_positions=96, bos_token_id=2, eos_token_id=3)
    write_text = pipe("text-generation", "writer", GPT2LMHeadModel(writer))
    prompts = ["anna lives in", "the old"]
    said = dict(do_sample=False, max_new_tokens=12, add_special_tokens=False)
    out["text-generation"] = {
        "prompts": prompts,
        "full": [write_text(text, **said)[0]["generated_text"] for text in prompts],
        "new": [write_text(text, return_full_text=False, **said)[0]["generated_text"] for text in prompts],
        "penalty": write_text(prompts[0], return_full_text=False, repetition_penalty=1.5, **said)[0]["generated_text"],
        "beams": write_text(prompts[0], return_full_text=False, num_beams=3, **said)[0]["generated_text"],
    }
    tokenizer.chat_template = (
        "{% for m in messages %}{{ m.role }} : {{ m.content }} . {% endfor %}"
        "{% if add_generation_prompt %}acme :{% endif %}"
    )
    chat = [{"role": "anna", "content": "where is the sea ?"}]
    answer = write_text(chat, do_sample=False, max_new_tokens=12)[0]["generated_text"]
    out["text-generation"]["chat"] = {"template": tokenizer.chat_template, "messages": chat, "answer": answer}
    write("pipelines", out)


main()
