"""
Golden values of losses of sentence embeddings and of re-ranking: packages/transformers/golden/embedding-losses.json. Each has
the loss and its gradient with respect to the embeddings (or scores), which are numbers that the tests make too. Needs
sentence-transformers.
"""

import json

import torch
from sentence_transformers.cross_encoder import CrossEncoder
from sentence_transformers.cross_encoder import losses as reranking
from sentence_transformers.cross_encoder.losses import lambda_loss as schemes
from sentence_transformers.sentence_transformer import losses
from sentence_transformers.sentence_transformer.losses.batch_hard_triplet import BatchHardTripletLossDistanceFunction
from sentence_transformers.sentence_transformer.losses.contrastive import SiameseDistanceMetric
from sentence_transformers.sentence_transformer.losses.triplet import TripletDistanceMetric
from sentence_transformers.util import dot_score, euclidean_sim, manhattan_sim

from transformers_golden import FOLDER, shaped

BATCH, WIDTH = 6, 5


class Encoder(torch.nn.Module):
    """Gives embeddings that are there already."""

    device = torch.device("cpu")

    def get_embedding_dimension(self) -> int:
        return WIDTH

    def forward(self, features: dict) -> dict:
        return dict(features)


encoder = Encoder()
scores = [0.1, 0.9, 0.5, 0.5, -0.2, 1.0]
binary = [1, 0, 0, 1, 1, 0]
classes = [0, 1, 0, 2, 1, 0]


def column(i: int, scale: float = 1.0) -> torch.Tensor:
    return shaped(f"column {i}", (BATCH, WIDTH), 0.0, scale).requires_grad_()


def rounded(x: torch.Tensor) -> list:
    return [round(v, 7) for v in x.detach().flatten().tolist()]


cases = []


def case(name: str, options, loss, columns: int, labels=None, kind: str = "float", scale: float = 1.0, **more) -> None:
    """@param kind of labels, which the tests have as they are."""
    embeddings = [column(i, scale) for i in range(columns)]
    given = None if labels is None else torch.tensor(labels) if kind == "int" else torch.tensor(labels, dtype=torch.float32)
    value = loss([{"sentence_embedding": e, "rows": BATCH} for e in embeddings], given)
    value.backward()
    cases.append({
        "name": name, "options": options, "columns": columns, "labels": labels, "scale": scale,
        "loss": round(value.item(), 7), "gradients": [rounded(e.grad) for e in embeddings], **more,
    })


mnr = losses.MultipleNegativesRankingLoss
directions = ("query_to_doc", "query_to_query", "doc_to_query", "doc_to_doc")
ours = ["anchorToDocument", "anchorToAnchor", "documentToAnchor", "documentToDocument"]
case("multipleNegativesRanking", {}, mnr(encoder), 2)
case("multipleNegativesRanking", {"scale": 5}, mnr(encoder, scale=5), 4)
case("multipleNegativesRanking", {"similarity": "dot", "scale": 1}, mnr(encoder, scale=1, similarity_fct=dot_score), 3)
case("multipleNegativesRanking", {"similarity": "euclidean", "scale": 2}, mnr(encoder, 2, euclidean_sim), 3)
case("multipleNegativesRanking", {"similarity": "manhattan", "scale": 2}, mnr(encoder, 2, manhattan_sim), 2)
case("multipleNegativesRanking", {"directions": ours}, mnr(encoder, directions=directions), 3)
for mode, name in [("in_batch_negatives", "inBatchNegatives"), ("hard_negatives", "hardNegatives"), ("all_negatives", "allNegatives")]:
    case("multipleNegativesRanking", {"hardness": {"of": name, "strength": 3}},
         mnr(encoder, hardness_mode=mode, hardness_strength=3.0), 3)
case("multipleNegativesSymmetricRanking", {}, losses.MultipleNegativesSymmetricRankingLoss(encoder), 3)
for distance in ["COSINE", "EUCLIDEAN", "MANHATTAN"]:
    case("triplet", {"distance": distance.lower(), "margin": 0.3},
         losses.TripletLoss(encoder, getattr(TripletDistanceMetric, distance), 0.3), 3)
case("triplet", {}, losses.TripletLoss(encoder), 3)
case("cosineSimilarity", {}, losses.CosineSimilarityLoss(encoder), 2, scores)
case("cosent", {}, losses.CoSENTLoss(encoder), 2, scores)
case("angle", {"scale": 10}, losses.AnglELoss(encoder, scale=10), 2, scores)
for distance in ["COSINE_DISTANCE", "EUCLIDEAN", "MANHATTAN"]:
    options = {"distance": distance.split("_")[0].lower(), "margin": 1.2}
    metric = getattr(SiameseDistanceMetric, distance)
    case("contrastive", options, losses.ContrastiveLoss(encoder, metric, 1.2), 2, binary)
    case("onlineContrastive", options, losses.OnlineContrastiveLoss(encoder, metric, 1.2), 2, binary)
case("onlineContrastive", {}, losses.OnlineContrastiveLoss(encoder), 2, [0] * 6)
case("onlineContrastive", {}, losses.OnlineContrastiveLoss(encoder), 2, [1] * 6)
for distance in ["cosine", "euclidean"]:
    options = {"distance": distance, "margin": 0.5}
    metric = getattr(BatchHardTripletLossDistanceFunction, f"{distance}_distance")
    case("batchAllTriplet", options, losses.BatchAllTripletLoss(encoder, metric, 0.5), 1, classes, "int")
    case("batchHardTriplet", options, losses.BatchHardTripletLoss(encoder, metric, 0.5), 1, classes, "int")
    case("batchHardTriplet", {"distance": distance, "margin": "soft"},
         losses.BatchHardSoftMarginTripletLoss(encoder, metric), 1, classes, "int")
    case("batchSemiHardTriplet", options, losses.BatchSemiHardTripletLoss(encoder, metric, 0.5), 1, classes, "int")
