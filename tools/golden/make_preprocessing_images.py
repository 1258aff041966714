"""preprocessing-image-operations.json: image operations of Keras on jax.

preprocessing-images.json: Keras's layers of images on numpy, with the transformations that Keras has drawn: the same numbers
without a compilation for each.

preprocessing-rand-augment.json: RandAugment in the same way. `rand-augment` as the argument writes it alone.
"""

import os
import subprocess
import sys

PART = sys.argv[1] if len(sys.argv) > 1 else None
if PART is None:
    # A backend for each process.
    for part in ("operations", "layers", "rand-augment"):
        subprocess.run([sys.executable, __file__, part], check=True)
    sys.exit()
os.environ["KERAS_BACKEND"] = "jax" if PART == "operations" else "numpy"

import keras
import numpy as np

from golden_json import camel, snake, write, write_cases

keras.utils.set_random_seed(5)


def brighter(self, images, transformation, training=True):
    """As on the other backends: on numpy `images += …` changes the caller's array too."""
    return np.clip(images + transformation["rgb_delta"], *self.value_range)


keras.layers.RandomBrightness.transform_images = brighter


def histogram(self, values, value_range, nbins):
    """As Keras's other backends have it: on jax it adds up bin after bin, which takes minutes eagerly."""
    low, high = np.float32(value_range[0]), np.float32(value_range[1])
    scaled = (np.asarray(values, np.float32) - low) * np.float32(nbins - 1) / (high - low)
    counts = np.bincount(np.clip(scaled.astype(np.int32), 0, nbins - 1).ravel(), minlength=nbins)
    return keras.ops.convert_to_tensor(counts.astype(np.int32))


keras.layers.Equalization._custom_histogram_fixed_width = histogram
random = np.random.RandomState(77)
ops = []
layers = []


def pictures(*shape, low=0, high=255):
    return np.round(random.uniform(low, high, shape), 2).astype(np.float32)


def op(name, inputs, output, **args):
    ops.append({"op": name, "inputs": [np.asarray(x) for x in inputs], "args": args, "output": np.asarray(output)})


image = keras.ops.image
small = pictures(2, 4, 5, 3)
single = pictures(4, 5, 1)

