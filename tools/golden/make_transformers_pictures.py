"""Golden values of Hugging Face's image processors (with Pillow): packages/transformers/golden/pictures.json."""

import json

import numpy as np
from PIL import Image
from transformers import BitImageProcessorPil, CLIPImageProcessorPil, ViTImageProcessorPil

from transformers_golden import FOLDER, numbers, rounded


def picture(name: str, width: int, height: int, channels: int) -> dict:
    return {"name": name, "width": width, "height": height, "channels": channels}


def bytes_of(of: dict) -> np.ndarray:
    count = of["width"] * of["height"] * of["channels"]
    values = np.floor((numbers(of["name"], count).astype(np.float64) + 1) * 128).clip(0, 255).astype(np.uint8)
    return values.reshape(of["height"], of["width"], of["channels"])


def image_of(of: dict) -> Image.Image:
    values = bytes_of(of)
    return Image.fromarray(values[:, :, 0] if of["channels"] == 1 else values)


wide, tall, small = picture("wide", 37, 22, 3), picture("tall", 19, 40, 3), picture("small", 7, 5, 3)
square = {"height": 12, "width": 9}
cases = [
    (ViTImageProcessorPil, {"size": square}, [wide, tall, small]),
    *[(ViTImageProcessorPil, {"size": square, "resample": n}, [wide, small]) for n in (0, 1, 3, 4, 5)],
    (ViTImageProcessorPil, {"size": {"height": 22, "width": 12}, "do_normalize": False}, [wide]),
    (ViTImageProcessorPil, {"do_resize": False, "do_rescale": False, "image_mean": [90, 110, 130], "image_std": [50, 60, 70]}, [small]),
    (CLIPImageProcessorPil, {"size": {"shortest_edge": 14}, "crop_size": {"height": 11, "width": 12}}, [wide, tall, small]),
    # What is cut out is larger than the picture.
    (CLIPImageProcessorPil, {"size": {"shortest_edge": 9}, "crop_size": {"height": 13, "width": 12}}, [tall, wide]),
    (CLIPImageProcessorPil, {"size": 10, "crop_size": 10}, [picture("clear", 23, 17, 4), picture("grey", 23, 17, 1), picture("faint", 23, 17, 2)]),
    (BitImageProcessorPil, {"size": {"shortest_edge": 16}, "crop_size": {"height": 12, "width": 12}, "image_mean": [0.485, 0.456, 0.406], "image_std": [0.229, 0.224, 0.225]}, [wide, tall]),
]
results = []
for kind, options, pictures in cases:
    processor = kind(**options)
    # One by one: without a crop sizes differ.
    values = [processor(images=image_of(p), return_tensors="np")["pixel_values"][0] for p in pictures]
    results.append({
        "config": {"image_processor_type": kind.__name__.removesuffix("Pil"), **options},
        "pictures": pictures,
        "outputs": [{"shape": list(v.shape), "values": rounded(v)} for v in values],
    })
path = FOLDER / "pictures.json"
path.write_text(json.dumps(results) + "\n")
print(f"pictures: {path.stat().st_size / 1000:.0f} kB")
