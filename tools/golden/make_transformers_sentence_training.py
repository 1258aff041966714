"""
Golden values of training sentence encoders, re-rankers and students: packages/transformers/golden/sentence-training.json.

Small models without dropout make two steps of AdamW by sentence-transformers' losses, as in make_transformers_finetune.py. Kept
are the mean of the two losses, what each weight has moved by (its length and three projections), and scores behind.
"""

import json
import tempfile

import numpy as np
import torch
import torch.nn.functional as F
from sentence_transformers import SentenceTransformer
from sentence_transformers.cross_encoder import CrossEncoder
from sentence_transformers.cross_encoder import losses as reranking
from sentence_transformers.sentence_transformer import losses
from sentence_transformers.sentence_transformer.evaluation import (
    EmbeddingSimilarityEvaluator, InformationRetrievalEvaluator, TripletEvaluator,
)
from sentence_transformers.sentence_transformer.modules import Normalize, Pooling, Transformer
from transformers import (
    BertConfig, BertForSequenceClassification, BertModel, get_linear_schedule_with_warmup,
)

from transformers_golden import named, projections
from transformers_pipelines import described, files, word_tokenizer, write

RATE, DECAY, BATCH, EPSILON = 1e-2, 0.1, 2, 1e-4
tokenizer = word_tokenizer()
out = {"tokenizer": files(tokenizer), "rate": RATE, "decay": DECAY, "batch": BATCH, "epsilon": EPSILON, "models": {}, "cases": {}}


def config(layers: int = 1, **more) -> BertConfig:
    return BertConfig(
        vocab_size=len(tokenizer), hidden_size=16, num_hidden_layers=layers, num_attention_heads=2, intermediate_size=24,
        max_position_embeddings=48, type_vocab_size=2, attn_implementation="eager", hidden_dropout_prob=0.0,
        attention_probs_dropout_prob=0.0, **more,
    )


def trained(model, steps: list) -> dict:
    """@param steps functions that give a loss each."""
    before = {name: weight.detach().clone() for name, weight in named(model)}
    decayed = [p for p in model.parameters() if p.dim() > 1]
    others = [p for p in model.parameters() if p.dim() <= 1]
    optimizer = torch.optim.AdamW([{"params": decayed, "weight_decay": DECAY}, {"params": others, "weight_decay": 0.0}], lr=RATE)
    schedule = get_linear_schedule_with_warmup(optimizer, 0, len(steps))
    model.train()
    told = []
    for step, loss_of in enumerate(steps, 1):
        loss = loss_of()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        for group in optimizer.param_groups:
            # As in make_transformers_finetune.py: Keras's epsilon.
            group["eps"] = EPSILON / (1 - group["betas"][1] ** step) ** 0.5
        optimizer.step()
        schedule.step()
        optimizer.zero_grad()
        told.append(loss.item())
    model.eval()
    moved = {name: projections(name, weight.detach() - before[name]) for name, weight in named(model)}
    # Of what has no gradient nothing but its decay is left; it is not compared.
    return {"loss": float(np.mean(told)), "moved": {k: v for k, v in moved.items() if not k.startswith("pooler.")}}


def folder_of(model) -> str:
    folder = tempfile.mkdtemp()
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


def encoder_case(name: str, rows: list, loss_of, columns: list, scores, label: str | None = None) -> None:
    base = BertModel(config())
    out["models"][name] = described(base)
    encoder = SentenceTransformer(modules=[Transformer(folder_of(base)), Pooling(16, "mean"), Normalize()], device="cpu")
    loss = loss_of(encoder)

    def step(batch: list):
        features = [encoder.preprocess([row[c] for row in batch]) for c in columns]
        labels = None if label is None else torch.tensor([row[label] for row in batch])
        return loss(features, labels)

    steps = [lambda at=at: step(rows[at : at + BATCH]) for at in range(0, len(rows), BATCH)]
    result = trained(encoder[0].auto_model, steps)
    out["cases"][name] = {"rows": rows, **result, "scores": scores(encoder)}


anchors = [
    {"anchor": "where does anna live ?", "positive": "anna lives in a small house near the old bridge .", "negative": "bob was not good"},
    {"anchor": "the film is great !", "positive": "what a good film", "negative": "the city is large and new"},
    {"anchor": "is the city new ?", "positive": "the city is large and new", "negative": "what a very bad example"},
    {"anchor": "a bad example", "positive": "what a very bad example", "negative": "the film is great !"},
]