def operations():
    # resize
    for method in ("nearest", "bilinear", "bicubic", "lanczos3", "lanczos5"):
        for size in ((7, 3), (2, 9)):
            op("resize", [small], image.resize(small, size, interpolation=method), size=list(size), interpolation=method)
        op("resize", [small], image.resize(small, (2, 3), interpolation=method, antialias=True), size=[2, 3], interpolation=method, antialias=True)
    op("resize", [single], image.resize(single, (3, 3)), size=[3, 3])
    for size in ((3, 6), (6, 3), (4, 4)):
        op("resize", [small], image.resize(small, size, crop_to_aspect_ratio=True), size=list(size), cropToAspectRatio=True)
        op("resize", [small], image.resize(small, size, pad_to_aspect_ratio=True, fill_value=7.0), size=list(size), padToAspectRatio=True, fillValue=7)
    first = np.transpose(small, (0, 3, 1, 2))
    op("resize", [first], image.resize(first, (3, 7), data_format="channels_first"), size=[3, 7], dataFormat="channelsFirst")

    # affine_transform
    turn = np.float32([[0.9, -0.2, 0.7, 0.25, 1.1, -0.4, 0, 0], [1, 0, 1.5, 0, 1, -2.25, 0, 0]])
    for mode in ("constant", "nearest", "wrap", "mirror", "reflect"):
        for method in ("bilinear", "nearest"):
            op("affineTransform", [small, turn], image.affine_transform(small, turn, interpolation=method, fill_mode=mode, fill_value=9),
               interpolation=method, fillMode=mode, fillValue=9)
    far = np.float32([3, 0, -17, 0, 3, 11, 0, 0])
    for mode in ("constant", "nearest", "wrap", "mirror", "reflect"):
        op("affineTransform", [single, far], image.affine_transform(single, far, fill_mode=mode), fillMode=mode)
    op("affineTransform", [first, turn], image.affine_transform(first, turn, data_format="channels_first"), dataFormat="channelsFirst")

    # map_coordinates
    grid = np.float32([[-2.5, -0.5, 0.5, 1.25, 2.5, 3.5, 7.0], [0.5, 0.0, 1.5, 3.75, 4.0, 4.5, -6.0]])
    plane = pictures(4, 5)
    for mode in ("constant", "nearest", "wrap", "mirror", "reflect"):
        for order in (0, 1):
            op("mapCoordinates", [plane, grid], image.map_coordinates(plane, grid, order=order, fill_mode=mode, fill_value=1.5), order=order, fillMode=mode, fillValue=1.5)
    solid = pictures(2, 3, 4)
    at = np.float32(random.uniform(-1, 4, (3, 2, 3)))
    op("mapCoordinates", [solid, at], image.map_coordinates(solid, at, order=1), order=1)

    # perspective_transform
    start = np.float32([[[0, 0], [4, 0], [0, 3], [4, 3]], [[0, 0], [4, 0], [0, 3], [4, 3]]])
    end = np.float32([[[0.5, 0.25], [3.5, 0.5], [-0.5, 2.5], [4.5, 3.25]], [[0, 0], [4, 0], [0, 3], [4, 3]]])
    for method in ("bilinear", "nearest"):
        op("perspectiveTransform", [small, start, end], image.perspective_transform(small, start, end, interpolation=method, fill_value=3.0), interpolation=method, fillValue=3)
    op("perspectiveTransform", [single, start[0], end[0]], image.perspective_transform(single, start[0], end[0]))

    # gaussian_blur
    op("gaussianBlur", [small], image.gaussian_blur(small, (3, 3), (1.0, 1.0), data_format="channels_last"))
    op("gaussianBlur", [small], image.gaussian_blur(small, (5, 3), (0.7, 2.0), data_format="channels_last"), kernelSize=[5, 3], sigma=[0.7, 2.0])
    op("gaussianBlur", [first], image.gaussian_blur(first, (3, 3), (0.5, 0.5), data_format="channels_first"), sigma=0.5, dataFormat="channelsFirst")

    # elastic_transform: the field is given.
    dx, dy = np.float32(random.standard_normal((2, 4, 5))), np.float32(random.standard_normal((2, 4, 5)))
    y, x = np.meshgrid(np.arange(4), np.arange(5), indexing="ij")
    for mode in ("reflect", "constant"):
        bent = np.stack([
            np.stack([np.asarray(image.map_coordinates(small[b, ..., c], np.stack([y + 1.5 * dy[b], x + 1.5 * dx[b]]), order=1, fill_mode=mode)) for c in range(3)], -1)
            for b in range(2)
        ])
        op("elasticTransform", [small, dx, dy], bent, alpha=1.5, fillMode=mode)

    # colours
    shades = pictures(2, 2, 4, 3, low=0, high=1)
    shades[0, 0, 0] = 0
    shades[0, 0, 1] = 1
    shades[0, 0, 2] = [0.5, 0.5, 0.2]
    shades[0, 0, 3] = [1e-9, 0, 0]
    shades[1, 0, 0] = [0.25, 0.75, 0.75]
    op("rgbToHsv", [shades], image.rgb_to_hsv(shades))
    hues = pictures(2, 2, 3, 3, low=0, high=1)
    hues[0, 0, 0, 0] = 1.0
    hues[0, 0, 1, 0] = -0.25
    op("hsvToRgb", [hues], image.hsv_to_rgb(hues))
    op("rgbToGrayscale", [small], image.rgb_to_grayscale(small))
    op("rgbToGrayscale", [single], image.rgb_to_grayscale(single))

    # crop_images, pad_images
    op("cropImages", [small], image.crop_images(small, top_cropping=1, left_cropping=2, bottom_cropping=0, right_cropping=1), top=1, left=2, bottom=0, right=1)
    op("cropImages", [small], image.crop_images(small, top_cropping=1, left_cropping=0, target_height=2, target_width=3), top=1, left=0, targetHeight=2, targetWidth=3)
    op("padImages", [small], image.pad_images(small, top_padding=1, left_padding=2, bottom_padding=3, right_padding=0), top=1, left=2, bottom=3, right=0)
    op("padImages", [single], image.pad_images(single, top_padding=1, left_padding=0, target_height=6, target_width=8), top=1, left=0, targetHeight=6, targetWidth=8)
    write_cases("preprocessing-image-operations.json", ops)


