"""Runs a command and tells, as one line of JSON, how long its process lived and the most memory it held. Its output goes to standard error."""
import json
import os
import sys
import time


def main():
    start = time.perf_counter()
    pid = os.posix_spawnp(sys.argv[1], sys.argv[1:], os.environ, file_actions=[(os.POSIX_SPAWN_DUP2, 2, 1)])
    _, status, usage = os.wait4(pid, 0)
    milliseconds = (time.perf_counter() - start) * 1000
    # Linux counts in kilobytes, macOS in bytes.
    peak = usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024)
    print(json.dumps({"code": os.waitstatus_to_exitcode(status), "ms": milliseconds, "peak": peak}))


main()
