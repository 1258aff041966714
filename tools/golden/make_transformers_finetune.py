"""Golden values of fine-tuning: packages/transformers/golden/finetune.json.

Small models without dropout make two steps of AdamW as transformers' Trainer makes them: a learning rate that falls along a
line, gradients cut to a length of 1, decay of matrices alone. Kept are the mean of the two batches' losses, what each weight
has moved by (its length and three projections), and scores.
"""

import numpy as np
import torch
from sklearn.metrics import accuracy_score, f1_score, mean_absolute_error, mean_squared_error, r2_score
from torch.utils.data import DataLoader
from seqeval.metrics import f1_score as entity_f1, precision_score, recall_score
from transformers import (
    BartConfig, BartForConditionalGeneration, BertConfig, BertForQuestionAnswering, BertForSequenceClassification,
    BertForTokenClassification, DataCollatorForSeq2Seq, DataCollatorForTokenClassification, DataCollatorWithPadding,
    GPT2Config, GPT2ForSequenceClassification, GPT2LMHeadModel, LlamaConfig, LlamaForCausalLM, T5Config,
    T5ForConditionalGeneration, get_linear_schedule_with_warmup,
)
from transformers.trainer_pt_utils import LabelSmoother

from transformers_golden import named, projections
from transformers_pipelines import described, files, word_tokenizer, write

RATE, DECAY, BATCH, EPSILON = 1e-2, 0.1, 2, 1e-4


def config(tokenizer, **more) -> BertConfig:
    return BertConfig(
        vocab_size=len(tokenizer), hidden_size=16, num_hidden_layers=1, num_attention_heads=2, intermediate_size=24,
        max_position_embeddings=48, type_vocab_size=2, attn_implementation="eager", hidden_dropout_prob=0.0,
        attention_probs_dropout_prob=0.0, **more,
    )


def writer_config(tokenizer, **more) -> GPT2Config:
    return GPT2Config(
        vocab_size=len(tokenizer), n_embd=16, n_layer=1, n_head=2, n_positions=48, resid_pdrop=0.0, embd_pdrop=0.0,
        attn_pdrop=0.0, pad_token_id=tokenizer.pad_token_id, bos_token_id=2, eos_token_id=3, attn_implementation="eager", **more,
    )


def labelled(names: list) -> dict:
    return {"id2label": dict(enumerate(names)), "label2id": {name: i for i, name in enumerate(names)}}


def trained(model, batches: list, warmup: int = 0, smoothing: float = 0.0) -> dict:
    """One pass over the batches; a list is a batch of examples that are not padded. Returns the mean of their samples' losses and how weights moved."""
    before = {name: weight.detach().clone() for name, weight in named(model)}
    decayed = [p for p in model.parameters() if p.dim() > 1]
    others = [p for p in model.parameters() if p.dim() <= 1]
    optimizer = torch.optim.AdamW([{"params": decayed, "weight_decay": DECAY}, {"params": others, "weight_decay": 0.0}], lr=RATE)
    schedule = get_linear_schedule_with_warmup(optimizer, warmup, len(batches))
    model.train()
    losses = []
    for step, batch in enumerate(batches, 1):
        alone = batch if isinstance(batch, list) else [batch]
        loss = sum(loss_of(model, one, smoothing) for one in alone) / len(alone)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        for group in optimizer.param_groups:
            # Keras's epsilon, which is Kingma and Ba's "epsilon hat": PyTorch's times a number that goes to 1. It is large, so
            # that gradients which are zero but for rounding move nothing.
            group["eps"] = EPSILON / (1 - group["betas"][1] ** step) ** 0.5
        optimizer.step()
        schedule.step()
        optimizer.zero_grad()
        losses.append(loss.item())
    model.eval()
    moved = {name: projections(name, weight.detach() - before[name]) for name, weight in named(model)}
    sizes = [len(batch if isinstance(batch, list) else batch["input_ids"]) for batch in batches]
    return {"loss": float(np.average(losses, weights=sizes)), "moved": moved}


def loss_of(model, batch: dict, smoothing: float):
    """The model's own, or that of Trainer's label_smoothing_factor."""
    outputs = model(**batch)
    return outputs.loss if smoothing == 0 else LabelSmoother(epsilon=smoothing)(outputs, batch["labels"])


def batches_of(examples: list, collate) -> list:
    return list(DataLoader(examples, batch_size=BATCH, shuffle=False, collate_fn=collate))


@torch.no_grad()
def logits_of(model, batches: list) -> np.ndarray:
    return np.concatenate([model(**{k: v for k, v in b.items() if k != "labels"}).logits.numpy() for b in batches])