if PART == "operations":
    operations()
    sys.exit()

# Layers
VALUES = {"relXyxy": "rel_xyxy", "relYxyx": "rel_yxyx", "relXywh": "rel_xywh", "relCenterXywh": "rel_center_xywh", "centerXywh": "center_xywh", "centerYxhw": "center_yxhw",
          "horizontalAndVertical": "horizontal_and_vertical"}
color = pictures(3, 5, 6, 3)
unit = pictures(3, 5, 6, 3, low=0, high=1)
masks = random.randint(0, 4, (3, 5, 6, 1)).astype(np.float32)
corners = np.float32([[[1, 1, 3, 4], [0, 2, 5, 5]], [[2, 0, 4, 3], [0, 0, 0, 0]], [[0.5, 1.5, 5.5, 4.5], [3, 3, 4, 4]]])
classes = np.int32([[0, 1], [2, -1], [3, 1]])


def tensors(value):
    if isinstance(value, dict):
        return {camel(k): tensors(v) for k, v in value.items() if v is not None and not isinstance(v, keras.random.SeedGenerator)}
    if isinstance(value, (list, tuple)):
        return [tensors(v) for v in value]
    if value is None or isinstance(value, (int, str)):
        return value
    return np.asarray(value)


def layer(name, images=color, boxes=False, with_masks=False, labels=None, note=None, key=None, change=lambda drawn: drawn, **config):
    options = {snake(k): VALUES.get(v, v) if isinstance(v, str) else tuple(v) if isinstance(v, list) else v for k, v in config.items()}
    target = getattr(keras.layers, name)(**options)
    try:
        drawn = change(target.get_random_transformation(keras.ops.convert_to_tensor(images), training=True))
    except Exception as error:
        raise RuntimeError(name) from error
    row = {"layer": name, "config": config, "images": images, "transformation": tensors(drawn if key is None else {key: drawn})}
    row["output"] = np.asarray(target.transform_images(keras.ops.convert_to_tensor(images), drawn, training=True))
    if with_masks:
        row["masks"] = masks
        row["maskOutput"] = np.asarray(target.transform_segmentation_masks(keras.ops.convert_to_tensor(masks), drawn, training=True))
    if labels is not None:
        row["labels"] = labels
        row["labelOutput"] = np.asarray(target.transform_labels(keras.ops.convert_to_tensor(labels), drawn, training=True))
    if boxes:
        shown = keras.utils.bounding_boxes.convert_format(corners, source="xyxy", target=options["bounding_box_format"], height=5, width=6)
        row["boxes"], row["boxLabels"] = np.asarray(shown), classes
        found = target.transform_bounding_boxes({"boxes": keras.ops.convert_to_tensor(shown), "labels": keras.ops.convert_to_tensor(classes)}, drawn, training=True)
        row["boxOutput"], row["boxLabelOutput"] = np.asarray(found["boxes"]), np.asarray(found["labels"])
    if note:
        row["note"] = note
    layers.append(row)
    print(len(layers), name, flush=True)


def each(name, *configs, **more):
    for config in configs:
        layer(name, **config, **more)


def rand_augment():
    def ordered(*order):
        """All that is drawn stays, but for which operations are done: so each of the eleven is done somewhere."""
        return lambda drawn: {**drawn, "layer_idxes": np.int32(order)}

    layer("RandAugment", with_masks=True, factor=0.4)
    layer("RandAugment", with_masks=True, factor=[0.2, 0.6], interpolation="nearest")
    layer("RandAugment", change=ordered(5, 3, 4), factor=[0.2, 0.6], numOps=3)
    layer("RandAugment", change=ordered(6, 7, 10), factor=0.3, numOps=3)
    layer("RandAugment", unit, change=ordered(9, 8, 7), factor=0.5, numOps=3, valueRange=[0, 1])
    # In the order of their numbers: Keras moves boxes in that order, whichever was drawn, and images in the order drawn.
    layer("RandAugment", change=ordered(0, 1, 2), boxes=True, factor=0.3, numOps=3, boundingBoxFormat="xyxy")
    write("preprocessing-rand-augment.json", {}, "layers", layers)


