"""`netloop dns`: a table of records, or one line that says why not."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pycares
import pytest
from typer.testing import CliRunner, Result

from netloop.cli import app

# The name server of the tests of dns.
_spec: Any = importlib.util.spec_from_file_location("name_server", Path(__file__).parents[1] / "dns" / "name_server.py")
name_server: Any = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(name_server)

NAME = "name.test"


@pytest.fixture(scope="module", autouse=True)
def _thread_of_pycares() -> None:
    """pycares has a thread in which channels end.  It starts with the first of them, and stays."""
    pycares.Channel(sock_state_cb=lambda *_: None).close()


@pytest.fixture
def server() -> Iterator[Any]:
    server = name_server.NameServer()
    yield server
    server.close()


def ask(server: Any, *arguments: str) -> Result:
    return CliRunner().invoke(app, ["dns", *arguments, "--server", server.address])


def rows(result: Result) -> list[list[str]]:
    """The table, without its ruled line."""
    assert result.exit_code == 0, result.output
    lines = [line.split() for line in result.output.splitlines() if line.strip()]
    return [line for line in lines if set(line[0]) != {"─"}]


def test_addresses_of_both_kinds(server: Any) -> None:
    server.add(NAME, "A", "192.0.2.1")
    server.add(NAME, "AAAA", "2001:db8::1")
    assert rows(ask(server, NAME)) == [["type", "record"], ["A", "192.0.2.1", "300"], ["AAAA", "2001:db8::1", "300"]]


def test_addresses_of_one_kind_are_enough(server: Any) -> None:
    server.add(NAME, "A", "192.0.2.1")
    assert rows(ask(server, NAME)) == [["type", "address", "ttl"], ["A", "192.0.2.1", "300"]]


@pytest.mark.parametrize(("rrtype", "value", "header", "row"), [
    ("A", "192.0.2.1", ["address", "ttl"], ["192.0.2.1", "300"]),
    ("AAAA", "2001:db8::1", ["address", "ttl"], ["2001:db8::1", "300"]),
    ("MX", "10 mx.test.", ["priority", "exchange"], ["10", "mx.test"]),
    ("CNAME", "other.test.", ["value"], ["other.test"]), ("NS", "ns.test.", ["value"], ["ns.test"]),
    ("SRV", "1 2 3 host.test.", ["priority", "weight", "port", "name"], ["1", "2", "3", "host.test"]),
    ("TLSA", "3 1 0 00ff", ["cert", "usage", "selector", "match", "data"], ["3", "1", "0", "00ff"]),
    ("CAA", '0 issue "ca.test"', ["critical", "tag", "value"], ["0", "issue", "ca.test"]),
    ("SOA", "ns.test. adm.test. 1 2 3 4 5", ["nsname", "hostmaster", "serial", "refresh", "retry", "expire", "minttl"],
     ["ns.test", "adm.test", "1", "2", "3", "4", "5"])])
def test_table_of_a_type(server: Any, rrtype: str, value: str, header: list[str], row: list[str]) -> None:
    server.add(NAME, rrtype, value)
    assert rows(ask(server, NAME, "--type", rrtype.lower())) == [["type", *header], [rrtype, *row]]


def test_text_can_neither_style_the_table_nor_command_the_terminal(server: Any) -> None:
    server.add(NAME, "TXT", '"[red]\\027[2Jx"')
    assert rows(ask(server, NAME, "-t", "TXT")) == [["type", "entries"], ["TXT", "[red]\\x1b[2Jx"]]


def test_address_has_names(server: Any) -> None:
    server.add("1.2.0.192.in-addr.arpa", "PTR", "host.test.")
    assert rows(ask(server, "192.0.2.1")) == [["type", "value"], ["PTR", "host.test"]]


@pytest.mark.parametrize(("arguments", "message"), [
    (["nowhere.test"], "queryA ENOTFOUND nowhere.test"), ([NAME, "-t", "MX"], f"queryMx ENODATA {NAME}"),
    (["192.0.2.1"], "getHostByAddr ENOTFOUND 192.0.2.1"), (["a..b"], "queryA EBADNAME a..b")])
def test_failure_is_one_line(server: Any, arguments: list[str], message: str) -> None:
    server.add(NAME, "A", "192.0.2.1")
    result = ask(server, *arguments)
    assert result.exit_code == 1
    assert result.output.startswith(f"netloop dns: {message}")
    assert result.output.count("\n") == 1


def test_server_that_is_silent_is_waited_for_as_long_as_told(server: Any) -> None:
    server.respond = lambda query, tcp: []
    result = ask(server, NAME, "-t", "A", "--timeout", "0.005")
    assert (result.exit_code, result.output.split(" (")[0]) == (1, f"netloop dns: queryA ETIMEOUT {NAME}")


@pytest.mark.parametrize("arguments", [[NAME, "--type", "ZZZ"], [NAME, "--server", "localhost"], []])
def test_wrong_argument_is_a_usage_error(arguments: list[str]) -> None:
    assert CliRunner().invoke(app, ["dns", *arguments]).exit_code == 2
