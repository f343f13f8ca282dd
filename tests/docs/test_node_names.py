"""The table of names: each follows the rule, and each is there."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import netloop
from netloop import AbortSignal, events, http, net, stream, websocket

PAGE = (Path(__file__).parents[2] / "docs" / "node-to-netloop.md").read_text()
NAMES = PAGE[PAGE.index("## Every name"):]
EXCEPTIONS = {"isIPv4": "is_ipv4", "isIPv6": "is_ipv6", "addCIDRs": "add_cidrs", "from": "from_"}
CLASSES = {"WebSocket", "WebSocketServer", "CloseEvent", "MessageEvent"}        # keep their names


def sections() -> Iterator[tuple[str, str]]:
    """The sections of the table: ``("net.Socket", its text)``."""
    for section in re.split(r"^#{2,3} ", NAMES, flags=re.MULTILINE)[2:]:
        title, _, text = section.partition("\n")
        yield title.strip("`"), text


def pairs(text: str) -> list[tuple[str, str]]:
    same = re.search(r"The same in both: (.*?)\.\n", text, re.DOTALL)
    return (re.findall(r"^\| `(\S+)` \| `(\S+)` \|$", text, re.MULTILINE)
            + [(name, name) for name in (re.findall(r"`(\S+?)`", same[1]) if same is not None else [])])


def snake_case(name: str) -> str:
    if name in EXCEPTIONS or name in CLASSES or name.isupper():
        return EXCEPTIONS.get(name, name)
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name).lower()


@pytest.mark.parametrize(("node", "ours"), [pair for _, text in sections() for pair in pairs(text)])
def test_name_follows_the_rule(node: str, ours: str) -> None:
    assert snake_case(node) == ours


def found(path: str) -> Any:
    value: Any = netloop
    for name in path.split("."):
        value = getattr(value, name)
    return value


MEMBERS = [section for section in sections() if section[0] not in ("Options", "Events")]
# For what only the constructor sets.
MAKERS: dict[Any, Callable[[], Any]] = {
    kind: kind for kind in (net.Server, net.Socket, stream.Readable, stream.Writable, events.EventEmitterAsyncResource,
                            http.Server, http.OutgoingMessage, http.IncomingMessage, http.Agent)}
MAKERS[http.ServerResponse] = lambda: http.ServerResponse(http.IncomingMessage())
MAKERS[websocket.WebSocketServer] = lambda: websocket.WebSocketServer(no_server=True)
MAKERS[websocket.WebSocket] = lambda: websocket.WebSocket("ws://localhost/", signal=AbortSignal.abort()).on(
    "error", lambda: None)
MAKERS[http.ClientRequest] = lambda: http.request(signal=AbortSignal.abort()).on("error", lambda: None)


@pytest.mark.parametrize(("title", "text"), MEMBERS, ids=[title for title, _ in MEMBERS])
def test_every_name_is_there(title: str, text: str) -> None:
    owner = found(title)
    instance = MAKERS[owner]() if isinstance(owner, type) and owner in MAKERS else None
    for _, name in pairs(text):
        holder, _, attribute = f"{title}.{name}".rpartition(".")
        assert hasattr(found(holder), attribute) or hasattr(instance, attribute), name


def test_table_is_not_empty() -> None:
    assert len([pair for _, text in sections() for pair in pairs(text)]) > 200