def main() -> None:
    tokenizer = word_tokenizer()
    out = {"tokenizer": files(tokenizer), "rate": RATE, "decay": DECAY, "batch": BATCH, "epsilon": EPSILON, "models": {}, "cases": {}}

    def case(name: str, model, rows: list, batches: list, scores, warmup: int = 0, smoothing: float = 0.0, **more) -> None:
        out["models"][name] = described(model)
        result = trained(model, batches, warmup, smoothing)
        out["cases"][name] = {"rows": rows, "warmup": warmup, **result, "scores": scores(model, batches), **more}

    pad = DataCollatorWithPadding(tokenizer)

    def encoded(rows: list, labels: list, types: bool = True) -> list:
        pairs = [(row["text"], row.get("textPair")) for row in rows]
        # GPT-2 of Hugging Face adds the words of the types, were it given any.
        return [{**tokenizer(text, pair, return_token_type_ids=types), "labels": label} for (text, pair), label in zip(pairs, labels)]

    texts = [
        {"text": "the film is great !"}, {"text": "anna lives in a small house near the old bridge ."},
        {"text": "bob was not good", "textPair": "what a very bad example"}, {"text": "the city is large and new"},
    ]

    moods = ["bad", "neutral", "good"]
    truth = [2, 1, 0, 2]
    rows = [{**row, "label": moods[label] if i % 2 else label} for i, (row, label) in enumerate(zip(texts, truth))]

    def single(model, batches):
        found = logits_of(model, batches).argmax(-1)
        return {"accuracy": accuracy_score(truth, found), "f1": f1_score(truth, found, average="macro", zero_division=0)}

    for name, model in {
        "single": BertForSequenceClassification(config(tokenizer, **labelled(moods))),
        "decoder": GPT2ForSequenceClassification(writer_config(tokenizer, **labelled(moods))),
    }.items():
        case(name, model, rows, batches_of(encoded(rows, truth, types=name == "single"), pad), single, warmup=1 if name == "decoder" else 0)

    topics = ["art", "work", "place"]
    held = [[0, 2], [2], [], [1, 2]]
    hot = np.array([[float(i in labels) for i in range(3)] for labels in held])
    rows = [{**row, "labels": [topics[label] for label in labels]} for row, labels in zip(texts, held)]

    def several(model, batches):
        found = (logits_of(model, batches) > 0).astype(float)
        return {
            "accuracy": accuracy_score(hot, found), "f1": f1_score(hot, found, average="micro", zero_division=0),
            "macroF1": f1_score(hot, found, average="macro", zero_division=0),
        }

    multi = BertForSequenceClassification(config(tokenizer, **labelled(topics), problem_type="multi_label_classification"))
    case("multi", multi, rows, batches_of(encoded(rows, hot.tolist()), pad), several)

    grades = [0.5, -1.0, 2.0, 0.25]
    rows = [{**row, "label": grade} for row, grade in zip(texts, grades)]

    def regression(model, batches):
        found = logits_of(model, batches)[:, 0]
        return {"mse": mean_squared_error(grades, found), "mae": mean_absolute_error(grades, found), "r2": r2_score(grades, found)}

    grade = BertForSequenceClassification(config(tokenizer, num_labels=1, problem_type="regression"))
    case("regression", grade, rows, batches_of(encoded(rows, grades), pad), regression)
    tokens(tokenizer, case)
    answers(tokenizer, case)
    rewriting(tokenizer, case)
    languages(tokenizer, case)
    chats(tokenizer, case, out)
    smoothing(tokenizer, case)
    write("finetune", out)


NAMES = ["O", "B-PER", "I-PER", "B-LOC", "I-LOC"]


def tokens(tokenizer, case) -> None:
    """As run_ner.py of transformers: the first token of a word has its label, the others -100."""
    rows = [
        {"tokens": ["Anna", "Smith", "lives", "in", "Newland", "."], "labels": ["B-PER", "I-PER", "O", "O", "B-LOC", "O"]},
        {"tokens": ["the", "old", "bridge"], "labels": [0, 0, -100]},
        {"tokens": ["Bob", "was", "in", "Paris", "-", "Nord"], "labels": ["B-PER", "O", "O", "B-LOC", "I-LOC", "I-LOC"]},
        {"tokens": ["Zoé", "worked"], "labels": ["B-PER", "O"]},
    ]
    examples, truth = [], []
    for row in rows:
        encoded = tokenizer(row["tokens"], is_split_into_words=True)
        numbers = [label if isinstance(label, int) else NAMES.index(label) for label in row["labels"]]
        words = encoded.word_ids()
        labels = [-100 if word is None or word == words[i - 1] else numbers[word] for i, word in enumerate(words)]
        examples.append({**encoded, "labels": labels})
        truth.append(labels)

    def scores(model, batches):
        found, right = [], []
        for example, labels in zip(examples, truth):
            logits = model(**{k: torch.tensor([v]) for k, v in example.items() if k != "labels"}).logits[0]
            kept = [(int(row.argmax()), label) for row, label in zip(logits, labels) if label != -100]
            found.append([NAMES[a] for a, _ in kept])
            right.append([NAMES[b] for _, b in kept])
        same = [a == b for x, y in zip(found, right) for a, b in zip(x, y)]
        return {
            "accuracy": float(np.mean(same)), "precision": precision_score(right, found, zero_division=0),
            "recall": recall_score(right, found, zero_division=0), "f1": entity_f1(right, found, zero_division=0),
        }

    model = BertForTokenClassification(config(tokenizer, **labelled(NAMES)))
    case("tokens", model, rows, batches_of(examples, DataCollatorForTokenClassification(tokenizer)), scores)


