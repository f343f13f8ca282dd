"""How long `import netloop.net` takes, beside `import asyncio`: whole processes, less one that imports nothing."""

from __future__ import annotations

import statistics
import subprocess
import sys
import time


def milliseconds(code: str, runs: int = 15) -> float:
    taken = []
    for _ in range(runs):
        started = time.perf_counter()
        subprocess.run([sys.executable, "-c", code], check=True)
        taken.append(time.perf_counter() - started)
    return statistics.median(taken) * 1e3


if __name__ == "__main__":
    nothing = milliseconds("pass")
    for module in ("asyncio", "netloop", "netloop.events", "netloop.stream", "netloop.net"):
        print(f"{module:16} {milliseconds(f'import {module}') - nothing:6.1f} ms")
