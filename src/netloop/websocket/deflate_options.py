"""What both ends agree on for permessage-deflate (RFC 7692 section 7.1): the client offers, the server chooses and answers.

    offer           permessage-deflate; client_max_window_bits
    answer          permessage-deflate; client_max_window_bits=12
    parameters      DeflateParameters(client_max_window_bits=12, ...)

A server declines an offer that is wrong or that it cannot meet, and looks at the next; with none left, the connection
goes without compression.  A client that gets an answer that is wrong, or that it did not ask for, fails.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable
from typing import NamedTuple

from ..errors import invalid_type, out_of_range
from .errors import HandshakeError
from .extensions import Extension

__all__ = ["DeflateOptions", "DeflateParameters", "offer", "choose_offer", "check_answer", "NAME"]

NAME = "permessage-deflate"
_FLAGS = ("server_no_context_takeover", "client_no_context_takeover")
_BITS = ("server_max_window_bits", "client_max_window_bits")
_LARGEST_WINDOW = 15


class DeflateParameters(NamedTuple):
    """What was agreed on."""

    server_no_context_takeover: bool = False
    client_no_context_takeover: bool = False
    server_max_window_bits: int = _LARGEST_WINDOW
    client_max_window_bits: int = _LARGEST_WINDOW


class DeflateOptions:
    """What one end wants, or accepts.

    Args:
        server_no_context_takeover, client_no_context_takeover: True asks for it; False refuses a peer that asks for it;
            None leaves it to the peer.
        server_max_window_bits, client_max_window_bits: 8 to 15 asks for it; None leaves it to the peer; False refuses
            a peer that asks for it.
        threshold: bytes; smaller messages are not compressed, unless the context is taken over.
        concurrency_limit: how many large messages may be compressed or inflated at once, in threads; connections with
            the same limit share it.
        level, mem_level, strategy: zlib's.

    Raises:
        ArgumentTypeError, ArgumentValueError: a value cannot be used.

    Source: https://github.com/websockets/ws (perMessageDeflate)
    """

    __slots__ = ("server_no_context_takeover", "client_no_context_takeover", "server_max_window_bits",
                 "client_max_window_bits", "threshold", "concurrency_limit", "level", "mem_level", "strategy")

    def __init__(self, *, server_no_context_takeover: bool | None = None, client_no_context_takeover: bool | None = None,
                 server_max_window_bits: int | None = None, client_max_window_bits: int | None = None,
                 threshold: int = 1024, concurrency_limit: int = 10, level: int = zlib.Z_DEFAULT_COMPRESSION,
                 mem_level: int = zlib.DEF_MEM_LEVEL, strategy: int = zlib.Z_DEFAULT_STRATEGY) -> None:
        self.server_no_context_takeover = server_no_context_takeover
        self.client_no_context_takeover = client_no_context_takeover
        self.server_max_window_bits = _check_bits("server_max_window_bits", server_max_window_bits)
        self.client_max_window_bits = _check_bits("client_max_window_bits", client_max_window_bits)
        self.threshold = _check_int("threshold", threshold, 0)
        self.concurrency_limit = _check_int("concurrency_limit", concurrency_limit, 1)
        self.level = _check_int("level", level, -1, 9)
        self.mem_level = _check_int("mem_level", mem_level, 1, 9)
        self.strategy = _check_int("strategy", strategy, 0, 4)
        if server_max_window_bits is True:      # it says nothing: only the client's may be offered without a number
            raise out_of_range("server_max_window_bits", "8 to 15, False or None", True)


def offer(options: DeflateOptions) -> Extension:
    """What a client offers.  Unless told otherwise, it says that it can keep to a smaller window, if the server asks."""
    parameters: list[tuple[str, str | None]] = [(name, None) for name in _FLAGS if getattr(options, name)]
    if options.server_max_window_bits:
        parameters.append(("server_max_window_bits", str(options.server_max_window_bits)))
    if options.client_max_window_bits is None or options.client_max_window_bits is True:
        parameters.append(("client_max_window_bits", None))
    elif options.client_max_window_bits:
        parameters.append(("client_max_window_bits", str(options.client_max_window_bits)))
    return Extension(NAME, tuple(parameters))


# --- the server -------------------------------------------------------------------------------------------------------

def choose_offer(options: DeflateOptions, offers: Iterable[Extension]) -> tuple[DeflateParameters, Extension] | None:
    """The first offer that can be met, as parameters and as the answer; None if there is none."""
    for each in offers:
        if each.name != NAME:
            continue
        try:
            asked = _read(each, is_answer=False)
        except HandshakeError:
            continue                # RFC 7692 section 7.1: a server declines what is wrong
        parameters = _meet(options, asked)
        if parameters is not None:
            return parameters, _answer(parameters, asked)
    return None


def _meet(options: DeflateOptions, asked: dict[str, int | None]) -> DeflateParameters | None:
    """The parameters for an offer, or None when this server's options forbid what it asks for."""
    if any(name in asked and getattr(options, name) is False for name in ("server_no_context_takeover", _BITS[0])):
        return None
    if _window(options.client_max_window_bits) < _LARGEST_WINDOW and "client_max_window_bits" not in asked:
        return None                 # RFC 7692 section 7.1.2.2: a server may ask for it only where it was offered
    own_bits, client_bits = (min(_window(asked.get(name)), _window(getattr(options, name))) for name in _BITS)
    return DeflateParameters(
        "server_no_context_takeover" in asked or options.server_no_context_takeover is True,
        options.client_no_context_takeover is True
        or ("client_no_context_takeover" in asked and options.client_no_context_takeover is not False),
        own_bits, client_bits)


