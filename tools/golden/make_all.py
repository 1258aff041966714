"""Makes the golden files of PyTorch and Keras again, each script in a process of its own."""

import subprocess
import sys
from pathlib import Path

FOLDER = Path(__file__).resolve().parent
# By name: a script that stands here for another reason is not run by surprise.
SCRIPTS = ["ops", "layers", "layers_2", "recurrent", "losses", "metrics", "optimizers", "initializers", "programs"]

for script in SCRIPTS:
    subprocess.run([sys.executable, str(FOLDER / f"make_{script}.py")], check=True)
