"""Every layer class that typegrad has, with every option: what make_layer_files.py makes models of.

A row is (class, inputs, options, variations). Inputs are shapes without the batch; an integer in place of a shape's list
marks whole numbers below it, of shape [5]. Each variation gives one case: the options with one key replaced. A
dictionary {"class": …} in an option is a layer, an initializer, a regularizer, a constraint or a schedule.
"""

import keras

ACTIVATIONS = ["relu", "leaky_relu", "log_softmax", "hard_sigmoid", "gelu", "tanh", "celu", "glu", "linear", None]
INITIALIZERS = [
    {"class": "VarianceScaling", "scale": 2, "mode": "fan_out", "distribution": "untruncated_normal"},
    {"class": "VarianceScaling", "scale": 1.0, "mode": "fan_avg", "distribution": "uniform", "seed": 3},
    {"class": "RandomNormal", "mean": 0, "stddev": 1},
    {"class": "RandomUniform", "minval": -1, "maxval": 1},
    {"class": "TruncatedNormal", "mean": 0.5},
    {"class": "Constant", "value": 2},
    {"class": "OrthogonalInitializer", "gain": 2},
    {"class": "LecunNormal", "seed": 1},
    "he_uniform", "zeros", "ones", "glorot_normal", "lecun_uniform", "he_normal",
]
REGULARIZERS = [
    "l1", "l2", None,
    {"class": "L1", "l1": 1}, {"class": "L2", "l2": 0.5}, {"class": "L1L2", "l1": 0, "l2": 1},
]
CONSTRAINTS = [
    "non_neg", None,
    {"class": "MaxNorm", "max_value": 2, "axis": 0}, {"class": "UnitNorm", "axis": [0]},
    {"class": "MinMaxNorm", "min_value": 0, "max_value": 1, "rate": 1, "axis": 0},
]

def weight_options(*names):
    found = {}
    for name in names:
        found[f"{name}_initializer"] = ["he_normal", "orthogonal" if name != "bias" else "ones"]
        found[f"{name}_regularizer"] = ["l2"]
        found[f"{name}_constraint"] = ["non_neg"]
    return found

KERNEL = weight_options("kernel", "bias")
def conv(rank):
    size = [12, 10, 8][:rank]
    shape = [[9, 4], [8, 7, 4], [6, 5, 5, 4]][rank - 1]
    more = {} if rank != 1 else {"padding": ["same", "causal"]}
    return (f"Conv{rank}D", [shape], {"filters": 4, "kernel_size": 3}, {
        "kernel_size": [[2, 3, 1][:rank]], "strides": [2, [2, 1, 2][:rank]], "padding": ["same"], **more,
        "dilation_rate": [2, [1, 2, 1][:rank]], "groups": [2], "use_bias": [False], "activation": ["relu"],
        "data_format": ["channels_first"], "activity_regularizer": ["l1"], "trainable": [False], **KERNEL})

def conv_transpose(rank):
    shape = [[5, 3], [5, 4, 3], [3, 4, 3, 2]][rank - 1]
    return (f"Conv{rank}DTranspose", [shape], {"filters": 2, "kernel_size": 3, "strides": 2}, {
        "kernel_size": [[2, 3, 1][:rank]], "strides": [1, [2, 1, 2][:rank]], "padding": ["same"],
        "output_padding": [1] + ([[1, 0, 1][:rank]] if rank > 1 else []),
        "use_bias": [False], "activation": ["relu"],
        "data_format": ["channels_first"], **KERNEL})

def pool(name, rank):
    shape = [[9, 3], [8, 7, 3], [6, 5, 5, 2]][rank - 1]
    return (f"{name}Pooling{rank}D", [shape], {"pool_size": 2}, {
        "pool_size": [3, [2, 3, 1][:rank]], "strides": [1, [2, 1, 2][:rank]], "padding": ["same"],
        "data_format": ["channels_first"]})

def global_pool(name, rank):
    shape = [[9, 3], [8, 7, 3], [6, 5, 5, 2]][rank - 1]
    return (f"Global{name}Pooling{rank}D", [shape], {}, {"keepdims": [True], "data_format": ["channels_first"]})

