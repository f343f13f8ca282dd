"""The Date header field: RFC 9110 section 5.6.7.  Formatted once a second, not once a message."""

from __future__ import annotations

from time import gmtime, time_ns

__all__ = ["date_line", "http_date"]

_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")

_SECOND = 10**9
_line = ""
_stale_at = -1              # when the next second begins, in the time of loops


def http_date(second: int) -> str:
    """``Sun, 06 Nov 1994 08:49:37 GMT`` for a time in seconds since 1970, whatever the locale."""
    year, month, day, hour, minute, seconds, weekday, _, _ = gmtime(second)
    return f"{_DAYS[weekday]}, {day:02} {_MONTHS[month - 1]} {year:04} {hour:02}:{minute:02}:{seconds:02} GMT"


def date_line(now: int) -> str:
    """The field with its line end.  `now`: the loop's clock, in nanoseconds, as of this turn."""
    global _line, _stale_at
    if now >= _stale_at:
        wall = time_ns()
        _line = f"Date: {http_date(wall // _SECOND)}\r\n"
        _stale_at = now + _SECOND - wall % _SECOND
    return _line