def search(encoder) -> dict:
    documents = {str(i): row["positive"] for i, row in enumerate(anchors)}
    found = InformationRetrievalEvaluator(
        {str(i): row["anchor"] for i, row in enumerate(anchors)}, documents, {k: {k} for k in documents},
        mrr_at_k=[10], ndcg_at_k=[10], accuracy_at_k=[1], precision_recall_at_k=[1, 5], map_at_k=[10], write_csv=False,
    )(encoder)
    triplets = TripletEvaluator(*[[row[c] for row in anchors] for c in ("anchor", "positive", "negative")], write_csv=False)(encoder)
    return {
        "recall@1": found["cosine_recall@1"], "recall@5": found["cosine_recall@5"], "mrr@10": found["cosine_mrr@10"],
        "ndcg@10": found["cosine_ndcg@10"], "tripletAccuracy": triplets["cosine_accuracy"],
    }


encoder_case("ranking", anchors, lambda m: losses.MultipleNegativesRankingLoss(m, scale=5), ["anchor", "positive", "negative"], search)

graded = [
    {"text": a["anchor"], "textPair": b["positive"], "label": label}
    for a, b, label in zip(anchors, anchors[::-1], [0.2, 0.9, 0.4, 0.1])
]


def likeness(encoder) -> dict:
    found = EmbeddingSimilarityEvaluator(*[[row[c] for row in graded] for c in ("text", "textPair", "label")], write_csv=False)(encoder)
    return {"spearmanCosine": found["spearman_cosine"], "pearsonCosine": found["pearson_cosine"]}


encoder_case("grades", graded, lambda m: losses.CoSENTLoss(m, scale=5), ["text", "textPair"], likeness, "label")

# A re-ranker that learns lists of documents of different lengths.
lists = [
    {"query": row["anchor"], "documents": [row["positive"], row["negative"], other["positive"]][: 3 - i % 2], "labels": [2.0, 0.0, 1.0][: 3 - i % 2]}
    for i, (row, other) in enumerate(zip(anchors, anchors[1:] + anchors[:1]))
]
ranker = BertForSequenceClassification(config(num_labels=1))
out["models"]["lists"] = described(ranker)
cross = CrossEncoder(folder_of(ranker), device="cpu")
loss = reranking.ListNetLoss(cross)


def list_step(batch: list):
    return loss([[r["query"] for r in batch], [r["documents"] for r in batch]], [torch.tensor(r["labels"]) for r in batch])


inner = cross[0].auto_model if hasattr(cross[0], "auto_model") else cross.model
result = trained(inner, [lambda at=at: list_step(lists[at : at + BATCH]) for at in (0, 2)])
out["cases"]["lists"] = {
    "rows": lists, **result,
    "probabilities": cross.predict([(r["query"], d) for r in lists for d in r["documents"]]).tolist(),
    "scores": {},
}

# A student of one layer learns a teacher's logits (at a temperature), its hidden states, and the labels.
TEMPERATURE, ALPHA, HIDDEN = 2.0, 0.3, 0.5
teacher = BertForSequenceClassification(config(2, num_labels=3))
out["models"]["teacher"] = described(teacher)
student = BertForSequenceClassification(config(1, num_labels=3))
out["models"]["student"] = described(student)
texts = [{"text": row["positive"], "label": i % 3} for i, row in enumerate(anchors)]
teacher.eval()


def distil_step(batch: list):
    inputs = tokenizer([row["text"] for row in batch], padding=True, return_tensors="pt")
    labels = torch.tensor([row["label"] for row in batch])
    with torch.no_grad():
        told = teacher(**inputs, output_hidden_states=True)
    own = student(**inputs, labels=labels, output_hidden_states=True)
    soft = F.kl_div(
        F.log_softmax(own.logits / TEMPERATURE, -1), F.softmax(told.logits / TEMPERATURE, -1), reduction="batchmean",
    ) * TEMPERATURE**2
    # The student's last block is to say what the teacher's last says, and its embeddings what the teacher's say, where there are tokens.
    mask = inputs["attention_mask"].unsqueeze(-1).bool()
    hidden = sum(
        F.mse_loss(own.hidden_states[s].masked_select(mask), told.hidden_states[t].masked_select(mask)) for s, t in [(0, 0), (1, 2)]
    )
    return ALPHA * own.loss + (1 - ALPHA) * soft + HIDDEN * hidden


out["cases"]["student"] = {
    "rows": texts, "temperature": TEMPERATURE, "alpha": ALPHA, "hiddenWeight": HIDDEN,
    **trained(student, [lambda at=at: distil_step(texts[at : at + BATCH]) for at in (0, 2)]), "scores": {},
}
write("sentence-training", out)
