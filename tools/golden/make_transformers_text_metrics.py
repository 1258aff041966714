"""
Golden values of metrics on texts: packages/transformers/golden/text-metrics.json, from sacrebleu, rouge-score, seqeval,
sentence-transformers, nltk, and SQuAD's own scripts as Hugging Face's datasets holds them, whose paths are the arguments:

python tools/golden/make_transformers_text_metrics.py metrics/squad/evaluate.py metrics/squad_v2/evaluate.py
"""

import importlib.util
import json
import random
import sys

import nltk
from rouge_score import rouge_scorer
from sacrebleu.metrics import BLEU, CHRF
from sentence_transformers.sentence_transformer.evaluation import InformationRetrievalEvaluator
from seqeval.metrics import accuracy_score, classification_report
from seqeval.metrics.sequence_labeling import get_entities
from seqeval.scheme import BILOU, IOB1, IOB2, IOBES, IOE1, IOE2, Entities, auto_detect

from transformers_golden import FOLDER

random.seed(20)


def module(path: str):
    spec = importlib.util.spec_from_file_location("script", path)
    loaded = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(loaded)
    return loaded


words = """the a An of generating generations running ran houses happily happy geology skies dying national relational
conditional sky 1,000 3.14 10-20 well-known don't U.S.A. (hello) "quoted" end. ¿qué? naïve CAFÉ Straße İstanbul ΣΊΣΥΦΟΣ &amp; &lt;b&gt;
&quot;x&quot; <skipped> - — … 😀 👩‍🚀 $5 50% a/b c_d [1] {x} ~ ^ ` 中文 机器翻译 你好。 こんにちは 한국어 العربية й\u0306 x\u0301
 ﬁne ½ ② Ⅷ \u2600 \u3000全角！ＡＢＣ １２３ ()() .. ., 1.2. ,, yyyy flies tied agreed feed controlling fizzed hopping
filing triplicate formalize electricity goodness adoption irritant replacement effective rate cease controll roll vietnamization
formalism sensibility analogously callousness radically digitizer outings news proceed""".split()
separators = [" "] * 12 + ["  ", "\n", "-\n", "\t", "\u00a0", "\u2003", "\x1f", "", "", "."]


def text(longest: int = 14) -> str:
    return "".join(random.choice(words) + random.choice(separators) for _ in range(random.randint(0, longest)))


def near(other: str) -> str:
    """A text that shares much with another."""
    parts = other.split(" ")
    for _ in range(random.randint(0, 4)):
        kind, at = random.randint(0, 2), random.randint(0, len(parts))
        if kind == 0:
            parts.insert(at, random.choice(words))
        elif kind == 1 and at < len(parts):
            del parts[at]
        elif at < len(parts):
            parts[at] = random.choice(words)
    return " ".join(parts)


# Texts with one to three references each, and hypotheses near to the first.
references = [[text() for _ in range(1 + i % 3)] for i in range(45)]
hypotheses = [near(r[0]) if i % 7 else text() for i, r in enumerate(references)]
hypotheses[5], references[8][0], references[9] = "", "", ["", ""]
hypotheses[9] = ""
pairs = list(zip(hypotheses, references))


def translation(kind, options: dict, ours: dict) -> dict:
    """The score of all texts, and of each."""
    metric = kind(**options)
    # sacreBLEU wants the n-th references of all texts together, and None where a text has fewer.
    streams = [[r[n] if n < len(r) else None for r in references] for n in range(3)]
    score = metric.corpus_score(hypotheses, streams)
    result = {"options": ours, "score": score.score, "signature": str(metric.get_signature())}
    if kind is BLEU:
        result |= {"precisions": score.precisions, "bp": score.bp, "lengths": [score.sys_len, score.ref_len]}
        options = {**options, "effective_order": True}
    sentences = [kind(**options).sentence_score(h, r).score for h, r in pairs]
    return {**result, "sentences": [round(s, 9) for s in sentences]}


