"""Causal attention of queries that begin at some key: query-offsets.json, by torch's own attention."""

import numpy as np
import torch
from golden_json import write_cases

random = np.random.RandomState(21)
cases = []
for queries, keys, offset in [(3, 5, 0), (3, 5, 2), (1, 4, 3), (4, 4, 1), (4, 3, -1), (2, 6, 1)]:
    q, k, v = (random.randn(2, n, 4).astype("float32") for n in (queries, keys, keys))
    sees = torch.ones(queries, keys).tril(offset).bool()
    given = [torch.tensor(t, requires_grad=True) for t in (q, v, k)]
    # With a scale of 1, as layers.attention has it.
    output = torch.nn.functional.scaled_dot_product_attention(given[0], given[2], given[1], attn_mask=sees, scale=1.0)
    # A query that sees no key has the mean of all values here and in Keras, NaN or 0 in torch: left out.
    rows = sees.any(-1)
    output[:, rows].sum().backward()
    cases.append(
        {
            "queryOffset": offset,
            "inputs": [t for t in (q, v, k)],
            "rows": rows.int().tolist(),
            "output": torch.nan_to_num(output).detach().numpy(),
        }
    )
write_cases("query-offsets.json", cases)