if PART == "rand-augment":
    rand_augment()
    sys.exit()

each("RandomBrightness", {"factor": 0.4}, {"factor": [-0.9, -0.2]})
layer("RandomBrightness", unit, factor=0.3, valueRange=[0, 1])
each("RandomContrast", {"factor": 0.8}, {"factor": [0.5, 0.9]})
layer("RandomContrast", unit, factor=[0.2, 1.0], valueRange=[0, 1])
each("RandomHue", {"factor": 0.5}, {"factor": [0.9, 1.0]})
layer("RandomHue", unit, factor=1.0, valueRange=[0, 1])
each("RandomSaturation", {"factor": [0.2, 0.9]}, {"factor": 0.5})
layer("RandomSaturation", unit, factor=[0.4, 0.7], valueRange=[0, 1])
each("RandomSharpness", {"factor": 0.9}, {"factor": [0.7, 1.0]})
each("RandomPosterization", {"factor": 4}, {"factor": [2, 6]}, {"factor": [3, 3]})
layer("RandomPosterization", unit, factor=[1, 4], valueRange=[0, 1])
each("RandomColorDegeneration", {"factor": 0.7}, {"factor": [0.3, 1.0]})
layer("RandomGrayscale", factor=0.5, key="should_apply")
each("RandomInvert", {"factor": [0.5, 0.5]}, {"factor": 1.0})
layer("RandomInvert", unit, factor=[0.6, 0.6], valueRange=[0, 1])
layer("AutoContrast")
flat = color.copy()
flat[1, ..., 2] = 17
layer("AutoContrast", flat, note="a channel of one value")
layer("AutoContrast", unit, valueRange=[0, 1])
layer("Equalization")
layer("Equalization", unit, valueRange=[0, 1])
layer("Equalization", np.float32(np.full((2, 3, 3, 3), 40)), note="one shade")
layer("Equalization", bins=16)
each("Solarization", {"additionFactor": 0.2, "thresholdFactor": 0.6}, {"additionFactor": [0.1, 0.4], "thresholdFactor": [0.4, 0.8]}, {})
layer("Solarization", unit, thresholdFactor=0.5, valueRange=[0, 1])
each("RandomGaussianBlur", {"factor": [0.5, 0.5], "kernelSize": [3, 5], "sigma": [0.4, 0.9]}, {})
each("RandomErasing", {"factor": [0.6, 0.6], "scale": [0.2, 0.5], "fillValue": 3}, {})
for fmt in ("xyxy", "yxyx", "xywh", "centerXywh", "relXyxy"):
    layer("RandomFlip", boxes=True, with_masks=True, mode="horizontal", boundingBoxFormat=fmt)
each("RandomFlip", {"mode": "vertical", "boundingBoxFormat": "xyxy"}, {"boundingBoxFormat": "relCenterXywh"}, boxes=True, with_masks=True)
layer("RandomRotation", boxes=True, with_masks=True, factor=0.2, boundingBoxFormat="xyxy")
for mode in ("constant", "nearest", "wrap"):
    layer("RandomRotation", factor=[-0.4, 0.4], fillMode=mode, interpolation="nearest" if mode == "wrap" else "bilinear", fillValue=5)
