"""A fuzz target for the message core; runs by hand, until it is stopped or finds something.

    python tests/http/fuzz.py [SECONDS [SEED]]

The invariant: any bytes give messages or one `ParseError`, never another exception, never an event after the error, and
the same events whole, byte by byte and in random pieces.  Inputs are those of llhttp's tests, joined and spoilt.
"""

from __future__ import annotations

import json
import random
import sys
import time
from itertools import pairwise
from pathlib import Path

from core_log import INSECURE, STRICT, WITHOUT_HOST, Log, requests, responses

from netloop.http.settings import ParserSettings

CORPUS = [(case["type"].partition("-")[0], case["data"].encode("latin-1")) for case in json.loads(
    Path(__file__).with_name("llhttp-inputs.json").read_text(encoding="ascii"))["cases"]]
SPOILERS = [b"\r", b"\n", b"\r\n", b"\r\n\r\n", b" ", b"\t", b":", b";", b",", b"\x00", b"\x0b", b"\x7f", b"\x80", b"\xff",
            b"0", b"f", b"-", b"+", b"0x", b"_", b"HTTP/1.0", b"101", b"304", b"Host: a\r\n", b"Content-Length: 5\r\n",
            b"Transfer-Encoding: chunked\r\n", b"Connection: close\r\n", b"0\r\n\r\n",
            b"Connection: upgrade\r\nUpgrade: x\r\n"]
SETTINGS = [STRICT, WITHOUT_HOST, WITHOUT_HOST, INSECURE, ParserSettings(http_validation="relaxed"),
            ParserSettings(max_header_size=120, require_host_header=False)]


def spoilt(data: bytes, chance: random.Random) -> bytes:
    for _ in range(chance.choice((0, 1, 1, 2, 5))):
        at = chance.randrange(len(data) + 1)
        until = min(len(data), at + chance.choice((0, 0, 1, 1, 2, 8)))
        middle = chance.choice(SPOILERS) if chance.random() < 0.7 else data[until:until + chance.randrange(40)]
        data = data[:at] + middle + data[until:]
    return data


def pieces(data: bytes, chance: random.Random) -> list[bytes]:
    places = sorted({chance.randrange(len(data) + 1) for _ in range(chance.randrange(1, 9))} | {0, len(data)})
    return [data[start:end] for start, end in pairwise(places)]


def check(log: Log) -> None:
    errors = [line for line in log.events if line.startswith("error")]
    assert len(errors) <= 1, "two errors"
    assert not errors or log.events[-1] is errors[0], "an event after the error"
    assert log.error is None or 0 <= log.error.bytes_parsed <= len(log.error.raw_packet), "bytes_parsed beyond the packet"
    assert log.error is None or log.error.code != "HPE_INTERNAL" or "doubt" in log.error.reason, "a fault without a code"


def try_one(chance: random.Random) -> None:
    kind, data = chance.choice(CORPUS)
    data = b"".join([data, *(other for its, other in chance.sample(CORPUS, chance.choice((0, 0, 1, 2))) if its == kind)])
    data = spoilt(data, chance)
    settings, end = chance.choice(SETTINGS), chance.random() < 0.5
    method, upgrade = chance.choice(("GET", "GET", "HEAD", "CONNECT")), chance.random() < 0.5

    def read(given: list[bytes]) -> Log:
        if kind == "request":
            return requests(given, settings, end)
        return responses(given, method, upgrade, settings, end)

    try:
        whole = read([data])
        check(whole)
        for given in ([data[at:at + 1] for at in range(len(data))], pieces(data, chance)):
            log = read(given)
            check(log)
            assert log.events == whole.events, f"other events in pieces: {log.events} for {whole.events}"
    except Exception:
        print(f"{kind} {data!r}, {settings.insecure=}, {settings.max_header_size=}, {end=}, {method=}, {upgrade=}")
        raise


def main(seconds: float = float("inf"), seed: int | None = None) -> None:
    seed = random.randrange(2**32) if seed is None else seed
    print(f"seed {seed}")
    chance = random.Random(seed)
    until, tried = time.monotonic() + seconds, 0
    while time.monotonic() < until:
        try_one(chance)
        tried += 1
        if tried % 10000 == 0:
            print(f"{tried} inputs")
    print(f"{tried} inputs, nothing found")


if __name__ == "__main__":
    main(*map(float, sys.argv[1:2]), *map(int, sys.argv[2:3]))
