"""packages/tabular/golden/forecast-networks.json: what networks of neuralforecast give with weights drawn at random, and the gradients of
sum(output · cotangent) by these, null for statistics of batches.

Usage: python tools/golden/make_forecast_networks.py      (neuralforecast 3.3.0, torch)
"""

import json
import logging
import pathlib

import neuralforecast
import numpy as np
import torch
from neuralforecast.losses.pytorch import DistributionLoss, MQLoss
from neuralforecast.models import NHITS, DeepAR, PatchTST, TiDE

logging.disable(logging.WARNING)
PATH = pathlib.Path(__file__).resolve().parents[2] / "packages/tabular/golden/forecast-networks.json"
torch.manual_seed(21)
COTANGENTS = torch.Generator().manual_seed(22)
B, L, H, C, S = 3, 11, 5, 2, 2


def tensor(value, digits=9):
    value = value.detach().numpy()
    return {"shape": list(value.shape), "dtype": "float32", "data": [float(f"{v:.{digits}g}") for v in value.ravel()]}


def dense(layer):
    return [layer.weight.T, layer.bias]


def random_weights(model):
    """Statistics of batches too, which begin as 0 and 1."""
    with torch.no_grad():
        for parameter in model.parameters():
            if parameter.requires_grad:
                parameter.add_(0.1 * torch.randn_like(parameter))
        for name, buffer in model.named_buffers():
            if name.endswith("running_mean"):
                buffer.copy_(0.3 * torch.randn_like(buffer))
            elif name.endswith("running_var"):
                buffer.copy_(0.5 + torch.rand_like(buffer))
    return model.eval()


def residual(block):
    return [*dense(block.lin1), *dense(block.lin2), *dense(block.skip), *([block.norm.weight, block.norm.bias] if block.layernorm else [])]


cases = []


def gradients(model, batch, weights):
    """The cotangent, and gradients of float64 in the order and the layout of the weights: parameters become their gradients, and are listed
    once more."""
    model.double()
    output = model({key: None if value is None else value.double() for key, value in batch.items()})
    cotangent = torch.randn(output.shape, generator=COTANGENTS)
    model.zero_grad()
    (output * cotangent.double()).sum().backward()
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            # The biases of an LSTM are one weight here, whose gradient each of them has.
            both = "bias_hh" in name
            parameter.copy_(torch.zeros_like(parameter) if both or parameter.grad is None else parameter.grad)
        for buffer in model.buffers():
            if buffer.is_floating_point():
                buffer.fill_(torch.nan)
        found = [None if w.isnan().any() else tensor(w, 7) for w in weights(model)]
    return {"cotangent": tensor(cotangent), "gradients": found}


def case(network, name, model, options, weights, with_x=True, with_s=True, length=L):
    y, x, s = torch.randn(B, length), torch.randn(B, length + H, C), torch.randn(B, S)
    batch = {"insample_y": y[:, :, None], "insample_mask": torch.ones(B, length, 1), "hist_exog": None, "futr_exog": x if with_x else None, "stat_exog": s if with_s else None}
    output = model(batch)
    cases.append({"network": network, "name": name, "options": options, "inputs": [tensor(y), *([tensor(x)] if with_x else []), *([tensor(s)] if with_s else [])],
                  "weights": [tensor(w) for w in weights(model)], "output": tensor(output), **gradients(model, batch, weights)})


levels = [0.1, 0.5, 0.9]
loss = MQLoss(quantiles=levels)
exog = {"futr_exog_list": ["a", "b"], "stat_exog_list": ["c", "d"]}


def nhits_weights(model):
    return [w for block in model.blocks for layer in block.layers if hasattr(layer, "weight") for w in dense(layer)]


for name, own, more in [("with covariates", exog, {}), ("alone", {}, {"n_freq_downsample": [3, 1, 1]})]:
    downsample = more.get("n_freq_downsample", [4, 2, 1])
    model = random_weights(NHITS(h=H, input_size=L, loss=loss, mlp_units=3 * [[6, 6]], **own, **more))
    case("NHits", name, model, {"horizon": H, "length": L, "outputs": 3, "units": 6, "layers": 3, "pools": [2, 2, 1], "downsampling": downsample}, nhits_weights, bool(own), bool(own))


