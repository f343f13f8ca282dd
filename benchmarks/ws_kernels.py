"""The byte kernels of WebSocket on messages of 1 MiB, in GB/s: masking, and UTF-8 validation, beside what Python has.

    python benchmarks/ws_kernels.py
"""

from __future__ import annotations

import time
from collections.abc import Callable

from netloop._engine.masking import mask, unmasked_text
from netloop._engine.utf8 import validate

SIZE = 1 << 20
ASCII = b"The quick brown fox jumps over the lazy dog. " * (SIZE // 45)
MIXED = "Zwölf Boxkämpfer jagen Viktor quer über den großen Sylter Deich 東京 ".encode() * (SIZE // 78)
KEY = 0x12345678


def gigabytes_per_second(work: Callable[[], object], size: int) -> float:
    """The best of many rounds: what else runs on the machine only makes it slower."""
    best = float("inf")
    for _ in range(300):
        began = time.perf_counter()
        work()
        best = min(best, time.perf_counter() - began)
    return size / best / 1e9


def main() -> None:
    masked = mask(ASCII, 0, len(ASCII), KEY)
    area = bytearray(ASCII)
    rows: dict[str, tuple[Callable[[], object], int]] = {
        "a copy: bytes(bytearray)": (lambda: bytes(area), len(ASCII)),
        "mask": (lambda: mask(ASCII, 0, len(ASCII), KEY), len(ASCII)),
        "unmask a text of ASCII into a str": (lambda: unmasked_text(masked, 0, len(masked), KEY), len(masked)),
        "validate ASCII": (lambda: validate(0, ASCII, 0, len(ASCII)), len(ASCII)),
        "validate German with some Japanese": (lambda: validate(0, MIXED, 0, len(MIXED)), len(MIXED)),
        "decode the same, bytes.decode": (MIXED.decode, len(MIXED)),
    }
    print("| 1 MiB | GB/s |\n| --- | ---: |")
    for name, (work, size) in rows.items():
        print(f"| {name} | {gigabytes_per_second(work, size):.1f} |")


if __name__ == "__main__":
    main()
