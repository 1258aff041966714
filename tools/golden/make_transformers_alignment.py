"""What TRL's trainers make of given weights and batches: packages/transformers/golden/alignment.json.

Losses and metrics are computed by the trainers' own methods, called without the rest of a trainer. The reference model is the
policy with all weights times 0.9, so that the file needs the numbers of one model alone.
"""

import copy
import json
import os
from collections import defaultdict
from types import SimpleNamespace

os.environ["TRL_EXPERIMENTAL_SILENCE"] = "1"

import torch
import transformers
import trl
from accelerate import Accelerator
from transformers import LlamaConfig, LlamaForCausalLM, LlamaForSequenceClassification
from trl.experimental.cpo.cpo_trainer import CPOTrainer
from trl.experimental.orpo.orpo_trainer import ORPOTrainer
from trl.trainer.dpo_trainer import DPOTrainer
from trl.trainer.grpo_trainer import GRPOTrainer
from trl.trainer.kto_trainer import KTOTrainer
from trl.trainer.reward_trainer import RewardTrainer
from trl.trainer.utils import add_fused_lm_head, nanstd

from transformers_golden import FOLDER, fill, named, numbers, projections, rounded

WORDS = 37
CONFIG = dict(
    vocab_size=WORDS, hidden_size=16, intermediate_size=24, num_hidden_layers=1, num_attention_heads=4,
    num_key_value_heads=2, max_position_embeddings=64, pad_token_id=0, bos_token_id=1, eos_token_id=2, tie_word_embeddings=True,
    attn_implementation="eager",
)


def ids(name: str, count: int) -> list:
    """Ids from 3 on: 0 to 2 are special."""
    return [3 + int((x + 1) / 2 * (WORDS - 3)) % (WORDS - 3) for x in numbers(name, count)]


def padded(rows: list, value: int, side: str = "right") -> torch.Tensor:
    longest = max(map(len, rows))
    fills = [[value] * (longest - len(row)) for row in rows]
    return torch.tensor([row + f if side == "right" else f + row for row, f in zip(rows, fills)])


def gradients(model, loss) -> dict:
    model.zero_grad()
    loss.backward()
    return {name: projections(name, weight.grad) for name, weight in named(model)}


def bare(cls, model, **fields):
    """A trainer without its constructor: what its loss looks at, and no more."""
    trainer = cls.__new__(cls)
    trainer.__dict__.update(
        model=model, accelerator=Accelerator(cpu=True), aux_loss_enabled=False, _total_train_tokens=0, _tp_size=1,
        _metrics={"train": defaultdict(list), "eval": defaultdict(list)}, **fields,
    )
    return trainer


policy = LlamaForCausalLM(LlamaConfig(**CONFIG))
weights = fill(policy)
policy.train()
reference = copy.deepcopy(policy)
with torch.no_grad():
    for weight in reference.parameters():
        weight.mul_(0.9)
for model in (policy, reference):
    add_fused_lm_head(model, outputs=("log_probs", "entropy", "mean_logits", "is_top1"))

pairs = [
    {"prompt": ids("p0", 5), "chosen": ids("c0", 4), "rejected": ids("r0", 7)},
    {"prompt": ids("p1", 2), "chosen": ids("c1", 6), "rejected": ids("r1", 3)},
    {"prompt": ids("p2", 9), "chosen": ids("c2", 1), "rejected": ids("r2", 2)},
]


def pair_batch() -> dict:
    rows = [(p["prompt"], p[which]) for which in ("chosen", "rejected") for p in pairs]
    return {
        "input_ids": padded([prompt + answer for prompt, answer in rows], 0),
        "attention_mask": padded([[1] * len(prompt + answer) for prompt, answer in rows], 0),
        "completion_mask": padded([[0] * len(prompt) + [1] * len(answer) for prompt, answer in rows], 0),
    }


def told(metrics: dict) -> dict:
    names = {
        "rewards/accuracies": "rewardAccuracy", "rewards/margins": "rewardMargin", "rewards/chosen": "chosenReward",
        "rewards/rejected": "rejectedReward",
    }
    return {ours: rounded([metrics[name][-1] if isinstance(metrics[name], list) else metrics[name]])[0]
            for name, ours in names.items() if name in metrics}