def answers(tokenizer, case) -> None:
    """As run_qa.py of transformers makes features: windows that overlap, and the first token where the answer is not within."""
    long = "anna lives in a small house near the old bridge , and she works for the acme company in berlin ."
    rows = [
        {"question": "where is the house ?", "context": long, "answers": [{"text": "near the old bridge", "start": long.index("near")}]},
        # Python counts code points, of which 😀 is one.
        {"question": "who is he ?", "context": "😀 he is bob .", "answers": {"text": ["bob"], "answer_start": [8]}},
        {"question": "when was it ?", "context": "the film was not good .", "answers": []},
    ]
    length, stride = 20, 4
    examples = []
    for row in rows:
        encoded = tokenizer(
            row["question"], row["context"], truncation="only_second", max_length=length, stride=stride,
            return_overflowing_tokens=True, return_offsets_mapping=True,
        )
        given = row["answers"]
        text, starts = (given["text"], given["answer_start"]) if isinstance(given, dict) else (
            [a["text"] for a in given], [a["start"] for a in given],
        )
        for i, offsets in enumerate(encoded["offset_mapping"]):
            sequence = encoded.sequence_ids(i)
            first, last = 0, len(sequence) - 1
            while sequence[first] != 1:
                first += 1
            while sequence[last] != 1:
                last -= 1
            start, end = 0, 0
            if text and offsets[first][0] <= starts[0] and offsets[last][1] >= starts[0] + len(text[0]):
                while first < len(offsets) and offsets[first][0] <= starts[0] and sequence[first] == 1:
                    first += 1
                start = first - 1
                while offsets[last][1] >= starts[0] + len(text[0]) and sequence[last] == 1:
                    last -= 1
                end = last + 1
            keys = ("input_ids", "attention_mask", "token_type_ids")
            examples.append({**{k: encoded[k][i] for k in keys}, "start_positions": start, "end_positions": end})
    model = BertForQuestionAnswering(config(tokenizer))
    # Each window alone: padding would take part in the softmax over the positions.
    batches = batches_of(examples, lambda some: [{k: torch.tensor([v]) for k, v in one.items()} for one in some])
    places = [[e["start_positions"], e["end_positions"]] for e in examples]
    case("answers", model, rows, batches, lambda *_: {}, length=length, stride=stride, places=places)


def token_loss(model, batches: list) -> dict:
    """The mean loss of all tokens that count, and its perplexity."""
    total = count = 0
    with torch.no_grad():
        for batch in batches:
            # Decoders alone learn no first token.
            labels = batch["labels"] if model.config.is_encoder_decoder else batch["labels"][:, 1:]
            number = int((labels != -100).sum())
            total += model(**batch).loss.item() * number
            count += number
    return {"loss": total / count, "perplexity": float(np.exp(total / count))}


REWRITTEN = [
    {"source": "the film is great !", "target": "very good"},
    {"source": "anna lives in a small house near the old bridge", "target": "she lives under the bridge ."},
    {"source": "bob was not good", "target": "he was bad"},
    {"source": "what", "target": "the old , old city"},
]


def writer_of_t5(tokenizer) -> T5ForConditionalGeneration:
    return T5ForConditionalGeneration(T5Config(
        d_model=16, d_kv=8, d_ff=24, num_layers=1, num_heads=2, dropout_rate=0.0, decoder_start_token_id=0,
        vocab_size=len(tokenizer), pad_token_id=tokenizer.pad_token_id, eos_token_id=tokenizer.sep_token_id,
    ))


def rewriting_batches(tokenizer, model) -> list:
    examples = []
    for row in REWRITTEN:
        encoded = tokenizer(row["source"], return_token_type_ids=False)
        examples.append({**encoded, "labels": tokenizer(row["target"])["input_ids"]})
    return batches_of(examples, DataCollatorForSeq2Seq(tokenizer, model))