def adaptive(name, rank):
    shape = [[9, 3], [8, 7, 3], [6, 5, 5, 2]][rank - 1]
    return (f"Adaptive{name}Pooling{rank}D", [shape], {"output_size": 3}, {
        "output_size": [[3, 2, 4][:rank]] if rank > 1 else [2], "data_format": ["channels_first"]})

def edges(rank):
    shape = [[9, 3], [8, 7, 3], [6, 5, 5, 2]][rank - 1]
    pairs = [[1, 2], [0, 1], [2, 0]][:rank]
    formats = {} if rank == 1 else {"data_format": ["channels_first"]}
    crop = [1, pairs[0] if rank == 1 else pairs] + ([] if rank == 1 else [[1, 2, 1][:rank]])
    return [
        (f"ZeroPadding{rank}D", [shape], {}, {"padding": [2, *crop[1:]], **({"data_format": ["channels_first"]})}),
        (f"Cropping{rank}D", [shape], {}, {"cropping": [2, *crop[1:]] if rank < 3 else crop, **formats}),
        (f"UpSampling{rank}D", [shape], {}, {"size": [3, *([] if rank == 1 else [[1, 2, 3][:rank]])], **formats,
            **({"interpolation": ["bilinear"]} if rank == 2 else {})}),
        (f"SpatialDropout{rank}D", [shape], {"rate": 0.5}, {
            "rate": [0, 0.25], "seed": [3], **formats}),
    ]

RECURRENT = {
    "activation": ["relu"], "use_bias": [False], "dropout": [0.5, 0], "recurrent_dropout": [0.25],
    "return_sequences": [True], "return_state": [True], "go_backwards": [True], "unroll": [True], "seed": [1],
    "zero_output_for_mask": [True], "trainable": [False],
    **weight_options("kernel", "recurrent", "bias"),
}
def conv_lstm(rank):
    shape = [[4, 5, 2], [3, 5, 4, 2], [2, 4, 3, 3, 2]][rank - 1]
    return (f"ConvLSTM{rank}D", [shape], {"filters": 2, "kernel_size": 2}, {
        "kernel_size": [[2, 1, 2][:rank]], "strides": [2], "padding": ["same"], "dilation_rate": [1],
        "recurrent_activation": ["hard_sigmoid"], "unit_forget_bias": [False],
        "data_format": ["channels_first"],
        **{k: v for k, v in RECURRENT.items() if k not in ("zero_output_for_mask", "unroll")}})

