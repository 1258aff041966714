"""Agreement of people who label, how unsure models are, and files of labels: packages/label/golden/agreement.json.

scikit-learn (kappa, distances), statsmodels (Fleiss), krippendorff, pycocotools (overlaps; opens what typegrad exports), seqeval (spans)
and SciPy (matchings, entropy). Not run by make_all.py:

    .venv/bin/pip install scikit-learn==1.9.1 scipy statsmodels krippendorff pycocotools seqeval
    .venv/bin/python tools/golden/make_label_agreement.py
"""
import importlib.metadata as metadata
import json
import pathlib
import warnings

import krippendorff
import numpy as np
from pycocotools import mask
from pycocotools.coco import COCO
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import maximum_bipartite_matching
from scipy.stats import entropy
from seqeval.metrics import f1_score, precision_score, recall_score
from seqeval.scheme import IOB2
from sklearn.metrics import cohen_kappa_score, pairwise_distances
from statsmodels.stats.inter_rater import fleiss_kappa

from golden_json import DATE

warnings.simplefilter("ignore")
random = np.random.RandomState(20)
classes = ["a", "b", "c", "d"]
folder = pathlib.Path(__file__).parents[2] / "packages/label/golden"


def number(value):
    return None if not np.isfinite(value) else float(f"{value:.12g}")


def noisy(truth, share):
    return [classes[random.randint(4)] if random.rand() < share else name for name in truth]


cohen = []
for n, share in [(6, 0.5), (40, 0.3), (200, 0.6), (25, 0.0)]:
    truth = [classes[k] for k in random.randint(4, size=n)]
    a, b = noisy(truth, share), noisy(truth, share)
    weights = {kind: number(cohen_kappa_score(a, b, labels=classes, weights=None if kind == "none" else kind))
               for kind in ["none", "linear", "quadratic"]}
    cohen.append({"a": a, "b": b, "kappa": weights})

fleiss = []
for n, people, share in [(10, 3, 0.4), (30, 5, 0.2), (12, 2, 0.8)]:
    samples = [noisy([classes[random.randint(4)]] * people, share) for _ in range(n)]
    table = [[row.count(name) for name in classes] for row in samples]
    fleiss.append({"samples": samples, "kappa": number(fleiss_kappa(np.array(table)))})

alpha = []
for n, people, share, missing in [(12, 3, 0.3, 0.2), (40, 4, 0.5, 0.4), (15, 2, 0.1, 0.0)]:
    truth = random.randint(1, 5, size=n)
    data = np.array([[float(random.randint(1, 5)) if random.rand() < share else float(t) for t in truth]
                     for _ in range(people)])
    data[random.rand(people, n) < missing] = np.nan
    levels = {level: number(krippendorff.alpha(reliability_data=data, level_of_measurement=level))
              for level in ["nominal", "ordinal", "interval", "ratio"]}
    samples = [[float(v) for v in column if not np.isnan(v)] for column in data.T]
    alpha.append({"samples": samples, "alpha": levels})

boxes = []
for n, m in [(3, 3), (6, 5), (0, 2), (12, 12)]:
    def some(count):
        return [{"class": classes[random.randint(2)], "x": float(x), "y": float(y), "width": float(w), "height": float(h)}
                for x, y, w, h in zip(*random.randint(0, 12, size=(2, count)), *random.randint(4, 14, size=(2, count)))]
    found, expected = some(n), some(m)
    corners = lambda all: np.array([[b["x"], b["y"], b["width"], b["height"]] for b in all], dtype=np.float64)
    if n and m:
        overlap = np.asarray(mask.iou(corners(found), corners(expected), [0] * m))
        same = np.array([[a["class"] == b["class"] for b in expected] for a in found])
        allowed = csr_matrix(((overlap >= 0.3) & same).astype(int))
        matched = int((maximum_bipartite_matching(allowed, perm_type="column") >= 0).sum())
    else:
        overlap, matched = np.zeros((n, m)), 0
    boxes.append({"found": found, "expected": expected, "overlap": [[number(v) for v in row] for row in overlap],
                  "matched": matched, "f1": number(2 * matched / (n + m))})

spans = []
words = [f"w{i}" for i in range(12)]
for _ in range(4):
    def tags():
        out, i = [], 0
        while i < len(words):
            if random.rand() < 0.4:
                length, name = random.randint(1, 4), ["PER", "LOC"][random.randint(2)]
                out += ([f"B-{name}"] + [f"I-{name}"] * (length - 1))[: len(words) - i]
                i = len(out)
            else:
                out.append("O")
                i += 1
        return out
    expected = tags()
    found = [tag if random.rand() < 0.8 else "O" for tag in expected]
    # IOB2 has no I- behind O.
    found = ["O" if tag.startswith("I-") and (i == 0 or found[i - 1][1:] != tag[1:]) else tag for i, tag in enumerate(found)]
    for i, tag in enumerate(found):
        if tag.startswith("I-") and (i == 0 or found[i - 1] == "O"):
            found[i] = "O"
    scores = [number(score([expected], [found], mode="strict", scheme=IOB2, zero_division=0))
              for score in [precision_score, recall_score, f1_score]]
    spans.append({"tokens": words, "expected": expected, "found": found, "scores": scores})

probabilities = random.dirichlet([0.5] * 4, size=6)
unsure = [{"p": [number(v) for v in p], "leastConfidence": number(1 - p.max()),
           "margin": number(1 - (np.sort(p)[-1] - np.sort(p)[-2])), "entropy": number(entropy(p))} for p in probabilities]

vectors = np.round(random.randn(40, 3), 3)
known = np.round(random.randn(3, 3), 3)
nearest = pairwise_distances(vectors, known).min(axis=1)
chosen = []
for _ in range(10):
    pick = int(nearest.argmax())
    chosen.append(pick)
    nearest = np.minimum(nearest, pairwise_distances(vectors, vectors[[pick]])[:, 0])
    nearest[chosen] = -1

made_by = {name: metadata.version(name) for name in
           ["scikit-learn", "statsmodels", "krippendorff", "pycocotools", "seqeval", "scipy", "numpy"]}
made_by["date"] = DATE
cases = {"cohen": cohen, "fleiss": fleiss, "alpha": alpha, "boxes": boxes, "spans": spans, "unsure": unsure,
         "centers": {"vectors": vectors.tolist(), "known": known.tolist(), "chosen": chosen}}
folder.mkdir(exist_ok=True)
(folder / "agreement.json").write_text(json.dumps({"madeBy": made_by, **cases}) + "\n")

# What typegrad has exported (export.test.ts holds it to this very file) is COCO to pycocotools.
exported = folder / "coco.json"
if exported.exists():
    coco = COCO(str(exported))
    assert len(coco.getImgIds()) == 2 and len(coco.getAnnIds()) == 3, "pycocotools counts otherwise"
    cat = coco.getCatIds(catNms=["cat"])
    assert [a["bbox"] for a in coco.loadAnns(coco.getAnnIds(catIds=cat))] == [[10, 20, 30.5, 40]], "another box"
    detections = coco.loadRes([{"image_id": a["image_id"], "category_id": a["category_id"], "bbox": a["bbox"], "score": 1.0}
                               for a in coco.dataset["annotations"]])
    from pycocotools.cocoeval import COCOeval
    scored = COCOeval(coco, detections, "bbox")
    scored.evaluate(), scored.accumulate(), scored.summarize()
    assert scored.stats[0] == 1.0, "its own boxes are no perfect detections"
