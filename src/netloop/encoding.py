"""Text encodings by Node's names: utf8, utf16le, latin1, ascii, hex, base64, base64url.

Node counts hex and base64 among the encodings: `encode` takes text to bytes, the text "ff" in hex to one
byte, and `decode` takes bytes to text.  None of them fails on bad input, because it comes from the network:
what is no text becomes U+FFFD, hex ends before the first character that is no digit, base64 leaves such
characters out.

Source: https://nodejs.org/api/buffer.html#buffers-and-character-encodings
"""

from __future__ import annotations

import binascii
import codecs
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeAlias

from .errors import NetloopError, invalid_type, invalid_value

__all__ = ["normalise", "encode", "decode", "StreamDecoder"]

Data: TypeAlias = bytes | bytearray | memoryview

_CANONICAL = {
    "utf8": "utf8", "utf-8": "utf8",
    "utf16le": "utf16le", "utf-16le": "utf16le", "ucs2": "utf16le", "ucs-2": "utf16le",
    "latin1": "latin1", "binary": "latin1",
    "ascii": "ascii", "hex": "hex", "base64": "base64", "base64url": "base64url",
}
_HEX_DIGITS = "0123456789abcdefABCDEF"
_BASE64_DIGITS = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/-_"
_NOT_BASE64 = bytes(set(range(256)).difference(_BASE64_DIGITS))
_FROM_URL = bytes.maketrans(b"-_", b"+/")
_TO_URL = bytes.maketrans(b"+/", b"-_")
_SEVEN_BITS = bytes(number & 0x7F for number in range(256))


def normalise(name: str) -> str:
    """The canonical name of an encoding, whatever its case: "UTF-8" is "utf8", "binary" is "latin1".

    Raises:
        ArgumentValueError: there is no such encoding (ERR_UNKNOWN_ENCODING).
        ArgumentTypeError: the name is no str (ERR_UNKNOWN_ENCODING).
    """
    known = _CANONICAL.get(name) or _CANONICAL.get(name.lower()) if isinstance(name, str) else None
    if known is None:
        raise _unknown(name)
    return known


def encode(text: str, encoding: str = "utf8") -> bytes:
    """The bytes of a text; what the encoding cannot express is replaced, what is no digit left out.

    Raises:
        ArgumentValueError: there is no such encoding (ERR_UNKNOWN_ENCODING).
    """
    return _ENCODERS[normalise(encoding)](text)


def decode(data: Data, encoding: str = "utf8") -> str:
    """The text of some bytes; bytes that are none become U+FFFD.

    Raises:
        ArgumentValueError: there is no such encoding (ERR_UNKNOWN_ENCODING).
    """
    text, _ = _DECODERS[normalise(encoding)](data, True)
    return text


class StreamDecoder:
    """Decodes text that arrives in pieces: what a piece leaves unfinished waits for the next one.

    The pieces of text together are the same however the bytes were cut.  Source:
    https://nodejs.org/api/string_decoder.html
    """

    if TYPE_CHECKING:
        encoding: str

    def __init__(self, encoding: str = "utf8") -> None:
        self.encoding = normalise(encoding)
        self._decode = _DECODERS[self.encoding]
        self._held = b""

    def write(self, chunk: Data) -> str:
        """The text that is complete with this chunk."""
        data = self._held + chunk if self._held else chunk
        text, used = self._decode(data, False)
        self._held = b"" if used == len(data) else bytes(data[used:])
        return text

    def end(self, chunk: Data = b"") -> str:
        """What is left, with U+FFFD for a character that stays unfinished.  The decoder can be used again."""
        data = self._held + chunk
        self._held = b""
        text, _ = self._decode(data, True)
        return text


def _unknown(name: object) -> NetloopError:
    expected = "one of " + ", ".join(_ENCODERS)
    wrong: Callable[[str, str, object], NetloopError]
    wrong = invalid_value if isinstance(name, str) else invalid_type
    error = wrong("encoding", expected, name)
    error.code = "ERR_UNKNOWN_ENCODING"
    return error


# --- text to bytes ---------------------------------------------------------------------------------------

def _encode_utf8(text: str) -> bytes:
    try:
        return text.encode()
    except UnicodeEncodeError:  # half a surrogate pair; two halves make a whole
        return _encode_utf16le(text).decode("utf-16-le", "replace").encode()


def _encode_utf16le(text: str) -> bytes:
    return text.encode("utf-16-le", "surrogatepass")


def _encode_latin1(text: str) -> bytes:
    try:
        return text.encode("latin-1")
    except UnicodeEncodeError:  # as Node: the lower half of each UTF-16 unit
        return _encode_utf16le(text)[::2]


def _encode_hex(text: str) -> bytes:
    digits = len(text) - len(text.lstrip(_HEX_DIGITS))
    return binascii.unhexlify(text[:digits & ~1])


def _encode_base64(text: str) -> bytes:
    digits = text.encode("ascii", "ignore").partition(b"=")[0].translate(_FROM_URL, _NOT_BASE64)
    groups, rest = divmod(len(digits), 4)
    if rest == 1:  # one digit is six bits, too few for a byte
        digits = digits[:4 * groups]
    return binascii.a2b_base64(digits + b"==")  # the padding that is not needed is ignored


_ENCODERS: dict[str, Callable[[str], bytes]] = {
    "utf8": _encode_utf8, "utf16le": _encode_utf16le, "latin1": _encode_latin1, "ascii": _encode_latin1,
    "hex": _encode_hex, "base64": _encode_base64, "base64url": _encode_base64,
}


# --- bytes to text, and how many of the bytes it took -----------------------------------------------------

def _decode_utf8(data: Data, final: bool) -> tuple[str, int]:
    return codecs.utf_8_decode(data, "replace", final)


def _decode_utf16le(data: Data, final: bool) -> tuple[str, int]:
    # Half a unit at the very end is dropped, as Node does.
    return codecs.utf_16_le_decode(data[:len(data) & ~1] if final else data, "replace", final)


def _decode_latin1(data: Data, final: bool) -> tuple[str, int]:
    return codecs.latin_1_decode(data)


def _decode_ascii(data: Data, final: bool) -> tuple[str, int]:
    return codecs.latin_1_decode(bytes(data).translate(_SEVEN_BITS))


def _decode_hex(data: Data, final: bool) -> tuple[str, int]:
    return binascii.hexlify(data).decode(), len(data)


def _decode_base64(data: Data, final: bool) -> tuple[str, int]:
    # Three bytes are four digits; only the last group may be shorter, and is padded.
    used = len(data) if final else len(data) - len(data) % 3
    return binascii.b2a_base64(data[:used], newline=False).decode(), used


def _decode_base64url(data: Data, final: bool) -> tuple[str, int]:
    used = len(data) if final else len(data) - len(data) % 3
    digits = binascii.b2a_base64(data[:used], newline=False).translate(_TO_URL, b"=")
    return digits.decode(), used


_DECODERS: dict[str, Callable[[Data, bool], tuple[str, int]]] = {
    "utf8": _decode_utf8, "utf16le": _decode_utf16le, "latin1": _decode_latin1, "ascii": _decode_ascii,
    "hex": _decode_hex, "base64": _decode_base64, "base64url": _decode_base64url,
}