LAYER = lambda name, **options: {"class": name, **options}
A, B = [4, 6], [4, 6]
CASES = [
    ("Dense", [[6]], {"units": 4}, {
        "activation": ACTIVATIONS, "use_bias": [False], "kernel_initializer": INITIALIZERS,
        "bias_initializer": ["ones"], "kernel_regularizer": REGULARIZERS, "bias_regularizer": ["l1"],
        "activity_regularizer": ["l2"], "kernel_constraint": CONSTRAINTS, "bias_constraint": ["max_norm"],
        "trainable": [False], "dtype": ["float64", "float16"], "name": ["named"]}),
    ("Dense", [[4, 6]], {"units": 4, "activation": LAYER("LeakyReLU", negative_slope=0.3)}, {
        "activation": [LAYER("ReLU", max_value=1, threshold=0.1), LAYER("ELU", alpha=0.5), LAYER("Softmax", axis=-1),
                       LAYER("Activation", activation="tanh")]}),
    ("EinsumDense", [[4, 6]], {"equation": "abc,cd->abd", "output_shape": [None, 5], "bias_axes": "d"}, {
        "bias_axes": [None, "bd"], "output_shape": [[4, 5]], "activation": ["relu"], **KERNEL}),
    ("Embedding", [5], {"input_dim": 5, "output_dim": 3}, {
        "mask_zero": [True], **weight_options("embeddings"), "activity_regularizer": ["l1"]}),
    ("ReversibleEmbedding", [5], {"input_dim": 5, "output_dim": 3}, {
        "tie_weights": [False], "mask_zero": [True], "logit_soft_cap": [30.0, 2], **weight_options("embeddings")}),
    ("Activation", [[6]], {"activation": "relu"}, {"activation": [a for a in ACTIVATIONS if a] + [
        "silu", "elu", "selu", "softplus", "softsign", "sigmoid", "exponential", "mish", "relu6", "softmax",
        "hard_silu", "hard_tanh", "hard_shrink", "soft_shrink", "tanh_shrink", "squareplus",
        # No sparsemax: what Keras 3.15.1 gives on torch and numpy does not sum to 1.
        "sparse_plus", "sparse_sigmoid", "log_sigmoid", "swish", "hard_swish"]}),
    ("ReLU", [[6]], {}, {"max_value": [1, 0.5], "negative_slope": [1, 0.1], "threshold": [1, 0.2]}),
    ("LeakyReLU", [[6]], {}, {"negative_slope": [0, 1, 0.1]}),
    ("ELU", [[6]], {}, {"alpha": [2, 0.5]}),
    ("PReLU", [[5, 4, 3]], {}, {"shared_axes": [[1], [1, 2]], **weight_options("alpha")}),
    ("Softmax", [[4, 6]], {}, {"axis": [1, -2, [1, 2]]}),
    ("Identity", [[6]], {}, {}),
    ("Rescaling", [[6]], {"scale": 0.5}, {"scale": [2, [1, 2, 3, 4, 5, 6]], "offset": [1, 0.5, [1, 2, 3, 4, 5, 6]]}),
    ("Masking", [[4, 6]], {}, {"mask_value": [1, 0.5]}),
    ("Flatten", [[4, 6]], {}, {"data_format": ["channels_first"]}),
    ("Reshape", [[4, 6]], {"target_shape": [6, 4]}, {"target_shape": [[-1], [24], [2, -1, 3]]}),
    ("Permute", [[4, 6]], {"dims": [2, 1]}, {}),
    ("RepeatVector", [[6]], {"n": 3}, {}),
    ("Dropout", [[6]], {"rate": 0.5}, {"rate": [0, 0.1], "seed": [3], "noise_shape": [[None, 1], [None, 6]]}),
    ("AlphaDropout", [[6]], {"rate": 0.5}, {"rate": [0], "seed": [3], "noise_shape": [[None, 1]]}),
    ("GaussianDropout", [[6]], {"rate": 0.5}, {"rate": [0], "seed": [3]}),
    ("GaussianNoise", [[6]], {"stddev": 0.5}, {"stddev": [0, 1], "seed": [3]}),
    ("ActivityRegularization", [[6]], {}, {"l1": [1, 0.5], "l2": [1, 0.5]}),
    ("BatchNormalization", [[4, 6]], {}, {
        "axis": [1, -1, -2], "momentum": [0, 1, 0.5], "epsilon": [1, 1e-5], "center": [False], "scale": [False],
        **weight_options("beta", "gamma"),
        "moving_mean_initializer": ["ones"], "moving_variance_initializer": ["zeros"], "trainable": [False]}),
    ("LayerNormalization", [[4, 6]], {}, {
        "axis": [1, [1, 2], -1], "epsilon": [1, 1e-5], "center": [False], "scale": [False],
        **weight_options("beta", "gamma")}),
    ("GroupNormalization", [[4, 6]], {"groups": 3}, {
        "groups": [-1, 1, 6], "axis": [1, -1], "epsilon": [1, 1e-5], "center": [False], "scale": [False],
        **weight_options("beta", "gamma")}),
    ("GroupNormalization", [[4, 4]], {"groups": 2}, {"axis": [1]}),
    ("RMSNormalization", [[4, 6]], {}, {"axis": [1, -1, [1, 2]], "epsilon": [1, 1e-5]}),
    ("UnitNormalization", [[4, 6]], {}, {"axis": [1, [1, 2]]}),
    ("SpectralNormalization", [[6]], {"layer": LAYER("Dense", units=4)}, {
        "power_iterations": [3], "layer": [LAYER("Dense", units=3, use_bias=False)]}),
    ("SpectralNormalization", [[6, 5, 3]], {"layer": LAYER("Conv2D", filters=4, kernel_size=2)}, {}),
    *[conv(rank) for rank in (1, 2, 3)],
    *[conv_transpose(rank) for rank in (1, 2, 3)],
    ("DepthwiseConv1D", [[9, 3]], {"kernel_size": 3}, {
        "strides": [2], "padding": ["same"], "depth_multiplier": [2], "dilation_rate": [2], "use_bias": [False],
        "activation": ["relu"], "data_format": ["channels_first"], **weight_options("depthwise", "bias")}),
    ("DepthwiseConv2D", [[8, 7, 3]], {"kernel_size": 3}, {
        "kernel_size": [[2, 3]], "strides": [2], "padding": ["same"], "depth_multiplier": [2], "dilation_rate": [2, [1, 2]],
        "use_bias": [False], "activation": ["relu"], "data_format": ["channels_first"],
        **weight_options("depthwise", "bias")}),
    ("SeparableConv1D", [[9, 3]], {"filters": 4, "kernel_size": 3}, {
        "strides": [2], "padding": ["same"], "depth_multiplier": [2], "dilation_rate": [2], "use_bias": [False],
        "activation": ["relu"], "data_format": ["channels_first"], **weight_options("depthwise", "pointwise", "bias")}),
    ("SeparableConv2D", [[8, 7, 3]], {"filters": 4, "kernel_size": 3}, {
        "kernel_size": [[2, 3]], "strides": [2], "padding": ["same"], "depth_multiplier": [2], "dilation_rate": [2],
        "use_bias": [False], "activation": ["relu"], "data_format": ["channels_first"],
        **weight_options("depthwise", "pointwise", "bias")}),
    *[pool(name, rank) for name in ("Average", "Max") for rank in (1, 2, 3)],
    *[global_pool(name, rank) for name in ("Average", "Max") for rank in (1, 2, 3)],
    *[adaptive(name, rank) for name in ("Average", "Max") for rank in (1, 2, 3)],
    *[row for rank in (1, 2, 3) for row in edges(rank)],
    *[(name, [A, B], {}, {}) for name in ("Add", "Average", "Maximum", "Minimum", "Multiply", "Subtract")],
    *[(name, [A, B, A], {}, {}) for name in ("Add", "Concatenate")],
    ("Concatenate", [A, B], {}, {"axis": [1, -1, 2]}),
    ("Dot", [A, B], {"axes": 1}, {"axes": [2, [1, 1], [2, 2], -1], "normalize": [True]}),
    ("Attention", [A, B], {}, {"use_scale": [True], "score_mode": ["concat"], "dropout": [0.5], "seed": [1]}),
    ("Attention", [A, B, A], {}, {}),
    ("AdditiveAttention", [A, B], {}, {"use_scale": [False], "dropout": [0.5]}),
    ("MultiHeadAttention", [A, B], {"num_heads": 2, "key_dim": 3}, {
        "value_dim": [2], "dropout": [0.5, 0], "use_bias": [False], "output_shape": [5, [5], [2, 5]],
        "attention_axes": [1, [1]], "flash_attention": [False], "seed": [1], "use_gate": [True],
        "sliding_window": [2], "activity_regularizer": ["l1"], **KERNEL}),
    ("MultiHeadAttention", [A, B, A], {"num_heads": 2, "key_dim": 3}, {}),
    ("MultiHeadAttention", [[3, 4, 6], [3, 4, 6]], {"num_heads": 2, "key_dim": 3, "attention_axes": [2]}, {
        "attention_axes": [[1, 2]]}),
    ("GroupQueryAttention", [A, B], {"head_dim": 3, "num_query_heads": 4, "num_key_value_heads": 2}, {
        "dropout": [0.5], "use_bias": [False], "use_gate": [True], "flash_attention": [False], "seed": [1], **KERNEL}),
    ("SimpleRNN", [[4, 3]], {"units": 4}, RECURRENT),
    ("GRU", [[4, 3]], {"units": 4}, {**RECURRENT, "recurrent_activation": ["hard_sigmoid"], "reset_after": [False]}),
    ("LSTM", [[4, 3]], {"units": 4}, {
        **RECURRENT, "recurrent_activation": ["hard_sigmoid"], "unit_forget_bias": [False]}),
    *[conv_lstm(rank) for rank in (1, 2, 3)],
    ("RNN", [[4, 3]], {"cell": LAYER("LSTMCell", units=4)}, {
        "cell": [
            LAYER("GRUCell", units=4, reset_after=False), LAYER("SimpleRNNCell", units=4, dropout=0.5),
            LAYER("StackedRNNCells", cells=[LAYER("LSTMCell", units=4), LAYER("GRUCell", units=3)]),
            [LAYER("LSTMCell", units=4), LAYER("SimpleRNNCell", units=3)]],
        "return_sequences": [True], "return_state": [True], "go_backwards": [True], "unroll": [True],
        "zero_output_for_mask": [True]}),
    ("Bidirectional", [[4, 3]], {"layer": LAYER("LSTM", units=4)}, {
        "merge_mode": ["sum", "mul", "ave", None],
        "layer": [LAYER("GRU", units=3, return_sequences=True), LAYER("LSTM", units=3, return_state=True),
                  LAYER("RNN", cell=LAYER("SimpleRNNCell", units=3))],
        "backward_layer": [LAYER("GRU", units=4, go_backwards=True)]}),
    ("TimeDistributed", [[4, 6]], {"layer": LAYER("Dense", units=4)}, {
        "layer": [LAYER("Activation", activation="relu"), LAYER("LayerNormalization")]}),
    ("TimeDistributed", [[3, 6, 5, 2]], {"layer": LAYER("Conv2D", filters=4, kernel_size=2)}, {
        "layer": [LAYER("BatchNormalization"), LAYER("MaxPooling2D")]}),
]