def rewriting(tokenizer, case) -> None:
    t5 = writer_of_t5(tokenizer)
    bart = BartForConditionalGeneration(BartConfig(
        d_model=16, encoder_layers=1, decoder_layers=1, encoder_attention_heads=2, decoder_attention_heads=2,
        encoder_ffn_dim=24, decoder_ffn_dim=24, max_position_embeddings=48, dropout=0.0, bos_token_id=2,
        decoder_start_token_id=3, forced_eos_token_id=None, attn_implementation="eager",
        vocab_size=len(tokenizer), pad_token_id=tokenizer.pad_token_id, eos_token_id=tokenizer.sep_token_id,
    ))
    for name, model in {"t5": t5, "bart": bart}.items():
        case(name, model, REWRITTEN, rewriting_batches(tokenizer, model), token_loss)


def smoothing(tokenizer, case) -> None:
    """Labels smoothed in training alone: the scores are those of the labels as they are."""
    model = writer_of_t5(tokenizer)
    case("smoothed", model, REWRITTEN, rewriting_batches(tokenizer, model), token_loss, smoothing=0.1)


def language_batches(tokenizer, examples: list) -> list:
    """Each text in a row of its own."""
    return batches_of(examples, lambda some: language_batch(tokenizer, some))


def languages(tokenizer, case) -> None:
    """Whole texts, and completions whose prompts are not learnt."""
    rows = [
        {"text": "the film is great !"}, {"prompt": "anna lives in", "completion": " a small house near the old bridge ."},
        {"prompt": "bob was", "completion": " not good"}, {"text": "he , she and it"},
    ]
    examples = []
    for row in rows:
        if "text" in row:
            ids = tokenizer(row["text"])["input_ids"]
            examples.append((ids, ids))
            continue
        # [CLS] and the prompt are not learnt, [SEP] is.
        ids = tokenizer(row["prompt"] + row["completion"])["input_ids"]
        read = 1 + len(tokenizer.tokenize(row["prompt"]))
        examples.append((ids, [-100] * read + ids[read:]))
    model = GPT2LMHeadModel(writer_config(tokenizer))
    case("language", model, rows, language_batches(tokenizer, examples), token_loss)


TEMPLATE = (
    "{% for m in messages %}{{ m.role }} : {{ m.content }} [SEP] {% endfor %}{% if add_generation_prompt %}assistant :{% endif %}"
)


def chats(tokenizer, case, out) -> None:
    def chat(*contents: str) -> dict:
        roles = ["user", "assistant"] * len(contents)
        return {"messages": [{"role": role, "content": content} for role, content in zip(roles, contents)]}

    rows = [
        chat("where is it ?", "in berlin .", "and she ?", "near the sea"), chat("is it good ?", "very good !"),
        chat("who ?", "bob , not anna"), chat("the film ?", "bad"),
    ]
    tokenizer.chat_template = TEMPLATE
    examples, learnt = [], []
    for row in rows:
        text = tokenizer.apply_chat_template(row["messages"], tokenize=False)
        encoded = tokenizer(text, add_special_tokens=False, return_offsets_mapping=True)
        labels = [-100] * len(encoded["input_ids"])
        for i, message in enumerate(row["messages"]):
            if message["role"] != "assistant":
                continue
            start = len(tokenizer.apply_chat_template(row["messages"][:i], tokenize=False, add_generation_prompt=True))
            end = len(tokenizer.apply_chat_template(row["messages"][: i + 1], tokenize=False))
            for j, (a, b) in enumerate(encoded["offset_mapping"]):
                if a >= start and b <= end:
                    labels[j] = encoded["input_ids"][j]
        examples.append((encoded["input_ids"], labels))
        learnt.append(tokenizer.decode([label for label in labels if label != -100]))
    model = LlamaForCausalLM(LlamaConfig(
        vocab_size=len(tokenizer), hidden_size=16, intermediate_size=24, num_hidden_layers=1, num_attention_heads=2,
        max_position_embeddings=64, pad_token_id=tokenizer.pad_token_id, tie_word_embeddings=True, attn_implementation="eager",
    ))
    # All in one batch, which packs into fewer rows.
    batches = [language_batch(tokenizer, examples)]
    case("chats", model, rows, batches, token_loss, template=TEMPLATE, learnt=learnt)


def language_batch(tokenizer, examples: list) -> dict:
    length = max(len(ids) for ids, _ in examples)
    fill = lambda list, value: list + [value] * (length - len(list))
    return {
        "input_ids": torch.tensor([fill(ids, tokenizer.pad_token_id) for ids, _ in examples]),
        "attention_mask": torch.tensor([fill([1] * len(ids), 0) for ids, _ in examples]),
        "labels": torch.tensor([fill(labels, -100) for _, labels in examples]),
    }


main()
