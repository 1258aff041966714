"""Makes the golden files of PyTorch, Keras and scikit-learn again, each script in a process of its own."""

import subprocess
import sys
from pathlib import Path

FOLDER = Path(__file__).resolve().parent
# By name: a script that stands here for another reason is not run by surprise.
SCRIPTS = [
    "catalogue",
    "ops",
    "slicing",
    "dynamic_slices",
    "numerics",
    "layers",
    "spatial_and_attention_layers",
    "masks",
    "masked_scores",
    "masked_states",
    "recurrent",
    "losses",
    "focal_and_overlap_losses",
    "smoothed_labels",
    "metrics",
    "counting_and_correlation_metrics",
    "optimizers",
    "adaptive_optimizers",
    "initializers",
    "splits",
    "programs",
    "tensorboard",
    "saved",
    "patches_and_paths",
    "weight_orders",
    "graphs",
    "query_offsets",
    "attention",
    "loss_scale",
    "own_class",
    "dictionaries",
    "operations",
    "preprocessing_images",
    "preprocessing_sound",
]

for script in SCRIPTS:
    subprocess.run([sys.executable, str(FOLDER / f"make_{script}.py")], check=True)
