"""What a parser is told once and for all its connections: limits, and how strict it is.

The limits are Node's.  "strict" is the default.  "relaxed" lets control characters pass in the values of fields, as
browsers do.  "insecure" lets pass what llhttp can be told to let pass, for peers that cannot be mended, and drops our
own checks with it.  Whoever reads such messages and forwards them may forward two where he saw one.
"""

from __future__ import annotations

from ..errors import invalid_type, invalid_value, out_of_range

__all__ = ["ParserSettings", "MAX_HEADER_SIZE", "MAX_HEADERS_COUNT", "LENIENCIES", "RELAXED"]

MAX_HEADER_SIZE = 16384         # bytes, start line and line ends included; as Node's --max-http-header-size
MAX_HEADERS_COUNT = 2000        # header fields; as Node's server.maxHeadersCount

# Everything that httptools offers, but a CR alone as the end of a line, and a chunk that ends without any: with those
# it cannot be said any more where a message ends.
LENIENCIES = {f"lenient_{name}": True for name in (
    "headers", "chunked_length", "keep_alive", "transfer_encoding", "version", "data_after_close",
    "optional_cr_before_lf", "spaces_after_chunk_size")}
# llhttp has a leniency for just this, which httptools does not offer.  This one lets more pass; `rules` refuses that.
RELAXED = {"lenient_headers": True}


class ParserSettings:
    """The limits and the strictness of parsers; one object serves any number of them.

    ``max_header_size``: bytes of a head, from the first of the start line to the end of the empty line, and of the
    trailers (default 16384; None or 0: the default).  ``max_headers_count``: fields of a head or trailers; more are
    dropped (default 2000; 0: no limit but the size).  ``http_validation``: ``"strict"`` (default), ``"relaxed"`` or
    ``"insecure"``; ``insecure_http_parser=True`` says the last in Node's older words.  ``require_host_header``: whether
    an HTTP/1.1 request without Host is an error (default True).

    What is sent is checked strictly in any case.

    Source: https://nodejs.org/api/http.html#httpcreateserveroptions-requestlistener
    """

    def __init__(self, *, max_header_size: int | None = None, max_headers_count: int | None = None,
                 http_validation: str | None = None, insecure_http_parser: bool | None = None,
                 require_host_header: bool = True) -> None:
        self.max_header_size = _count("max_header_size", max_header_size) or MAX_HEADER_SIZE
        count = MAX_HEADERS_COUNT if max_headers_count is None else _count("max_headers_count", max_headers_count)
        self.max_headers_count = count
        self.max_fields = 2 * (count or self.max_header_size)       # names and values; a field takes more than a byte
        self.validation = _validation(http_validation, insecure_http_parser)
        self.insecure = self.validation == "insecure"
        self.relaxed = self.validation == "relaxed"
        self.require_host_header = require_host_header

    def with_max_headers_count(self, count: int | None) -> ParserSettings:
        """The same with another count of fields."""
        return ParserSettings(max_header_size=self.max_header_size, max_headers_count=count,
                              http_validation=self.validation, require_host_header=self.require_host_header)


def _count(name: str, value: int | None) -> int:
    if value is None:
        return 0
    if not isinstance(value, int) or isinstance(value, bool):
        raise invalid_type(name, "an int", value)
    if not 0 <= value <= 2**31 - 1:
        raise out_of_range(name, "from 0 to 2147483647", value)
    return value


def _validation(validation: str | None, insecure: bool | None) -> str:
    if insecure is not None and not isinstance(insecure, bool):
        raise invalid_type("insecure_http_parser", "a bool", insecure)
    if validation is None:
        return "insecure" if insecure else "strict"
    if validation not in ("strict", "relaxed", "insecure"):
        raise invalid_value("http_validation", "'strict', 'relaxed' or 'insecure'", validation)
    if insecure is not None and insecure != (validation == "insecure"):
        raise invalid_value("insecure_http_parser", f"left out beside http_validation={validation!r}", insecure)
    return validation
