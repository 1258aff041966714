"""onnx-attributes.json: which attributes operators have, in any version, as ONNX's and ONNX Runtime's schemas say."""

import json
from pathlib import Path

import onnx.defs
from onnxruntime.capi import onnxruntime_pybind11_state as runtime

FILE = Path(__file__).resolve().parents[2] / "packages" / "typegrad" / "golden" / "onnx-attributes.json"
DOMAINS = ("", "ai.onnx.ml", "com.microsoft")


def main():
    found = {domain: {} for domain in DOMAINS}
    for schema in [*onnx.defs.get_all_schemas_with_history(), *runtime.get_all_operator_schema()]:
        # ONNX Runtime registers its own under ONNX's domain, too.
        if schema.domain not in found:
            continue
        found[schema.domain].setdefault(schema.name, set()).update(schema.attributes)
    lines = [
        f" {json.dumps(domain)}: {{\n"
        + ",\n".join(f"  {json.dumps(name)}: {json.dumps(sorted(names))}" for name, names in sorted(operators.items()))
        + "\n }"
        for domain, operators in found.items()
    ]
    FILE.write_text("{\n" + ",\n".join(lines) + "\n}\n")


main()
