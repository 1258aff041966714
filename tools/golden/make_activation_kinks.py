"""activation-kinks.json: slopes of Keras's activations where they bend, as far as its backends agree.

At a kink either side's slope is right; PyTorch, JAX and TensorFlow mostly take the same. Where they do, so shall typegrad:
weights that are rounded, zeros of padding and clipped numbers stand on kinks often. One process a backend.
"""

import json
import os
import subprocess
import sys

POINTS = [-6, -3, -2.5, -2, -1, -0.5, 0, 0.5, 1, 2, 2.5, 3, 6]
CASES = [
    ("relu", {}),
    ("relu", {"negative_slope": 0.25}),
    ("relu", {"max_value": 0.5}),
    ("relu", {"max_value": 6.0}),
    ("relu", {"threshold": 0.5}),
    ("relu", {"max_value": 2.0, "negative_slope": 0.25}),
    ("relu", {"max_value": 2.0, "negative_slope": 0.25, "threshold": 0.5}),
    ("relu6", {}),
    ("leaky_relu", {"negative_slope": 0.25}),
    ("elu", {}),
    ("selu", {}),
    ("celu", {}),
    ("hard_sigmoid", {}),
    ("hard_silu", {}),
    ("hard_tanh", {}),
    ("hard_shrink", {"threshold": 0.5}),
    ("soft_shrink", {"threshold": 0.5}),
    ("tanh_shrink", {}),
    ("softsign", {}),
    ("softplus", {}),
    ("threshold", {"threshold": 0.5, "default_value": -1.0}),
    ("sparse_plus", {}),
    ("sparse_sigmoid", {}),
    ("squareplus", {}),
    ("log_sigmoid", {}),
]


def slopes(backend):
    os.environ["KERAS_BACKEND"] = backend
    import keras
    import numpy as np

    x = np.asarray(POINTS, np.float32)

    def gradient(function):
        if backend == "torch":
            import torch

            t = torch.tensor(x, requires_grad=True)
            function(t).sum().backward()
            return t.grad.tolist()
        if backend == "jax":
            import jax

            return jax.grad(lambda t: function(t).sum())(x).tolist()
        import tensorflow as tf

        t = tf.constant(x)
        with tf.GradientTape() as tape:
            tape.watch(t)
            total = tf.reduce_sum(function(t))
        return tape.gradient(total, t).numpy().tolist()

    def of(name, options):
        function = getattr(keras.activations, name)
        return gradient(lambda t: function(t, **options))

    return [of(name, options) for name, options in CASES]


if __name__ == "__main__":
    if len(sys.argv) > 1:
        print("SLOPES " + json.dumps(slopes(sys.argv[1])))
    else:
        from golden_json import camel, write_cases

        def printed(backend):
            ran = subprocess.run([sys.executable, __file__, backend], check=True, capture_output=True, text=True)
            return json.loads(next(line[7:] for line in ran.stdout.splitlines() if line.startswith("SLOPES ")))

        def agreed(slopes):
            first, *others = slopes
            return first if all(abs(first - other) < 1e-5 for other in others) else None

        found = [printed(backend) for backend in ["torch", "jax", "tensorflow"]]
        cases = [
            {
                "activation": camel(name),
                "options": {camel(key): value for key, value in options.items()},
                "slopes": [agreed(at) for at in zip(*(one[i] for one in found))],
            }
            for i, (name, options) in enumerate(CASES)
        ]
        write_cases("activation-kinks.json", cases, points=POINTS)
