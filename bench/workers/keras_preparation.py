"""What stands before a model, by Keras's layers: texts as indices, and pictures that are changed at random."""

import numpy as np
import tensorflow as tf
from keras import layers


def word_of(number, place):
    """A word of a number, with a capital or a comma now and then: as typegrad-preparation.ts has it."""
    word, rest = "", int(number) + 30
    while rest > 0:
        word += chr(0x61 + rest % 26)
        rest //= 26
    if place % 12 == 0:
        word = word[0].upper() + word[1:]
    return word + "," if place % 9 == 8 else word


class TextVectorization:
    def __init__(self, workload, weights, data):
        params = workload["params"]
        texts = [" ".join(word_of(number, i) for i, number in enumerate(row)) for row in data["x"]]
        layer = layers.TextVectorization(params["tokens"], output_sequence_length=params["length"])
        layer.adapt(texts)
        self.batches = [
            tf.constant(texts[at : at + params["batch"]]) for at in range(0, len(texts), params["batch"])
        ]
        self.call = tf.function(lambda batch: layer(batch))

    def run(self):
        for batch in self.batches:
            last = self.call(batch)
        return last.numpy()

    def losses(self):
        return self.run().reshape(-1)[:5].tolist()


# In the order of the codes, as bench/workloads/preparation.ts has them.
augmentations = [
    lambda: layers.RandomFlip(),
    lambda: layers.RandomRotation(0.1),
    lambda: layers.RandomZoom(0.1),
    lambda: layers.RandomTranslation(0.1, 0.1),
    lambda: layers.RandomPerspective(),
    lambda: layers.RandomContrast(0.2),
    lambda: layers.RandomBrightness(0.2),
    lambda: layers.RandomHue(0.2),
    lambda: layers.RandomSaturation(0.2),
    lambda: layers.RandomSharpness(0.5),
    lambda: layers.RandomPosterization(4),
    lambda: layers.RandomGaussianBlur(),
    lambda: layers.RandomErasing(),
    lambda: layers.RandomElasticTransform(),
    lambda: layers.AutoContrast(),
    lambda: layers.Equalization(),
]


class Augmentation:
    def __init__(self, workload, weights, data):
        layer = augmentations[workload["params"]["code"]]()
        self.x = tf.constant(data["x"].astype(np.float32))
        self.call = tf.function(lambda images: layer(images, training=True))

    def run(self):
        return self.call(self.x).numpy()

    def losses(self):
        return [self.run().size]
