"""The Date header field: RFC 9110 section 5.6.7.  Formatted once a second, not once a message."""

from __future__ import annotations

from time import gmtime

__all__ = ["date_line", "http_date"]

_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")

_second = -1
_line = ""


def http_date(second: int) -> str:
    """``Sun, 06 Nov 1994 08:49:37 GMT`` for a time in seconds since 1970, whatever the locale."""
    year, month, day, hour, minute, seconds, weekday, _, _ = gmtime(second)
    return f"{_DAYS[weekday]}, {day:02} {_MONTHS[month - 1]} {year:04} {hour:02}:{minute:02}:{seconds:02} GMT"


def date_line(now: float) -> str:
    """The field with its line end, for a time in seconds since 1970, as ``time.time()`` gives it."""
    global _second, _line
    second = int(now)
    if second != _second:
        _line = f"Date: {http_date(second)}\r\n"
        _second = second
    return _line
