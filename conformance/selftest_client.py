"""A client that says yes to everything: the runner must fail it, and every hostile case must."""

import json
import sys

for line in sys.stdin:
    request = json.loads(line)
    answer = {"id": request["id"], "ok": True, "verdict": "VERIFIED", "exit": 0, "failed": [], "not_checked": []}
    print(json.dumps(answer), flush=True)