def dpo_case(name: str, options: dict, loss_types: list, loss_weights: list, **fields) -> dict:
    trainer = bare(
        DPOTrainer, policy, ref_model=reference, precompute_ref_logps=False, use_weighting=False,
        f_divergence_type="reverse_kl", loss_types=loss_types, loss_weights=loss_weights,
        args=SimpleNamespace(gradient_checkpointing_kwargs=None),
        **{"beta": 0.1, "label_smoothing": 0.0, "ld_alpha": None, **fields},
    )
    loss = trainer._compute_loss(policy, pair_batch(), False)
    return {
        "name": name, "options": options, "loss": rounded([loss.item()])[0], "metrics": told(trainer._metrics["train"]),
        "gradients": gradients(policy, loss),
    }


def dpo(ours: str, theirs: str, options=None, **fields) -> dict:
    return dpo_case("dpo", {"loss": ours, **(options or {})}, [theirs], [1.0], **fields)


def old_style_batch() -> dict:
    """As the trainers of CPO and ORPO have it: labels are -100 where nothing counts."""
    batch = {}
    for which in ("chosen", "rejected"):
        texts = [p["prompt"] + p[which] for p in pairs]
        batch[f"{which}_input_ids"] = padded(texts, 0)
        batch[f"{which}_attention_mask"] = padded([[1] * len(t) for t in texts], 0)
        batch[f"{which}_labels"] = padded([[-100] * len(p["prompt"]) + p[which] for p in pairs], -100)
    return batch


def old_style_case(cls, name: str, options: dict, **fields) -> dict:
    trainer = bare(cls, policy, is_encoder_decoder=False, padding_value=0, pad_token_id=0, **fields)
    loss, metrics = trainer.get_batch_loss_metrics(policy, old_style_batch())
    return {
        "name": name, "options": options, "loss": rounded([loss.item()])[0], "metrics": told(metrics),
        "gradients": gradients(policy, loss),
    }


def cpo(name: str, options: dict, **fields) -> dict:
    return old_style_case(CPOTrainer, name, options, **{"alpha": 0.0, "label_smoothing": 0.0, "simpo_gamma": 0.5, **fields})


preferences = [
    dpo("sigmoid", "sigmoid", {"beta": 0.3}, beta=0.3),
    dpo("hinge", "hinge"),
    dpo("ipo", "ipo", {"beta": 0.5}, beta=0.5),
    dpo("robust", "robust", {"labelSmoothing": 0.1}, label_smoothing=0.1),
    dpo("exo", "exo_pair", {"labelSmoothing": 0.01}, label_smoothing=0.01),
    dpo("nca", "nca_pair"),
    dpo("sppo", "sppo_hard"),
    dpo("apoZero", "apo_zero"),
    dpo("apoDown", "apo_down"),
    dpo("sigmoidNorm", "sigmoid_norm", {"beta": 2}, beta=2.0),
    dpo("sigmoid", "sigmoid", {"tailWeight": 0.5}, ld_alpha=0.5),
    dpo_case("dpo", {"likelihoodWeight": 0.25}, ["sigmoid", "sft"], [1.0, 0.25]),
    old_style_case(ORPOTrainer, "orpo", {"beta": 0.2}, beta=0.2),
    cpo("cpo", {"labelSmoothing": 0.1, "likelihoodWeight": 0.5}, loss_type="sigmoid", beta=0.1, cpo_alpha=0.5, label_smoothing=0.1),
    cpo("cpo", {"loss": "hinge"}, loss_type="hinge", beta=0.1, cpo_alpha=1.0),
    cpo("cpo", {"loss": "ipo", "likelihoodWeight": 0}, loss_type="ipo", beta=0.1, cpo_alpha=0),
    cpo("simpo", {"beta": 1.5, "gamma": 0.5}, loss_type="simpo", beta=1.5, cpo_alpha=0),
]

# KTO: answers that were judged, each with that of the row before as the one that does not belong.
judged = [
    {"prompt": p["prompt"], "answer": p[which], "desirable": which == "chosen"} for p in pairs for which in ("chosen", "rejected")
][:5]