layer("RandomTranslation", boxes=True, with_masks=True, heightFactor=0.4, widthFactor=[0.1, 0.5], boundingBoxFormat="xyxy")
layer("RandomTranslation", boxes=True, heightFactor=[-0.5, -0.2], widthFactor=0.2, boundingBoxFormat="xywh", fillMode="constant")
layer("RandomZoom", boxes=True, with_masks=True, heightFactor=0.5, boundingBoxFormat="xyxy")
layer("RandomZoom", boxes=True, heightFactor=[-0.5, -0.2], widthFactor=[0.1, 0.6], boundingBoxFormat="xyxy", fillMode="constant")
layer("RandomShear", boxes=True, with_masks=True, xFactor=0.5, boundingBoxFormat="xyxy")
layer("RandomShear", boxes=True, xFactor=[0.1, 0.3], yFactor=[0.2, 0.6], boundingBoxFormat="xyxy", fillMode="nearest")
layer("RandomPerspective", boxes=True, with_masks=True, factor=[0.5, 0.5], scale=0.6, boundingBoxFormat="xyxy")
layer("RandomPerspective", boxes=True, scale=0.3, interpolation="nearest", fillValue=4, boundingBoxFormat="xyxy")
onehot = np.float32([[1, 0, 0], [0, 1, 0], [0, 0, 1]])
layer("MixUp", alpha=0.6, labels=onehot)
layer("CutMix", factor=0.9, labels=onehot, with_masks=True)
for mode in ("nearest", "bilinear", "bicubic"):
    layer("Resizing", height=4, width=9, interpolation=mode, with_masks=True, boxes=True, boundingBoxFormat="xyxy")
each("Resizing", {"cropToAspectRatio": True}, {"padToAspectRatio": True, "fillValue": 2}, {"antialias": True}, height=4, width=3, boxes=True, boundingBoxFormat="xyxy")
each("Resizing", {"cropToAspectRatio": True}, {"padToAspectRatio": True}, height=3, width=8, boxes=True, boundingBoxFormat="xywh")
# Drawn and left out: of bytes Keras's backends make different numbers (numpy 254, torch 255, where the float is 259.8).
random.randint(0, 256, (2, 4, 4, 3))


def center(images=color, **config):
    """CenterCrop wants the shape of the images where it moves boxes."""
    target = keras.layers.CenterCrop(**{snake(k): v for k, v in config.items()})
    row = {"layer": "CenterCrop", "config": config, "images": images, "output": np.asarray(target.transform_images(keras.ops.convert_to_tensor(images)))}
    row["boxes"], row["boxLabels"] = corners, classes
    found = target.transform_bounding_boxes({"boxes": keras.ops.convert_to_tensor(corners), "labels": keras.ops.convert_to_tensor(classes)}, {"input_shape": images.shape})
    row["boxOutput"], row["boxLabelOutput"] = np.asarray(found["boxes"]), np.asarray(found["labels"])
    layers.append(row)


for sides in ((3, 4), (5, 6), (8, 4), (7, 9)):
    center(height=sides[0], width=sides[1], boundingBoxFormat="xyxy")


def crop(images, **config):
    target = keras.layers.RandomCrop(**config)
    top, left = target.get_random_transformation(images)
    layers.append({"layer": "RandomCrop", "config": config, "images": images, "transformation": {"top": np.int32(top), "left": np.int32(left)},
                   "output": np.asarray(target.transform_images(keras.ops.convert_to_tensor(images), (top, left)))})


crop(color, height=3, width=4)
crop(color, height=2, width=2)
tiles = pictures(2, 9, 11, 2)
layer("ContrastLimitedAdaptiveHistogramEqualization", tiles, tileGridSize=[2, 3])
layer("ContrastLimitedAdaptiveHistogramEqualization", tiles, tileGridSize=[4, 4], clipLimit=1.0)
layer("ContrastLimitedAdaptiveHistogramEqualization", pictures(1, 8, 8, 1, low=0, high=1), tileGridSize=[2, 2], clipLimit=0.0, valueRange=[0, 1])
for limit in (1, 4):
    target = keras.layers.MaxNumBoundingBoxes(limit, bounding_box_format="xyxy")
    found = target.transform_bounding_boxes({"boxes": keras.ops.convert_to_tensor(corners), "labels": keras.ops.convert_to_tensor(classes)}, None)
    layers.append({"layer": "MaxNumBoundingBoxes", "config": {"maxNumber": limit, "boundingBoxFormat": "xyxy"}, "images": color, "output": color,
                   "boxes": corners, "boxLabels": classes, "boxOutput": np.asarray(found["boxes"]), "boxLabelOutput": np.asarray(found["labels"])})
import random as py_random

py_random.seed(3)
each("AugMix", {"factor": 0.4}, {"factor": 0.2, "allOps": False, "chainDepth": 2})

write("preprocessing-images.json", {}, "layers", layers)
