"""torch-weights/: checkpoints as PyTorch's users have them (safetensors.torch), with what their modules compute.

`attention.safetensors`: two blocks of nn.MultiheadAttention (fused in_proj_weight), layer normalization and an MLP.
`convolution.safetensors`: in bfloat16, convolutions with batch normalization that has seen data, and a linear layer.
"""

import json
from pathlib import Path

import torch
from safetensors.torch import save_file
from torch import nn

FOLDER = Path(__file__).resolve().parents[2] / "packages" / "typegrad" / "golden" / "torch-weights"
FOLDER.mkdir(exist_ok=True)
torch.manual_seed(3)


class Block(nn.Module):
    def __init__(self, width=8, heads=2):
        super().__init__()
        self.ln_1 = nn.LayerNorm(width)
        self.attn = nn.MultiheadAttention(width, heads, batch_first=True)
        self.ln_2 = nn.LayerNorm(width)
        self.mlp = nn.Sequential(nn.Linear(width, 12), nn.GELU(), nn.Linear(12, width))

    def forward(self, x):
        y = self.ln_1(x)
        x = x + self.attn(y, y, y, need_weights=False)[0]
        return x + self.mlp(self.ln_2(x))


class Attention(nn.Module):
    def __init__(self):
        super().__init__()
        self.h = nn.ModuleList([Block(), Block()])
        self.head = nn.Linear(8, 3)

    def forward(self, x):
        for block in self.h:
            x = block(x)
        return self.head(x)


class Convolution(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(2, 4, 3, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(4)
        self.conv2 = nn.Conv2d(4, 6, (2, 3), stride=2)
        self.bn2 = nn.BatchNorm2d(6)
        self.fc = nn.Linear(6, 3)

    def forward(self, x):
        x = torch.relu(self.bn1(self.conv1(x)))
        x = torch.relu(self.bn2(self.conv2(x)))
        return self.fc(x.mean((2, 3)))


def spread(module):
    """Biases and scales begin at 0 and 1, which would hide mistakes."""
    with torch.no_grad():
        for value in module.parameters():
            value.add_(0.3 * torch.randn_like(value))
    return module


attention = spread(Attention()).eval()
x = torch.randn(2, 5, 8)
save_file(attention.state_dict(), FOLDER / "attention.safetensors")

convolution = spread(Convolution())
images = torch.randn(3, 2, 6, 7)
for _ in range(3):
    convolution(torch.randn(8, 2, 6, 7) * 2 + 1)
# What is stored has been rounded to bfloat16; it computes in float32.
convolution = convolution.bfloat16().eval()
save_file(convolution.state_dict(), FOLDER / "convolution.safetensors", metadata={"format": "pt"})
convolution = convolution.float()


def described(value):
    return {"shape": list(value.shape), "data": value.detach().reshape(-1).tolist()}


with torch.no_grad():
    document = {
        "source": f"torch {torch.__version__.split('+')[0]}",
        "attention": {"x": described(x), "y": described(attention(x))},
        # Channels last, as typegrad has images.
        "convolution": {"x": described(images.permute(0, 2, 3, 1)), "y": described(convolution(images))},
    }
(FOLDER / "outputs.json").write_text(json.dumps(document) + "\n", encoding="utf-8")