def tide_weights(model):
    own = [model.futr_exog_projection] if model.futr_exog_size else []
    return [w for block in (*own, *model.dense_encoder, *model.dense_decoder, model.temporal_decoder) for w in residual(block)] + dense(model.global_skip)


for name, own, norm in [("with covariates", exog, True), ("alone, without normalisation", {}, False)]:
    model = random_weights(TiDE(h=H, input_size=L, loss=loss, hidden_size=7, decoder_output_dim=3, temporal_decoder_dim=6, temporal_width=2, num_encoder_layers=2, num_decoder_layers=2, layernorm=norm, **own))
    case("TiDE", name, model, {"horizon": H, "outputs": 3, "units": 7, "decoderUnits": 3, "temporalUnits": 6, "temporalWidth": 2, "encoders": 2, "decoders": 2, "normalized": norm}, tide_weights, bool(own), bool(own))


def patch_weights(model):
    net = model.model
    encoder = net.backbone
    out = [net.revin_layer.affine_weight, net.revin_layer.affine_bias, encoder.W_pos, *dense(encoder.W_P)]

    def norm(of):
        batch = of[1]
        return [batch.weight, batch.bias, batch.running_mean, batch.running_var]

    for layer in encoder.encoder.layers:
        attention = layer.self_attn
        out += [*dense(attention.W_Q), *dense(attention.W_K), *dense(attention.W_V), *dense(attention.to_out[0]), *norm(layer.norm_attn), *dense(layer.ff[0]), *dense(layer.ff[3]), *norm(layer.norm_ffn)]
    return out + dense(net.head.linear)


for length, patch, stride in [(14, 4, 2), (11, 6, 3)]:
    model = random_weights(PatchTST(h=H, input_size=length, loss=loss, encoder_layers=2, n_heads=2, hidden_size=8, linear_hidden_size=6, patch_len=patch, stride=stride, dropout=0.0, fc_dropout=0.0, revin=True, revin_affine=True))
    case("PatchTransformer", f"patches of {patch}", model, {"horizon": H, "length": length, "outputs": 3, "patch": patch, "stride": stride, "units": 8, "heads": 2, "feedForward": 6, "blocks": 2}, patch_weights, False, False, length)


def deepar_weights(model):
    lstm, out = model.hist_encoder, []
    for layer in range(lstm.num_layers):
        get = lambda name: getattr(lstm, f"{name}_l{layer}")
        # Two biases, which are added.
        out += [get("weight_ih").T, get("weight_hh").T, get("bias_ih") + get("bias_hh")]
    return out + dense(model.decoder.layers[0])


model = random_weights(DeepAR(h=H, input_size=L, loss=DistributionLoss("Normal"), lstm_hidden_size=5, lstm_n_layers=2, lstm_dropout=0.0, **exog))
y, x, s = torch.randn(B, L), torch.randn(B, L, C), torch.randn(B, S)
# Its forward keeps the horizon's part alone, so a horizon as long as the input shows all of it.
model.h = L
batch = {"insample_y": y[:, :, None], "insample_mask": None, "hist_exog": None, "futr_exog": x, "stat_exog": s}
output = model(batch)
together = torch.cat([y[:, :, None], x, s[:, None].repeat(1, L, 1)], 2)

cases.append({"network": "DeepAR", "name": "with covariates", "options": {"units": 5, "layers": 2}, "inputs": [tensor(together)], "weights": [tensor(w) for w in deepar_weights(model)], "output": tensor(output), **gradients(model, batch, deepar_weights)})

PATH.write_text(json.dumps({"made": f"neuralforecast {neuralforecast.__version__}, torch {torch.__version__}, tools/golden/make_forecast_networks.py", "cases": cases}, separators=(",", ":")) + "\n")
print(PATH.stat().st_size, "bytes", [(c["network"], c["name"], len(c["weights"]), c["output"]["shape"]) for c in cases])
