"""Calls that may fail in one way."""

from __future__ import annotations

import pytest

from netloop._engine.attempt import succeeds


def test_a_call_that_returns_succeeds():
    given = []
    assert succeeds(given.append, "argument", KeyError) is True
    assert given == ["argument"]


@pytest.mark.parametrize("failure", [KeyError, LookupError])
def test_the_failure_is_noticed_and_gone(failure):
    assert succeeds({}.__getitem__, "missing", failure) is False


def test_any_other_exception_passes():
    with pytest.raises(KeyError, match="missing"):
        succeeds({}.__getitem__, "missing", IndexError)
