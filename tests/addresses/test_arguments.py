"""What is a port."""

from __future__ import annotations

import pytest

from netloop.addresses.arguments import check_port
from netloop.errors import ArgumentTypeError, ArgumentValueError


@pytest.mark.parametrize(("port", "number"), [
    (0, 0), (65535, 65535), ("0", 0), ("8124", 8124), (" 80 ", 80), ("+80", 80), ("00080", 80), ("0x50", 80),
])
def test_a_port_is_a_number_or_a_string_with_one(port, number):
    assert check_port("port", port) == number


@pytest.mark.parametrize("port", [-1, 65536, 10**30, 80.5, 80.0, "", "  ", "-1", "80.5", "8_0", "http", "٨٠",
                                  "65536", "9" * 5000], ids=lambda port: repr(port)[:12])
def test_a_number_that_is_no_port_is_a_value_error(port):
    with pytest.raises(ArgumentValueError, match="local_port must be an int from 0 to 65535") as caught:
        check_port("local_port", port)
    assert caught.value.code == "ERR_SOCKET_BAD_PORT"
    assert isinstance(caught.value, ValueError)


@pytest.mark.parametrize("port", [None, True, [], {}, b"80"], ids=repr)
def test_what_is_no_number_is_a_type_error(port):
    with pytest.raises(ArgumentTypeError, match="port must be") as caught:
        check_port("port", port)
    assert caught.value.code == "ERR_INVALID_ARG_TYPE"