bleu = [
    translation(BLEU, {"tokenize": name}, {"tokenize": name}) for name in ["13a", "intl", "zh", "char", "none"]
] + [
    translation(BLEU, {"smooth_method": "floor"}, {"smoothing": "floor"}),
    translation(BLEU, {"smooth_method": "floor", "smooth_value": 0.5}, {"smoothing": "floor", "smoothValue": 0.5}),
    translation(BLEU, {"smooth_method": "add-k"}, {"smoothing": "add-k"}),
    translation(BLEU, {"smooth_method": "none", "lowercase": True}, {"smoothing": "none", "lowercase": True}),
    translation(BLEU, {"max_ngram_order": 2, "effective_order": True}, {"maxOrder": 2, "effectiveOrder": True}),
]
chrf = [
    translation(CHRF, {}, {}),
    translation(CHRF, {"word_order": 2}, {"wordOrder": 2}),
    translation(CHRF, {"whitespace": True, "lowercase": True, "beta": 3}, {"whitespace": True, "lowercase": True, "beta": 3}),
    translation(CHRF, {"eps_smoothing": True, "char_order": 4}, {"epsilonSmoothing": True, "charOrder": 4}),
]

types = ["rouge1", "rouge2", "rouge3", "rougeL", "rougeLsum"]
rouge = []
for stem in [False, True]:
    scorer = rouge_scorer.RougeScorer(types, use_stemmer=stem)
    scores = [scorer.score_multi(r, h) for h, r in pairs]
    rouge.append({
        "options": {"useStemmer": stem, "types": types},
        "scores": [[[round(v, 9) for v in s[t]] for t in types] for s in scores],
    })
stemmer = nltk.stem.porter.PorterStemmer()
vocabulary = sorted({w.lower() for w in words if w.isascii() and w.isalpha()} | set(
    "caresses ponies ties caress cats plastered motoring conflated troubled sized tanned falling hissing failing happy toy by "
    "enjoy rational valenci hesitanci conformabli differentli vileli operator feudalism decisiveness hopefulness formaliti "
    "sensitiviti formative electrical hopeful revival allowance airliner gyroscopic adjustable defensible adjustment dependent "
    "homologou communism activate angulariti bowdlerize probate spied died lies syzygy oed eed ing bed at axe yes yyy".split()
))
stems = [[w, stemmer.stem(w)] for w in vocabulary]

schemes = {"IOB1": IOB1, "IOB2": IOB2, "IOE1": IOE1, "IOE2": IOE2, "IOBES": IOBES, "BILOU": BILOU}
prefixes = {"IOB1": "IOB", "IOB2": "IOB", "IOE1": "IOE", "IOE2": "IOE", "IOBES": "IOBES", "BILOU": "BILOU"}


def labels(letters: str, count: int) -> list:
    return [p if p == "O" else p + random.choice(["-PER", "-LOC", "-MISC-X", ""]) for p in random.choices(letters, k=count)]


def measures(report: dict) -> dict:
    names = ("precision", "recall", "f1-score", "support")
    return {k: [float(v[n]) for n in names] for k, v in report.items()}


entities = []
for scheme in [None, *schemes]:
    letters = prefixes.get(scheme, "OBIES.")
    actual = [labels(letters, n) for n in [1, 5, 12, 9, 0, 20, 20, 20]]
    predicted = [[a if random.random() < 0.8 else labels(letters, 1)[0] for a in row] for row in actual]
    options = {} if scheme is None else {"mode": "strict", "scheme": schemes[scheme]}
    report = classification_report(actual, predicted, output_dict=True, zero_division=0, **options)
    entities.append({
        "scheme": scheme,
        "predicted": predicted,
        "actual": actual,
        "spans": [
            get_entities(row) if scheme is None
            else [[e.tag, e.start, e.end] for e in Entities([row], schemes[scheme]).entities[0]]
            for row in actual
        ],
        "report": measures(report),
        "text": classification_report(actual, predicted, zero_division=0, digits=4, **options),
        "accuracy": accuracy_score(actual, predicted),
    })
