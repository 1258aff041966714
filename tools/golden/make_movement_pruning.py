"""Steps of movement pruning (Sanh et al. 2020, arXiv 2005.07683) by PyTorch's autograd: weights, scores and masks after each.

The paper's straight-through estimator is a function of its own: forward the mask of the scores, backward the gradient as it
comes, so that a score learns by dL/d(W * M) * W. Two forms: the highest scores stay, by a share that falls from step to step
(section 4); or those whose sigmoid is above a threshold, with lambda * mean(sigmoid(S)) in the loss (section 4 and appendix B;
the authors' program divides the norm by the number of scores too). Weights and scores learn together, with momentum. Float64,
so that no mask hangs on a rounding; the script refuses scores that stand too near to the edge.
"""

import torch
from golden_json import write_cases

RATE, MOMENTUM, PENALTY, THRESHOLD = 0.3, 0.9, 2.0, 0.3
#: Of twelve by eight weights, what is zero at each step.
SPARSITIES = [0.0, 0.25, 0.4, 0.55, 0.6, 0.7]


class Highest(torch.autograd.Function):
    @staticmethod
    def forward(context, scores, zeros):
        values, order = scores.flatten().sort()
        if 0 < zeros:
            assert values[zeros] - values[zeros - 1] > 1e-4
        mask = torch.ones_like(values)
        mask[order[:zeros]] = 0
        return mask.reshape(scores.shape)

    @staticmethod
    def backward(context, gradient):
        return gradient, None


class Above(torch.autograd.Function):
    @staticmethod
    def forward(context, scores, threshold):
        importance = torch.sigmoid(scores)
        assert (importance - threshold).abs().min() > 1e-4
        return (importance > threshold).to(scores.dtype)

    @staticmethod
    def backward(context, gradient):
        return gradient, None


torch.manual_seed(19)
torch.set_default_dtype(torch.float64)
x, y = torch.randn(20, 12), torch.randn(20, 4)
begin = {"first": torch.randn(12, 8) * 0.4, "second": torch.randn(8, 4) * 0.4, "scores": torch.randn(12, 8) * 0.5}


def steps_of(form):
    first, second = (begin[name].clone().requires_grad_() for name in ("first", "second"))
    scores = (begin["scores"] * (3 if form == "threshold" else 1)).clone().requires_grad_()
    optimizer = torch.optim.SGD([first, second, scores], lr=RATE, momentum=MOMENTUM)
    steps = []
    for sparsity in SPARSITIES:
        zeros = int(sparsity * first.numel())
        mask = Highest.apply(scores, zeros) if form == "share" else Above.apply(scores, THRESHOLD)
        hidden = torch.tanh(x @ (first * mask))
        loss = ((hidden @ second - y) ** 2).mean()
        if form == "threshold":
            loss = loss + PENALTY * torch.sigmoid(scores).mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        steps.append({"loss": loss.item(), "zeros": int((mask == 0).sum()), "mask": mask.bool().numpy(), **{
            name: one.detach().numpy().copy() for name, one in (("first", first), ("second", second), ("scores", scores))
        }})
    return steps


head = {
    "rate": RATE, "momentum": MOMENTUM, "penalty": PENALTY, "threshold": THRESHOLD, "sparsities": SPARSITIES,
    "x": x.numpy(), "y": y.numpy(), "begin": {name: one.numpy() for name, one in begin.items()},
}
write_cases("movement-pruning.json", [{"form": form, "steps": steps_of(form)} for form in ("share", "threshold")], **head)
