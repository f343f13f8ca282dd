from collections.abc import Generator
from typing import Any

from .peers import Peer

class Departure:
    peer: Peer | None
    listener: Any
    error: int
    failure: Exception | None
    done: bool
    origin: str | None
    @property
    def owner(self) -> Any: ...
    @property
    def message(self) -> bytes: ...
    def __await__(self) -> Generator[Any, Any, int]: ...

def new_departure(owner: Any, message: bytes, peer: Peer | None, listener: Any) -> Departure: ...