OPTIMIZER = {
    "learning_rate": [1.0, {"class": "ExponentialDecay", "initial_learning_rate": 1, "decay_steps": 10, "decay_rate": 1},
                      {"class": "CosineDecay", "initial_learning_rate": 0, "decay_steps": 10, "warmup_target": 1, "warmup_steps": 2},
                      {"class": "CosineDecayRestarts", "initial_learning_rate": 1, "first_decay_steps": 2, "t_mul": 2},
                      {"class": "InverseTimeDecay", "initial_learning_rate": 1, "decay_steps": 1, "decay_rate": 1},
                      {"class": "PiecewiseConstantDecay", "boundaries": [1, 2], "values": [1, 0.5, 0]},
                      {"class": "PolynomialDecay", "initial_learning_rate": 1, "decay_steps": 2, "end_learning_rate": 0, "power": 1}],
    "weight_decay": [1, 0.5], "clipnorm": [1], "clipvalue": [1], "global_clipnorm": [1],
    "use_ema": [True], "loss_scale_factor": [2], "gradient_accumulation_steps": [2],
}
OPTIMIZERS = {
    "Adadelta": {"rho": [1.0, 0], "epsilon": [1]}, "Adafactor": {"beta_2_decay": [-1], "clip_threshold": [2], "relative_step": [False]},
    "Adagrad": {"initial_accumulator_value": [0, 1], "epsilon": [1]},
    "Adam": {"beta_1": [0, 0.5], "beta_2": [0], "epsilon": [1], "amsgrad": [True]}, "AdamW": {"beta_1": [0]},
    "Adamax": {"beta_1": [0], "epsilon": [1]}, "Ftrl": {"learning_rate_power": [-1], "l1_regularization_strength": [1], "beta": [1]},
    "Lamb": {"beta_1": [0]}, "Lion": {"beta_1": [0.5], "beta_2": [0.5]}, "Muon": {"momentum": [0.5], "ns_steps": [2], "nesterov": [False]},
    "Nadam": {"beta_1": [0]}, "RMSprop": {"rho": [0], "momentum": [0, 1, 0.5], "centered": [True]},
    "SGD": {"momentum": [0.0, 1.0, 0.5], "nesterov": [True]},
}
LOSSES = {
    "MeanSquaredError": {}, "MeanAbsoluteError": {}, "MeanAbsolutePercentageError": {}, "MeanSquaredLogarithmicError": {},
    "CosineSimilarity": {"axis": [1]}, "Huber": {"delta": [2]}, "LogCosh": {}, "Hinge": {}, "SquaredHinge": {},
    "CategoricalHinge": {}, "KLDivergence": {}, "Poisson": {}, "BinaryCrossentropy": {"from_logits": [True], "label_smoothing": [1]},
    "BinaryFocalCrossentropy": {"gamma": [1], "alpha": [0.5], "apply_class_balancing": [True]},
    "CategoricalCrossentropy": {"from_logits": [True], "label_smoothing": [0.5]},
    "CategoricalFocalCrossentropy": {"gamma": [1], "alpha": [0.5]}, "SparseCategoricalCrossentropy": {"ignore_class": [-1], "from_logits": [True]},
    "Dice": {"axis": [[1]]}, "Tversky": {"alpha": [1], "beta": [0]}, "Circle": {"gamma": [2], "margin": [0.5]},
    "CTC": {}, "CategoricalGeneralizedCrossEntropy": {"q": [0.5]},
}
METRICS = {
    "MeanSquaredError": {}, "RootMeanSquaredError": {}, "MeanAbsoluteError": {}, "MeanAbsolutePercentageError": {},
    "MeanSquaredLogarithmicError": {}, "CosineSimilarity": {"axis": [1]}, "LogCoshError": {}, "R2Score": {"class_aggregation": ["variance_weighted_average"], "num_regressors": [1]},
    "Accuracy": {}, "BinaryAccuracy": {"threshold": [1]}, "CategoricalAccuracy": {}, "SparseCategoricalAccuracy": {},
    "TopKCategoricalAccuracy": {"k": [2]}, "SparseTopKCategoricalAccuracy": {"k": [2]},
    "Precision": {"thresholds": [1, [0, 0.5]], "top_k": [2], "class_id": [1]}, "Recall": {"thresholds": [0.2]},
    "AUC": {"num_thresholds": [5], "curve": ["PR"], "summation_method": ["minoring"], "multi_label": [True], "from_logits": [True]},
    "FalsePositives": {"thresholds": [0.2]}, "FalseNegatives": {}, "TruePositives": {}, "TrueNegatives": {},
    "PrecisionAtRecall": {"recall": [1, 0.5]}, "RecallAtPrecision": {"precision": [1]}, "SensitivityAtSpecificity": {"specificity": [1]},
    "SpecificityAtSensitivity": {"sensitivity": [1]}, "F1Score": {"average": ["micro"], "threshold": [0.5]},
    "FBetaScore": {"beta": [2.0], "average": ["macro"]}, "IoU": {"num_classes": [2], "target_class_ids": [[0]]},
    "BinaryIoU": {"target_class_ids": [[0]], "threshold": [0.2]}, "MeanIoU": {"num_classes": [3]}, "OneHotIoU": {"num_classes": [2], "target_class_ids": [[0]]},
    "OneHotMeanIoU": {"num_classes": [3]}, "Hinge": {}, "SquaredHinge": {}, "CategoricalHinge": {}, "KLDivergence": {}, "Poisson": {},
    "BinaryCrossentropy": {"from_logits": [True]}, "CategoricalCrossentropy": {"label_smoothing": [0.5]},
    "SparseCategoricalCrossentropy": {"from_logits": [True]}, "ConcordanceCorrelation": {"axis": [0]}, "PearsonCorrelation": {},
    "Mean": {}, "Sum": {},
}
NEEDED = {
    "PrecisionAtRecall": "recall", "RecallAtPrecision": "precision", "SensitivityAtSpecificity": "specificity",
    "SpecificityAtSensitivity": "sensitivity", "IoU": "num_classes", "MeanIoU": "num_classes", "OneHotIoU": "num_classes",
    "OneHotMeanIoU": "num_classes",
}