def kto_case(options: dict, **fields) -> dict:
    others = [judged[-1]["answer"]] + [j["answer"] for j in judged[:-1]]
    batch = {"label": torch.tensor([j["desirable"] for j in judged])}
    for prefix, answers in (("", [j["answer"] for j in judged]), ("KL_", others)):
        rows = [(j["prompt"], answer) for j, answer in zip(judged, answers)]
        batch[f"{prefix}input_ids"] = padded([prompt + answer for prompt, answer in rows], 0)
        batch[f"{prefix}attention_mask"] = padded([[1] * len(prompt + answer) for prompt, answer in rows], 0)
        batch[f"{prefix}completion_mask"] = padded([[0] * len(prompt) + [1] * len(answer) for prompt, answer in rows], 0)
    trainer = bare(
        KTOTrainer, policy, ref_model=reference, precompute_ref_logps=False, args=SimpleNamespace(gradient_checkpointing_kwargs=None),
        **{"beta": 0.1, "loss_type": "kto", "calculate_KL": True, "desirable_weight": 1.0, "undesirable_weight": 1.0, **fields},
    )
    loss = trainer._compute_loss(policy, batch, False)
    metrics = trainer._metrics["train"]
    return {
        "options": options, "loss": rounded([loss.item()])[0],
        "metrics": {**told(metrics), "kl": rounded([metrics["kl"][-1]])[0]}, "gradients": gradients(policy, loss),
    }


kto = [
    kto_case({}),
    kto_case({"beta": 0.4, "desirableWeight": 1.3, "undesirableWeight": 0.7}, beta=0.4, desirable_weight=1.3, undesirable_weight=0.7),
    kto_case({"loss": "apoZero"}, loss_type="apo_zero_unpaired", calculate_KL=False),
]

# GRPO: groups of answers to two prompts, padded as TRL does: prompts in front, answers behind.
group = 3
answers = [ids(f"a{i}", n) for i, n in enumerate((4, 6, 2, 5, 1, 3))]
group_prompts = [ids("g0", 3), ids("g1", 5)]
rewards = [[0.5, 2.0, None, 1.0, 1.0, -1.5], [1.0, 0.0, 3.0, 0.25, None, 0.25]]
reward_weights = [1.0, 0.5]


def grpo_advantages(scale: str) -> list:
    """The lines of _generate_and_score_completions from the rewards on, which no method has for itself."""
    per_function = torch.tensor([[float("nan") if r is None else r for r in row] for row in rewards]).T
    unscorable = torch.isnan(per_function).all(dim=1)
    total = (per_function * torch.tensor(reward_weights).unsqueeze(0)).nansum(dim=1)
    total[unscorable] = torch.nan
    mean = torch.nanmean(total.view(-1, group), dim=1).repeat_interleave(group, dim=0)
    if scale == "batch":
        deviation = nanstd(total).expand_as(total)
    else:
        deviation = nanstd(total.view(-1, group), dim=1).repeat_interleave(group, dim=0)
    advantages = total - mean
    if scale != "none":
        advantages = advantages / (deviation + 1e-4)
    return torch.nan_to_num(advantages, nan=0.0).tolist()


