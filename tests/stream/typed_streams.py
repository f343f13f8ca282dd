"""How streams look to a type checker.  Read by mypy only: see test_typing.py."""

from __future__ import annotations

from typing import Any, reveal_type

from netloop.stream import AnyWritable, Duplex, PassThrough, Readable, Transform, Writable, duplex_pair


def take(chunk: bytes) -> None: ...


readable = Readable(read=lambda stream, size: stream.push(None))
reveal_type(readable.on("data", take))  # Readable
reveal_type(readable.once("end", lambda: None))  # Readable
reveal_type(readable.pause())  # Readable
reveal_type(readable.readable_flowing)  # bool | None
reveal_type(PassThrough().on("drain", lambda: None))  # PassThrough
reveal_type(Duplex().end(b"last"))  # Duplex
reveal_type(duplex_pair(high_water_mark=4))  # tuple[Duplex, Duplex]


def copy(destination: AnyWritable) -> None:
    destination.write(b"a", lambda error: None)


copy(Writable())
copy(Transform(transform=lambda stream, chunk, encoding, callback: callback(None, chunk), high_water_mark=4))
copy(readable)  # error
Readable(high_water_marks=4)  # error
Transform(high_water_marks=4)  # error


@readable.on("data")
def keep(chunk: bytes) -> int:
    return len(chunk)


reveal_type(keep)  # def (chunk: bytes) -> int


@readable.on("data")  # error
def two_arguments(chunk: bytes, more: int) -> None: ...


@Writable().on("pipe")
def piped(source: Readable) -> None: ...


async def use(stream: Duplex) -> Any:
    async with stream as same:
        reveal_type(same)  # Duplex
        await same.drain()

Writable().write(b"a", lambda: None)
Writable().write(b"a", "utf8", lambda error: None)
Duplex().end(lambda: None)
Duplex().end(b"a", lambda: None)
Writable().write(b"a", lambda one, two: None)  # error