detected = [[p, auto_detect([[letter + "-X" if letter != "O" else "O" for letter in p]]).__name__] for p in ["IOB", "B", "EO", "BEIOS", "S", "BILOU", "OU L".replace(" ", "") + "B"]]

answers = ["The Eiffel Tower", "an answer", "1,889", "théâtre a", "naïve the", "中 文", "a", "", "U.S.A.", "the the big"]
given = [[random.choice(answers) for _ in range(random.randint(0, 3))] for _ in range(30)]
replies = [random.choice([*g, *answers]) for g in given]
chances = [round(random.random(), 2) for _ in given]
v1, v2 = module(sys.argv[1]), module(sys.argv[2])


def dataset(kept: list) -> list:
    questions = [{"id": str(i), "answers": [{"text": a} for a in given[i]]} for i in kept]
    return [{"paragraphs": [{"qas": questions}]}]


answered = [i for i, g in enumerate(given) if g]
first = v1.evaluate(dataset(answered), {str(i): replies[i] for i in answered})
all_questions = [{"paragraphs": [{"qas": [{"id": str(i), "answers": {"text": g}} for i, g in enumerate(given)]}]}]
predictions = {str(i): r for i, r in enumerate(replies)}
has = v2.make_qid_to_has_ans(all_questions)
exact, f1 = v2.get_raw_scores(all_questions, predictions)
second = []
for threshold in [1.0, 0.5]:
    probabilities = {str(i): c for i, c in enumerate(chances)}
    cut = [v2.apply_no_ans_threshold(s, probabilities, has, threshold) for s in (exact, f1)]
    result = dict(v2.make_eval_dict(*cut))
    for name, wanted in [("HasAns", True), ("NoAns", False)]:
        v2.merge_eval(result, v2.make_eval_dict(*cut, qid_list=[k for k, v in has.items() if v == wanted]), name)
    v2.find_all_best_thresh(result, predictions, exact, f1, probabilities, has)
    second.append({"threshold": threshold, "scores": result})

said = [near(r[0]) for r in references]
edits = {
    "words": sum(nltk.edit_distance(h.split(), r[0].split()) for h, r in zip(said, references))
    / sum(len(r[0].split()) for r in references),
    "characters": sum(nltk.edit_distance(h, r[0]) for h, r in zip(said, references)) / sum(len(r[0]) for r in references),
}

documents = [f"d{i:02}" for i in range(20)]
queries = [f"q{i}" for i in range(12)]
relevant = {q: random.sample(documents, random.randint(1, 6)) for q in queries}
rankings = {q: random.sample(documents, random.randint(0, 20)) for q in queries}
ks = [1, 3, 10, 15]
evaluator = InformationRetrievalEvaluator(
    {q: q for q in queries}, {d: d for d in documents}, {q: set(r) for q, r in relevant.items()},
    mrr_at_k=ks, ndcg_at_k=ks, accuracy_at_k=ks, precision_recall_at_k=ks, map_at_k=ks,
)
hits = [[{"corpus_id": d, "score": -float(i)} for i, d in enumerate(rankings[q])] for q in queries]
retrieval = {k: {str(n): float(v) for n, v in s.items()} for k, s in evaluator.compute_metrics(hits).items()}

path = FOLDER / "text-metrics.json"
path.write_text(json.dumps({
    "hypotheses": hypotheses,
    "references": references,
    "bleu": bleu,
    "chrf": chrf,
    "rouge": rouge,
    "stems": stems,
    "entities": entities,
    "schemes": detected,
    "squad": {"answers": given, "replies": replies, "probabilities": chances, "first": first, "second": second},
    "edits": {"said": said, **edits},
    "retrieval": {"rankings": list(rankings.values()), "relevant": list(relevant.values()), "scores": retrieval},
}) + "\n")
print(f"{path.name}: {path.stat().st_size / 1000:.0f} kB")
