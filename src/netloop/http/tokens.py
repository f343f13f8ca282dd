"""What may stand in a head: tokens, field values, request targets.

Nothing is sent that was not checked here, so no value that a program passes on can end its line and begin another
(response splitting).  Grammar: RFC 9110 sections 5.1, 5.5 and 5.6.2.
"""

from __future__ import annotations

import re

from .._engine.field_buffer import is_value
from ..errors import ArgumentTypeError, ArgumentValueError

__all__ = ["validate_header_name", "validate_header_value", "is_token", "is_value", "is_target"]

is_token = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+").fullmatch
is_target = re.compile(r"[\x21-\x7e]+").fullmatch


def validate_header_name(name: str, label: str = "Header name") -> None:
    """Raise ERR_INVALID_HTTP_TOKEN unless `name` is a token.  `label` is what the message calls it.

    Source: https://nodejs.org/api/http.html#httpvalidateheadernamename-label
    """
    if not isinstance(name, str):
        raise ArgumentTypeError(f"{label} must be a valid HTTP token; got {name!r}", "ERR_INVALID_HTTP_TOKEN")
    if not is_token(name):
        raise ArgumentValueError(f"{label} must be a valid HTTP token; got {_shown(name)}", "ERR_INVALID_HTTP_TOKEN")


def validate_header_value(name: str, value: object) -> None:
    """Raise unless `value` may be sent as the value of `name`, which the message mentions.

    ERR_HTTP_INVALID_HEADER_VALUE: it is no str, int or float.  ERR_INVALID_CHAR: a control character, or one beyond
    Latin-1.

    Source: https://nodejs.org/api/http.html#httpvalidateheadervaluename-value
    """
    if type(value) is str and is_value(value):
        return
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return
    if not isinstance(value, str):
        raise ArgumentTypeError(f"value of header {name!r} must be a str or a number; got {value!r}",
                                "ERR_HTTP_INVALID_HEADER_VALUE")
    if not is_value(str.__str__(value)):
        raise ArgumentValueError(f"invalid character in the value of header {name!r}: {_shown(value)}",
                                 "ERR_INVALID_CHAR")


def _shown(text: str) -> str:
    return repr(text if len(text) <= 80 else text[:77] + "...")
