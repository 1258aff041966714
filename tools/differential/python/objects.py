"""Objects of Keras from a class and a configuration, however deep they nest."""
import keras
import numpy as np

from arrays import from_json, is_array

MODULES = [
    keras.layers, keras.losses, keras.metrics, keras.optimizers, keras.optimizers.schedules, keras.initializers,
    keras.regularizers, keras.constraints,
]


def find(name, module=None):
    for place in [module, *MODULES] if module is not None else MODULES:
        found = getattr(place, name, None)
        if isinstance(found, type):
            return found
    raise ValueError(f"Keras has no class {name}")


def made(value, module=None):
    """The value with every {class_name, config} made, as long as they are JSON."""
    if is_array(value):
        return from_json(value)
    if isinstance(value, list):
        return [made(item, module) for item in value]
    if not isinstance(value, dict):
        return value
    if "class_name" in value and "config" in value:
        config = {key: made(item) for key, item in value["config"].items()}
        return find(value["class_name"], module)(**config)
    return {key: made(item, module) for key, item in value.items()}


def tensor(array):
    return keras.ops.convert_to_tensor(array)


def numpy(value):
    return np.asarray(keras.ops.convert_to_numpy(value))


def gradient(f, x):
    """df/dx on whatever backend runs; x is a NumPy array."""
    backend = keras.backend.backend()
    if backend == "torch":
        import torch
        leaf = torch.from_numpy(x).requires_grad_()
        value = f(leaf)
        value = value.sum()
        if not value.requires_grad:
            return np.zeros_like(x)
        (found,) = torch.autograd.grad(value, [leaf], allow_unused=True)
        return np.zeros_like(x) if found is None else found.numpy()
    if backend == "jax":
        import jax
        return np.asarray(jax.grad(lambda p: f(p).sum())(jax.numpy.asarray(x)))
    import tensorflow as tf
    leaf = tf.Variable(x)
    with tf.GradientTape() as tape:
        value = tf.reduce_sum(f(leaf))
    found = tape.gradient(value, leaf)
    return np.zeros_like(x) if found is None else np.asarray(tf.convert_to_tensor(found))
