"""Answers cases: a line of JSON in, a line of JSON out that begins with a tab. KERAS_BACKEND says on what Keras runs."""
import importlib
import json
import os
import sys
import traceback

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

answers_to = os.fdopen(os.dup(1), "w")
os.dup2(2, 1)

for line in sys.stdin:
    request = json.loads(line)
    try:
        family = importlib.import_module(request["family"])
        answer = family.answer(request["spec"], request.get("other"))
        reply = {"kind": "answer", "answer": answer}
    except Exception as error:  # noqa: BLE001, whatever it is, the driver wants to know
        message = f"{type(error).__name__}: {error}"
        reply = {"kind": "error", "message": message[:2000], "stack": traceback.format_exc()[-3000:]}
    answers_to.write("\t" + json.dumps(reply) + "\n")
    answers_to.flush()
