"""
Answers requests line by line: {"run": CASE} gives {"ms": ...}, {"run": CASE, "write": FILE} also writes the result as raw float32.
With "--once CASE" as the last arguments, a case runs once instead, for its peak memory.
"""
import json
import sys
import time

import torch


def serve(cases):
    """Runs until the input ends. The first line out says that the process is ready; models are loaded by the first case that needs them."""
    if sys.argv[-2] == "--once":
        cases[sys.argv[-1]]()
        return
    print(json.dumps({"threads": torch.get_num_threads()}), flush=True)
    for line in sys.stdin:
        request = json.loads(line)
        start = time.perf_counter()
        result = cases[request["run"]]()
        milliseconds = (time.perf_counter() - start) * 1000
        if "write" in request:
            result.detach().contiguous().numpy().tofile(request["write"])
        print(json.dumps({"ms": milliseconds}), flush=True)
