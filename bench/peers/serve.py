"""
Answers requests line by line: {"run": CASE} gives {"ms": ...}, {"run": CASE, "write": FILE} also writes the result as raw float32.
With "--once CASE" as the last arguments, a case runs once instead, for its peak memory.
"""
import json
import os
import sys
import time

import torch

# Where models compute: "cuda" for the rows of graphics cards.
DEVICE = torch.device(os.environ.get("WHYLIGHT_BENCH_DEVICE", "cpu"))
# In float32, as WebGPU computes; by default a convolution on CUDA would keep ten bits of it.
torch.backends.cudnn.allow_tf32 = False


def serve(cases):
    """Runs until the input ends. The first line out says that the process is ready; models are loaded by the first case that needs them."""
    if sys.argv[-2] == "--once":
        cases[sys.argv[-1]]()
        return
    print(json.dumps({"threads": torch.get_num_threads()}), flush=True)
    for line in sys.stdin:
        request = json.loads(line)
        start = time.perf_counter()
        # A card is done when its result has come back.
        result = cases[request["run"]]().detach().cpu()
        milliseconds = (time.perf_counter() - start) * 1000
        if "write" in request:
            result.contiguous().numpy().tofile(request["write"])
        print(json.dumps({"ms": milliseconds}), flush=True)