case("batchSemiHardTriplet", {}, losses.BatchSemiHardTripletLoss(encoder), 1, classes, "int")
teacher = shaped("teacher", (BATCH, WIDTH), 0.0, 1.0).tolist()
case("meanSquaredError", {}, losses.MSELoss(encoder), 1, teacher)
case("multipleNegativesRanking", {}, losses.MatryoshkaLoss(encoder, mnr(encoder), [5, 3, 2], [1, 0.5, 0.25]), 3,
     matryoshka={"dims": [5, 3, 2], "weights": [1, 0.5, 0.25]})
case("cosent", {}, losses.MatryoshkaLoss(encoder, losses.CoSENTLoss(encoder), [4, 1]), 2, scores,
     matryoshka={"dims": [4, 1]})
for features, flags in [(["embeddings", "difference"], {}), (["product", "difference"], {
    "concatenation_sent_rep": False, "concatenation_sent_multiplication": True,
})]:
    softmax = losses.SoftmaxLoss(encoder, WIDTH, 3, **flags)
    with torch.no_grad():
        softmax.classifier.weight.copy_(shaped("kernel", softmax.classifier.weight.shape, 0.0, 1.0))
        softmax.classifier.bias.copy_(shaped("bias", (3,), 0.0, 1.0))
    case("softmax", {"classes": 3, "features": features}, softmax, 2, classes, "int")

# Re-ranking: scores of queries and documents, as the cross-encoder would give them.
ranked = []


class Scorer(CrossEncoder):
    """Gives the next of scores that are there already."""

    def __init__(self, given: torch.Tensor):
        torch.nn.Module.__init__(self)
        self.given, self.at, self.labels = given, 0, 1

    num_labels = 1
    device = torch.device("cpu")

    def preprocess(self, pairs, **_):
        return {"pairs": pairs}

    def forward(self, features: dict) -> dict:
        count = len(features["pairs"])
        self.at += count
        return {"scores": self.given[self.at - count : self.at].reshape(-1, 1)}

    def get_parameter_device(self):
        return self.device


def ranking(name: str, options: dict, make, counts: list, labels, columns: bool = False, given_columns=None) -> None:
    """
    @param counts of documents for each query, or with `columns` the number of columns of documents.
    @param given_columns of these those that the data has, where others are drawn from the batch.
    """
    total = len(counts) * counts[0] if columns else sum(counts)
    given = shaped("scores", (total,), 0.0, 2.0).requires_grad_()
    model = Scorer(given)
    loss = make(model)
    if columns:
        texts = [[f"{i} {j}" for i in range(len(counts))] for j in range((given_columns or counts[0]) + 1)]
        value = loss(texts, labels if labels is None else torch.tensor(labels))
    else:
        documents = [[f"{i} {j}" for j in range(n)] for i, n in enumerate(counts)]
        value = loss([[str(i) for i in range(len(counts))], documents], [torch.tensor(row) for row in labels])
    value.backward()
    ranked.append({
        "name": name, "options": options, "counts": counts, "labels": labels, "columns": columns,
        "loss": round(value.item(), 7), "gradient": rounded(given.grad),
    })


listed = [[0.0, 2.0, 1.0], [1.0, 0.0], [3.0, 0.0, 0.0, 1.0]]
counts = [3, 2, 4]
ranking("binaryCrossEntropy", {}, reranking.BinaryCrossEntropyLoss, [1] * 6, [1.0, 0.0, 0.3, 1.0, 0.0, 0.7], True)
ranking("binaryCrossEntropy", {"positiveWeight": 3},
        lambda m: reranking.BinaryCrossEntropyLoss(m, pos_weight=torch.tensor(3.0)), [1] * 6, [1.0, 0.0, 0.3, 1.0, 0.0, 0.7], True)
ranking("listNet", {}, reranking.ListNetLoss, counts, listed)
ranking("lambda", {}, reranking.LambdaLoss, counts, listed)
ranking("lambda", {"weighting": "none", "at": 2, "sigma": 2},
        lambda m: reranking.LambdaLoss(m, schemes.NoWeightingScheme(), k=2, sigma=2.0), counts, listed)
ranking("lambda", {"weighting": "ndcgLoss1"}, lambda m: reranking.LambdaLoss(m, schemes.NDCGLoss1Scheme()), counts, listed)
ranking("lambda", {"weighting": "ndcgLoss2"}, lambda m: reranking.LambdaLoss(m, schemes.NDCGLoss2Scheme()), counts, listed)
ranking("lambda", {"weighting": "lambdaRank"}, lambda m: reranking.LambdaLoss(m, schemes.LambdaRankScheme()), counts, listed)
ranking("rankNet", {}, reranking.RankNetLoss, counts, listed)
ranking("marginMeanSquaredError", {}, reranking.MarginMSELoss, [3] * 4,
        [[0.5, 1.5], [1.0, 0.2], [2.0, 2.0], [0.1, -0.3]], True)

# All other positives of the batch, then the hard negatives: of 4 rows, 1 + 2 · 3 + 1 scores each.
ranking("multipleNegativesRanking", {"scale": 5}, lambda m: reranking.MultipleNegativesRankingLoss(m, None, scale=5),
        [8] * 4, None, True, given_columns=2)

path = FOLDER / "embedding-losses.json"
path.write_text(json.dumps({"batch": BATCH, "width": WIDTH, "cases": cases, "ranked": ranked}) + "\n")
print(f"{path.name}: {path.stat().st_size / 1000:.0f} kB")
