"""A class with typed events, as stream and net have them.  Read by mypy only: see test_typing.py."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, TypeVar, overload, reveal_type

from netloop.events import EventEmitter

if TYPE_CHECKING:
    from netloop.events.signatures import AnyListener, E, EmitterEvent, Listener, NoArguments, PlainListener

    VisitorListener = TypeVar("VisitorListener", bound=Callable[[str], object])
    DoorEvent: TypeAlias = Literal["open", "shut"] | EmitterEvent

    @overload
    def door_on(self: E, event: Literal["open"], listener: Callable[[str], object]) -> E: ...
    @overload
    def door_on(self: object, event: Literal["open"]) -> Callable[[VisitorListener], VisitorListener]: ...
    @overload
    def door_on(self: E, event: Literal["shut"], listener: NoArguments) -> E: ...
    @overload
    def door_on(self: object, event: Literal["shut"]) -> Callable[[PlainListener], PlainListener]: ...
    @overload
    def door_on(self: E, event: Hashable, listener: Listener) -> E: ...
    @overload
    def door_on(self: object, event: Hashable) -> Callable[[AnyListener], AnyListener]: ...
    def door_on(self: Any, event: Any, listener: Any = ...) -> Any: ...

    def door_off(self: E, event: DoorEvent | Hashable, listener: Listener) -> E: ...


class Door(EventEmitter):
    if TYPE_CHECKING:
        on = add_listener = once = door_on                  # type: ignore[assignment]
        prepend_listener = prepend_once_listener = door_on  # type: ignore[assignment]
        off = remove_listener = door_off

    def lock(self) -> None: ...


class FrontDoor(Door):
    def ring(self) -> None: ...


door = FrontDoor()
door.on("open", print).once("shut", door.lock).prepend_listener("anything", print).ring()
door.off("open", print).remove_listener("shut", door.lock).ring()
reveal_type(door.on("open", lambda visitor: None))  # FrontDoor
reveal_type(EventEmitter().on("anything", print))  # EventEmitter


@door.on("open")
def greet(visitor: str) -> int:
    return len(visitor)


@door.prepend_once_listener("open")
async def greet_later(visitor: str) -> None: ...


@door.once("anything")
def anything(*arguments: int) -> None: ...


reveal_type(greet)  # def (visitor: str) -> int
reveal_type(greet_later)  # def (visitor: str) -> Coroutine[Any, Any, None]
reveal_type(anything)  # def (*arguments: int)


@door.on("open")  # error
def wrong_argument(visitor: int) -> None: ...


@door.once("shut")  # error
def too_many_arguments(visitor: str) -> None: ...


@EventEmitter().on("error")  # error
def no_error(error: Exception, more: int) -> None: ...
