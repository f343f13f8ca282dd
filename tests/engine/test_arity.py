"""How many arguments a callable takes, as far as it says."""

from __future__ import annotations

from functools import partial

import pytest

from netloop._engine.arity import most_arguments
from netloop.stream import Readable


def none(): ...
def two(first, second=None): ...
def keywords(first, *, second, **rest): ...
def any_number(first, *rest): ...


class Listener:
    def method(self, first): ...

    @classmethod
    def of_the_class(cls, first, second): ...

    @staticmethod
    def static(first): ...

    def __call__(self): ...


@pytest.mark.parametrize(("function", "most"), [
    (none, 0), (two, 2), (keywords, 1), (any_number, -1), (lambda: None, 0),
    (Listener().method, 1), (Listener.method, 2), (Listener.of_the_class, 2), (Listener.static, 1),
    ([].append, -1), (print, -1), (partial(two, 1), -1), (Listener(), -1), (Listener, -1), ("no function", -1)])
def test_function_says_how_many_arguments_it_takes(function, most):
    assert most_arguments(function) == most


def test_methods_that_may_be_compiled_say_it_too():
    assert most_arguments(Readable().pause) == 0
    assert most_arguments(Readable().unshift) == 2
