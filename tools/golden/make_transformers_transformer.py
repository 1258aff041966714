"""Golden values of "Attention Is All You Need" from torch.nn.Transformer: packages/transformers/golden/transformer.json."""

import numpy as np
import torch
from torch import nn

from transformers_golden import dump

VOCAB, WIDTH, HEADS, INNER, LAYERS, POSITIONS = 43, 16, 4, 20, 2, 24


def sinusoids(positions: int, width: int) -> torch.Tensor:
    """Section 3.5: PE(pos, 2i) = sin(pos / 10000^(2i/d)), PE(pos, 2i + 1) = cos of the same."""
    angles = np.arange(positions)[:, None] / 10000 ** (2 * np.arange(width // 2)[None] / width)
    return torch.from_numpy(np.stack([np.sin(angles), np.cos(angles)], -1).reshape(positions, width)).float()


class Config:
    def to_dict(self):
        return {
            "model_type": "transformer", "vocab_size": VOCAB, "d_model": WIDTH, "num_heads": HEADS, "d_ff": INNER,
            "num_layers": LAYERS, "max_position_embeddings": POSITIONS, "dropout": 0,
        }


class Attention(nn.Module):
    """The weights of one attention, which the paper has without biases."""

    def __init__(self):
        super().__init__()
        for name in ["q_proj", "k_proj", "v_proj", "out_proj"]:
            setattr(self, name, nn.Linear(WIDTH, WIDTH, bias=False))

    def into(self, prefix: str) -> dict:
        return {
            f"{prefix}.in_proj_weight": torch.cat([self.q_proj.weight, self.k_proj.weight, self.v_proj.weight]),
            f"{prefix}.in_proj_bias": torch.zeros(3 * WIDTH),
            f"{prefix}.out_proj.weight": self.out_proj.weight,
            f"{prefix}.out_proj.bias": torch.zeros(WIDTH),
        }


class Block(nn.Module):
    """The weights of one block by the names of checkpoints, and what torch.nn's layer calls them."""

    def __init__(self, is_decoder: bool):
        super().__init__()
        self.self_attn = Attention()
        self.self_attn_layer_norm = nn.LayerNorm(WIDTH)
        self.encoder_attn = Attention() if is_decoder else None
        self.encoder_attn_layer_norm = nn.LayerNorm(WIDTH) if is_decoder else None
        self.fc1 = nn.Linear(WIDTH, INNER)
        self.fc2 = nn.Linear(INNER, WIDTH)
        self.final_layer_norm = nn.LayerNorm(WIDTH)

    def into(self, prefix: str) -> dict:
        norms = [n for n in (self.self_attn_layer_norm, self.encoder_attn_layer_norm, self.final_layer_norm) if n]
        layers = {f"norm{i + 1}": norm for i, norm in enumerate(norms)} | {"linear1": self.fc1, "linear2": self.fc2}
        return {
            **self.self_attn.into(f"{prefix}.self_attn"),
            **(self.encoder_attn.into(f"{prefix}.multihead_attn") if self.encoder_attn else {}),
            **{f"{prefix}.{n}.{k}": w for n, layer in layers.items() for k, w in layer.named_parameters()},
        }


class Stack(nn.Module):
    def __init__(self, is_decoder: bool):
        super().__init__()
        self.layers = nn.ModuleList(Block(is_decoder) for _ in range(LAYERS))


class Body(nn.Module):
    def __init__(self):
        super().__init__()
        self.shared = nn.Embedding(VOCAB, WIDTH)
        self.encoder = Stack(False)
        self.decoder = Stack(True)


class Transformer(nn.Module):
    """Our names around torch.nn.Transformer, which computes."""

    config = Config()

    def __init__(self):
        super().__init__()
        self.model = Body()
        options = dict(dropout=0.0, activation="relu", batch_first=True, norm_first=False)
        # Unlike the paper's, torch.nn.Transformer ends with one more normalization: not where its parts are made by hand.
        whole = nn.Transformer(
            WIDTH, HEADS, batch_first=True,
            custom_encoder=nn.TransformerEncoder(
                nn.TransformerEncoderLayer(WIDTH, HEADS, INNER, **options), LAYERS, enable_nested_tensor=False),
            custom_decoder=nn.TransformerDecoder(
                nn.TransformerDecoderLayer(WIDTH, HEADS, INNER, **options), LAYERS),
        )
        # Not among this module's own: its weights are made of those.
        object.__setattr__(self, "whole", whole)

    def embed(self, ids):
        return self.model.shared(ids) * WIDTH**0.5 + sinusoids(POSITIONS, WIDTH)[: ids.shape[1]]

    def forward(self, input_ids, decoder_input_ids, attention_mask=None, output_hidden_states=True):
        weights = {
            k: w
            for part in ("encoder", "decoder")
            for i, block in enumerate(getattr(self.model, part).layers)
            for k, w in block.into(f"{part}.layers.{i}").items()
        }
        padding = None if attention_mask is None else attention_mask == 0
        length = decoder_input_ids.shape[1]
        causal = torch.triu(torch.ones(length, length, dtype=torch.bool), 1)
        memory = torch.func.functional_call(
            self.whole.encoder, {k.removeprefix("encoder."): w for k, w in weights.items() if k.startswith("encoder.")},
            (self.embed(input_ids),), {"src_key_padding_mask": padding})
        states = torch.func.functional_call(
            self.whole, weights, (self.embed(input_ids), self.embed(decoder_input_ids)),
            {"tgt_mask": causal, "src_key_padding_mask": padding, "memory_key_padding_mask": padding})
        return Result(logits=states @ self.model.shared.weight.T, encoder_last_hidden_state=memory)


class Result(dict):
    """As Hugging Face's: by name and by field."""

    __getattr__ = dict.get


words = [[3, 17, 40, 5, 9, 22, 41, 2], [6, 12, 8, 33, 7, 1, 19, 4]]
answer = [[0, 23, 4, 17, 9], [0, 8, 31, 3, 30]]
dump("transformer", Transformer(), [
    {"input_ids": words, "decoder_input_ids": answer},
    {"input_ids": words, "attention_mask": [[1] * 6 + [0] * 2, [1] * 8], "decoder_input_ids": answer},
    {"input_ids": words, "attention_mask": [[0] * 3 + [1] * 5, [1] * 8], "decoder_input_ids": answer},
    {"input_ids": [[11, 4, 2]], "decoder_input_ids": [list(range(2, 16))]},
], gradients=[1, 3])
