"""Small pictures of every format, what Pillow reads from them, and what TensorFlow makes of their size as Keras loads them.

Writes packages/data/golden/pictures/ (the files, and pictures.json). Run by itself: Pillow, Keras on TensorFlow.
"""

import base64
import json
import os
import pathlib
import zlib

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ["KERAS_BACKEND"] = "tensorflow"

import keras
import numpy as np
import PIL
import tensorflow as tf
from keras.src.utils.image_dataset_utils import _load_image_tf
from PIL import Image, ImageOps

folder = pathlib.Path(__file__).parents[2] / "packages/data/golden/pictures"


def packed(array):
    return base64.b64encode(zlib.compress(np.ascontiguousarray(array).tobytes(), 9)).decode()


def draw(height, width, channels):
    random = np.random.RandomState(height * width + channels)
    y, x = np.mgrid[0:height, 0:width]
    waves = [128 + 100 * np.sin(x / (3 + c) + y / (7 - c)) + random.normal(0, 9, (height, width)) for c in range(channels)]
    return np.clip(np.stack(waves, -1), 0, 255).astype("uint8")


def main():
    folder.mkdir(parents=True, exist_ok=True)
    rgb, rgba, grey = draw(29, 41, 3), draw(17, 23, 4), draw(19, 13, 1)[..., 0]
    picture, clear, plain = Image.fromarray(rgb), Image.fromarray(rgba), Image.fromarray(grey)
    turned = Image.Exif()
    turned[0x0112] = 6
    picture.save(folder / "rgb.jpg", quality=92)
    picture.save(folder / "dense.jpeg", quality=92, subsampling=0, progressive=True)
    plain.save(folder / "grey.jpg", quality=92)
    picture.save(folder / "turned.jpg", quality=92, exif=turned)
    picture.convert("CMYK").save(folder / "cmyk.jpg", quality=92)
    picture.save(folder / "rgb.png")
    clear.save(folder / "rgba.png")
    plain.save(folder / "grey.png")
    Image.merge("LA", (plain, plain.rotate(180))).save(folder / "grey-and-opacity.png")
    picture.quantize(16).save(folder / "palette.png")
    Image.fromarray(grey > 100).save(folder / "bits.png")
    picture.save(folder / "lossless.webp", lossless=True)
    clear.save(folder / "lossy.webp", quality=80)
    picture.quantize(32).save(folder / "palette.gif")
    picture.quantize(32).save(
        folder / "moving.gif", save_all=True, append_images=[ImageOps.flip(picture).quantize(32)]
    )
    picture.save(folder / "rgb.tiff")
    picture.save(folder / "packed.tif", compression="tiff_lzw")
    picture.save(folder / "rgb.bmp")
    picture.quantize(16).save(folder / "palette.bmp")
    plain.save(folder / "grey.bmp")

    read = []
    for path in sorted(folder.glob("*.*")):
        if path.suffix == ".json":
            continue
        image = Image.open(path)
        image.seek(0)
        modes = {}
        for name, mode in (("grayscale", "L"), ("rgb", "RGB"), ("rgba", "RGBA")):
            modes[name] = packed(np.array(ImageOps.exif_transpose(image.convert(mode))))
        shape = ImageOps.exif_transpose(image).size[::-1]
        read.append({"file": path.name, "size": shape, "pixels": modes})

    resized = []
    methods = ("bilinear", "nearest", "bicubic", "area", "lanczos3", "lanczos5", "gaussian", "mitchellcubic")
    fits = {"stretch": {}, "crop": {"crop_to_aspect_ratio": True}, "pad": {"pad_to_aspect_ratio": True}}
    cases = [("rgb.png", 3, method, size, "stretch") for method in methods for size in ((11, 13), (40, 31))]
    cases += [("rgb.png", 3, "bilinear", size, fit) for size in ((12, 12), (30, 8), (7, 50)) for fit in ("crop", "pad")]
    cases += [("rgba.png", 4, "bilinear", (10, 15), "stretch"), ("grey.png", 1, "bicubic", (21, 8), "crop")]
    for file, channels, method, size, fit in cases:
        image = _load_image_tf(str(folder / file), size, channels, method, "channels_last", **fits[fit]).numpy()
        resized.append(
            {"file": file, "channels": channels, "interpolation": method, "size": size, "fit": fit}
            | {"dtype": image.dtype.name, "values": packed(image.astype("float32"))}
        )
    made = {"pillow": PIL.__version__, "keras": keras.__version__, "tensorflow": tf.__version__}
    lines = lambda items: "[\n" + ",\n".join(json.dumps(item) for item in items) + "\n]"
    (folder / "pictures.json").write_text(
        f'{{"madeBy": {json.dumps(made)},\n"read": {lines(read)},\n"resized": {lines(resized)}}}\n'
    )


main()
