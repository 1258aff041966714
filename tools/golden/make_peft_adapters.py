"""LoRA of layers that are not dense, by PEFT: convolutions of one and two dimensions and an embedding, with the gradients of
A and B, and the merged weight. Needs torch and peft 0.21.2."""

import numpy as np
import torch
from peft import LoraConfig, get_peft_model
from torch import nn

from golden_json import tensor, write_cases

random = np.random.RandomState(23)


def draw(*shape):
    return torch.from_numpy(random.normal(size=shape).astype(np.float32))


def case(layer, module, x, options):
    model = get_peft_model(
        nn.Sequential(module),
        LoraConfig(r=2, lora_alpha=3, lora_dropout=0, target_modules=["0"], init_lora_weights=False),
    )
    tuned = model.base_model.model[0]
    with torch.no_grad():
        for parameter in tuned.parameters():
            parameter.copy_(draw(*parameter.shape) * 0.5)
    is_embedding = isinstance(module, nn.Embedding)
    a, b = (
        (tuned.lora_embedding_A["default"], tuned.lora_embedding_B["default"])
        if is_embedding
        else (tuned.lora_A["default"].weight, tuned.lora_B["default"].weight)
    )
    output = model(x)
    cotangent = draw(*output.shape)
    (output * cotangent).sum().backward()
    kept = {"weight": tuned.base_layer.weight.detach().clone()}
    if not is_embedding:
        kept["bias"] = tuned.base_layer.bias.detach().clone()
    tuned.merge()
    values = {
        "x": x, **kept, "a": a, "b": b, "output": output, "cotangent": cotangent,
        "gradientOfA": a.grad, "gradientOfB": b.grad, "merged": tuned.base_layer.weight,
    }
    arrays = {name: tensor(value.detach().numpy()) for name, value in values.items()}
    return {"layer": layer, "options": options, **arrays}


write_cases("peft-adapters.json", [
    case("conv2d", nn.Conv2d(2, 3, (3, 2)), draw(2, 2, 5, 4), {"filters": 3, "kernelSize": [3, 2]}),
    case("conv1d", nn.Conv1d(3, 4, 3, stride=2), draw(2, 3, 7), {"filters": 4, "kernelSize": 3, "strides": 2}),
    case("embedding", nn.Embedding(7, 3), torch.from_numpy(random.randint(0, 7, (2, 5))), {"inputDim": 7, "outputDim": 3}),
])
