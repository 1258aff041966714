"""hashes.json: FarmHash's fingerprints and SipHash's buckets of texts of every length up to 200, as TensorFlow has them.

Needs tensorflow-cpu 2.21.0, which requirements.txt does not name. A text of length n has the characters (7 i + n²) mod 90 + 33.
"""

import json
import os

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"

import numpy as np
import tensorflow as tf

from golden_json import FOLDER

LENGTHS = range(201)
KEYS = [(1337, 1337), (-5, 2**53 - 1)]
BUCKETS = [7, 2**31 + 11, 2**37 - 25, 2**53 - 111]

texts = ["".join(chr(33 + (7 * i + n * n) % 90) for i in range(n)) for n in LENGTHS]
texts += ["é", "日本語", "🙂🙂🙂🙂🙂", "ß" * 40]
given = tf.constant([text.encode() for text in texts])
prints = tf.fingerprint(given, "farmhash64").numpy()
strong = lambda buckets, key: tf.raw_ops.StringToHashBucketStrong(input=given, num_buckets=buckets, key=list(key)).numpy()
made = {
    "others": texts[len(LENGTHS):],
    "fingerprints": [int.from_bytes(bytes(row), "little").to_bytes(8, "big").hex() for row in prints],
    "fast": [
        {"buckets": buckets, "found": tf.raw_ops.StringToHashBucketFast(input=given, num_buckets=buckets).numpy().tolist()}
        for buckets in BUCKETS
    ],
    "strong": [
        {"key": list(key), "buckets": buckets, "found": strong(buckets, key).tolist()}
        for key, buckets in zip(KEYS, BUCKETS[2:])
    ],
}
with open(os.path.join(FOLDER, "hashes.json"), "w") as file:
    file.write(json.dumps(made, ensure_ascii=False, separators=(",", ":")) + "\n")