def _answer(parameters: DeflateParameters, asked: dict[str, int | None]) -> Extension:
    found: list[tuple[str, str | None]] = [(name, None) for name in _FLAGS if getattr(parameters, name)]
    if parameters.server_max_window_bits < _LARGEST_WINDOW or asked.get("server_max_window_bits") is not None:
        found.append(("server_max_window_bits", str(parameters.server_max_window_bits)))
    if parameters.client_max_window_bits < _LARGEST_WINDOW:
        found.append(("client_max_window_bits", str(parameters.client_max_window_bits)))
    return Extension(NAME, tuple(found))


# --- the client -------------------------------------------------------------------------------------------------------

def check_answer(options: DeflateOptions, answer: Extension) -> DeflateParameters:
    """The parameters in a server's answer.

    Raises:
        HandshakeError: it is wrong, or not what was offered.
    """
    given = _read(answer, is_answer=True)
    asked = dict(offer(options).parameters)
    server_bits, bits = given.get("server_max_window_bits"), given.get("client_max_window_bits")
    if "client_no_context_takeover" in given and options.client_no_context_takeover is False:
        raise HandshakeError("the server's answer asks for client_no_context_takeover, which is refused here")
    if "server_no_context_takeover" in asked and "server_no_context_takeover" not in given:
        raise HandshakeError("the server's answer lacks server_no_context_takeover")
    limit = asked.get("server_max_window_bits")
    if limit is not None and (server_bits is None or server_bits > int(limit)):
        raise HandshakeError(f"the server's answer does not keep to server_max_window_bits={limit}")
    if server_bits is not None and options.server_max_window_bits is False:
        raise HandshakeError("the server's answer has server_max_window_bits, which is refused here")
    if bits is not None and "client_max_window_bits" not in asked:
        raise HandshakeError("the server's answer has client_max_window_bits, which was not offered")
    return DeflateParameters(
        "server_no_context_takeover" in given,
        "client_no_context_takeover" in given or options.client_no_context_takeover is True,
        _window(server_bits), min(_window(bits), _window(options.client_max_window_bits)))


# --- both -------------------------------------------------------------------------------------------------------------

def _read(extension: Extension, is_answer: bool) -> dict[str, int | None]:
    """The parameters of an offer or an answer, or a HandshakeError: each may come once, with the value it must have."""
    found: dict[str, int | None] = {}
    for name, value in extension.parameters:
        if name in found:
            raise HandshakeError(f"{NAME} has the parameter {name} twice")
        if name in _FLAGS and value is None:
            found[name] = None
        elif name == "client_max_window_bits" and value is None and not is_answer:
            found[name] = None      # "I can keep to whatever you say"
        elif name in _BITS and value in _WINDOWS:
            found[name] = int(value)
        else:
            raise HandshakeError(f"{NAME} has an unknown parameter: {name}" + (f"={value}" if value else ""))
    return found


_WINDOWS = {str(bits): bits for bits in range(8, _LARGEST_WINDOW + 1)}      # "08" is none of them


def _window(bits: int | bool | None) -> int:
    """The bits of a window; the largest, if that is left open."""
    return _LARGEST_WINDOW if bits is None or isinstance(bits, bool) else bits


def _check_bits(name: str, bits: int | None) -> int | None:
    return bits if bits is None or isinstance(bits, bool) else _check_int(name, bits, 8, _LARGEST_WINDOW)


def _check_int(name: str, value: int, least: int, most: int | None = None) -> int:
    checked: object = value
    if not isinstance(checked, int) or isinstance(checked, bool):
        raise invalid_type(name, "an int", value)
    if value < least or (most is not None and value > most):
        raise out_of_range(name, f">= {least}" if most is None else f"{least} to {most}", value)
    return value
