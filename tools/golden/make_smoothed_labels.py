"""smoothed-labels.json: cross entropy of class numbers with smoothed labels, in the format of losses, from PyTorch in float32."""

import numpy as np
import torch
from golden_json import write_cases

random = np.random.RandomState(19)
cases = []


def case(shape, smoothing, reduction, from_logits=True, ignored=None):
    """Values (batch, …, classes); PyTorch has the classes second."""
    logits = np.asarray(np.round(random.standard_normal(shape) * 2, 3), np.float32)
    predicted = logits
    if not from_logits:
        predicted = np.asarray(np.round(np.exp(logits) / np.exp(logits).sum(-1, keepdims=True), 4) + 1e-3, np.float32)
    true = random.randint(0, shape[-1], shape[:-1]).astype(np.int32)
    if ignored is not None:
        true.reshape(-1)[::3] = ignored
    p = torch.tensor(predicted, requires_grad=True)
    # Of probabilities the logarithm is a logit.
    given = torch.movedim(p if from_logits else torch.log(p), -1, 1)
    output = torch.nn.functional.cross_entropy(
        given,
        torch.tensor(true).long(),
        label_smoothing=smoothing,
        ignore_index=-100 if ignored is None else ignored,
        reduction={"sumOverBatchSize": "mean"}.get(reduction, reduction),
    )
    output.sum().backward()
    config = {"fromLogits": from_logits, "labelSmoothing": smoothing, "reduction": reduction}
    if ignored is not None:
        config["ignoreClass"] = ignored
    cases.append(
        {
            "loss": "sparseCategoricalCrossentropy",
            "from": "torch",
            "config": config,
            "yTrue": true,
            "yPred": predicted,
            "sampleWeight": None,
            "output": output.detach().numpy(),
            "gradient": p.grad.numpy(),
        }
    )


for shape in [(4, 3), (2, 3, 4)]:
    for from_logits in (True, False):
        for reduction in ("none", "sum", "sumOverBatchSize"):
            case(shape, 0.1, reduction, from_logits)
case((5, 7), 0.3, "none")
case((5, 7), 1.0, "none")
case((3, 4, 5), 0.1, "none", ignored=-100)
case((3, 4, 5), 0.1, "sumOverBatchSize", ignored=-100)

write_cases("smoothed-labels.json", cases)