def compiled():
    """(module, class, options) of optimizers, losses and metrics."""
    for module, table, common in (
        ("optimizers", OPTIMIZERS, OPTIMIZER), ("losses", LOSSES, {"reduction": ["sum"]}), ("metrics", METRICS, {})):
        for name, own in table.items():
            base = {NEEDED[name]: own[NEEDED[name]][0]} if name in NEEDED else {}
            if name in ("IoU", "OneHotIoU"):
                base["target_class_ids"] = [0, 1]
            yield module, name, base
            for key, values in {**common, **own}.items():
                for value in values:
                    yield module, name, {**base, key: value, **({"momentum": 0.5} if key == "nesterov" and name == "SGD" else {})}


MODULES = [keras.layers, keras.initializers, keras.regularizers, keras.constraints, keras.optimizers.schedules]


def made(value):
    """Objects of what stands in the table as {"class": …}."""
    if isinstance(value, list):
        return [made(item) for item in value]
    if not isinstance(value, dict):
        return value
    options = {key: made(item) for key, item in value.items() if key != "class"}
    module = next(m for m in MODULES if hasattr(m, value["class"]))
    return getattr(module, value["class"])(**options)


def cases():
    for name, inputs, options, variations in CASES:
        yield name, inputs, options
        for key, values in variations.items():
            for value in values:
                yield name, inputs, {**options, key: value}