def grpo_case(options: dict, truncated=(), **fields) -> dict:
    settings = {
        "beta": 0.0, "loss_type": "grpo", "epsilon_low": 0.2, "epsilon_high": 0.2, "temperature": 1.0, "delta": None,
        "importance_sampling_level": "token", "scale": "group", "old": False, **fields,
    }
    prompts = [group_prompts[i // group] for i in range(len(answers))]
    mask = padded([[0 if i in truncated else 1] * len(a) for i, a in enumerate(answers)], 0)
    batch = {
        "prompt_ids": padded(prompts, 0, "left"),
        "prompt_mask": padded([[1] * len(p) for p in prompts], 0, "left"),
        "completion_ids": padded(answers, 0),
        "completion_mask": mask,
        "advantages": torch.tensor(grpo_advantages(settings["scale"])),
        "num_items_in_batch": mask.sum(),
    }
    models = [copy.deepcopy(policy), copy.deepcopy(reference)]
    for model in models:
        model.__dict__.pop("forward", None)
        add_fused_lm_head(model, outputs=("log_probs", "entropy"), temperature=settings["temperature"])
    trainer = bare(
        GRPOTrainer, models[0], top_entropy_quantile=1.0, off_policy_mask_threshold=None, use_vllm=False,
        importance_sampling_level=settings["importance_sampling_level"], beta=settings["beta"],
        loss_type=settings["loss_type"], epsilon_low=settings["epsilon_low"], epsilon_high=settings["epsilon_high"],
        max_completion_length=10, current_gradient_accumulation_steps=1, _entropy_bonus_enabled=False,
        args=SimpleNamespace(use_bias_correction_kl=False, delta=settings["delta"], steps_per_generation=1),
    )
    whole = torch.cat([batch["prompt_ids"], batch["completion_ids"]], 1)
    whole_mask = torch.cat([batch["prompt_mask"], batch["completion_mask"]], 1)
    keep = batch["completion_ids"].shape[1]
    with torch.no_grad():
        by_reference = trainer._get_per_token_logps_and_entropies(models[1], whole, whole_mask, keep)[0]
        if settings["beta"] != 0:
            batch["ref_per_token_logps"] = by_reference
        if settings["old"]:
            # As if the answers were drawn by a policy between the two.
            now = trainer._get_per_token_logps_and_entropies(models[0], whole, whole_mask, keep)[0]
            batch["old_per_token_logps"] = 0.5 * (now + by_reference)
    loss = trainer._compute_loss(models[0], batch)
    metrics = trainer._metrics["train"]
    return {
        "options": options, "old": settings["old"], "truncated": list(truncated),
        "advantages": rounded(batch["advantages"]), "loss": rounded([loss.item()])[0],
        "metrics": {
            **({"kl": rounded([metrics["kl"][-1]])[0]} if "kl" in metrics else {}),
            "clipped": rounded([metrics["clip_ratio/region_mean"][-1]])[0],
        },
        "gradients": gradients(models[0], loss),
    }


grpo = [
    grpo_case({"loss": "grpo"}),
    grpo_case({"loss": "grpo", "beta": 0.3, "temperature": 0.7}, beta=0.3, temperature=0.7, old=True),
    grpo_case({"loss": "bnpo", "scaleRewards": "batch", "epsilonHigh": 0.28}, loss_type="bnpo", scale="batch", epsilon_high=0.28, old=True),
    grpo_case({"loss": "drGrpo", "scaleRewards": "none", "beta": 0.05}, loss_type="dr_grpo", scale="none", beta=0.05, old=True),
    grpo_case({"loss": "dapo", "maskTruncated": True, "delta": 1.5}, loss_type="dapo", truncated=(1, 3), delta=1.5, old=True),
    grpo_case({"loss": "grpo", "ratios": "sequence"}, importance_sampling_level="sequence", old=True),
]

# Reward models: a head with one output over the last token.
judge = LlamaForSequenceClassification(LlamaConfig(**CONFIG, num_labels=1))
judge_weights = fill(judge)
judge.train()


def reward_case(options: dict, margins=None) -> dict:
    texts = [p["prompt"] + p[which] for which in ("chosen", "rejected") for p in pairs]
    batch = {"input_ids": padded(texts, 0), "attention_mask": padded([[1] * len(t) for t in texts], 0)}
    if margins is not None:
        batch["margin"] = torch.tensor(margins)
    center = options.get("centering")
    trainer = bare(RewardTrainer, judge, args=SimpleNamespace(center_rewards_coefficient=center))
    loss = trainer.compute_loss(judge, batch)
    metrics = trainer._metrics["train"]
    return {
        "options": options, "margins": margins, "loss": rounded([loss.item()])[0],
        "metrics": {"rewardAccuracy": metrics["accuracy"][-1], "rewardMargin": rounded([metrics["margin"][-1]])[0]},
        "gradients": gradients(judge, loss),
    }


reward = [reward_case({}), reward_case({"centering": 0.1}, [0.5, 0.0, 1.25])]

path = FOLDER / "alignment.json"
path.write_text(json.dumps({
    "transformers": transformers.__version__, "trl": trl.__version__,
    "policy": {"config": {**policy.config.to_dict(), "architectures": ["LlamaForCausalLM"]}, "weights": weights},
    "judge": {"config": {**judge.config.to_dict(), "architectures": ["LlamaForSequenceClassification"]}, "weights": judge_weights},
    "pairs": pairs, "preferences": preferences, "judged": judged, "kto": kto,
    "groups": {"prompts": group_prompts, "answers": answers, "rewards": rewards, "weights": reward_weights, "size": group},
    "grpo": grpo, "reward": reward,
}) + "\n")
print(f"{path.name}: {path.stat().st_size / 1000:.0f} kB")
