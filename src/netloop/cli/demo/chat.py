"""A chat room: what one member types, all the others read.

The room waits for nobody.  A line goes to each member whose connection has room for it; a member that reads
too slowly misses lines, and is told how many when it has caught up.  So a member that does not read at all
holds nobody up, and costs no more memory than its connection's high-water mark and one line.
"""

from __future__ import annotations

from ...net import Socket
from .log import Log
from .service import TCPService

__all__ = ["Chat"]

LONGEST_LINE = 1000     # characters; what goes beyond is dropped, so that a line without an end cannot grow
LONGEST_NAME = 20
HELP = "Type a line to talk; /who lists the members, /quit leaves."


class Chat(TCPService):
    """The service: a room, and a member for each connection."""

    name = "chat"
    colour = "magenta"
    summary = "a room to talk in: join it from two terminals"

    def __init__(self, log: Log) -> None:
        super().__init__(log)
        self._room = Room(log)

    def serve(self, socket: Socket) -> None:
        Member(self._room, socket)


class Room:
    """The members by their names, and the way from one to all others."""

    def __init__(self, log: Log) -> None:
        self._log = log
        self._members: dict[str, Member] = {}

    def join(self, member: Member) -> None:
        self._members[member.name.lower()] = member
        self.tell(f"* {member.name} joined", besides=member)

    def leave(self, member: Member) -> None:
        if self._members.pop(member.name.lower(), None) is not None:
            self.tell(f"* {member.name} left")

    def tell(self, line: str, besides: Member | None = None) -> None:
        self._log.write(Chat.name, line)
        for member in self._members.values():
            if member is not besides:
                member.hear(line)

    def has(self, name: str) -> bool:
        """Whether somebody has this name already: names that differ only in case are the same to a reader."""
        return name.lower() in self._members

    def names(self) -> str:
        return ", ".join(sorted(member.name for member in self._members.values()))


class Member:
    """One connection.  It is in the room as soon as it has given a name."""

    def __init__(self, room: Room, socket: Socket) -> None:
        self.name = ""
        self._room = room
        self._socket = socket
        self._line = ""         # what came of the line that has no end yet
        self._missed = 0
        socket.set_encoding("utf8")
        socket.on("data", self._on_data)
        socket.on("drain", self._on_drain)
        socket.on("close", self._on_close)
        self._ask_name()

    def hear(self, line: str, end: str = "\n") -> None:
        """Get a line, unless so many wait already that this member reads too slowly."""
        if self._socket.writable_need_drain:
            self._missed += 1
        elif self._socket.writable:         # not while it leaves
            self._socket.write(line + end)

    # --- listeners ---

    def _on_data(self, text: str) -> None:
        *lines, rest = (self._line + text).split("\n")
        self._line = rest[:LONGEST_LINE]
        for line in lines:
            if self._socket.writable:       # not what it said after /quit
                self._take(_printable(line[:LONGEST_LINE]))

    def _on_drain(self) -> None:
        missed, self._missed = self._missed, 0
        if missed:
            self.hear(f"* you read too slowly and missed {missed} line{'s' if missed > 1 else ''}")

    def _on_close(self, had_error: bool) -> None:
        self._room.leave(self)

    # --- what a line means ---

    def _take(self, line: str) -> None:
        if not self.name:
            self._introduce(line)
        elif line == "/quit":
            self._socket.end("* goodbye\n")
        elif line == "/who":
            self.hear(f"* here: {self._room.names()}")
        elif line:
            self._room.tell(f"{self.name}: {line}", besides=self)

    def _ask_name(self, reason: str = "") -> None:
        self.hear(reason + "Your name? ", end="")

    def _introduce(self, name: str) -> None:
        if not name or len(name) > LONGEST_NAME:
            self._ask_name(f"1 to {LONGEST_NAME} characters, please.  ")
        elif self._room.has(name):
            self._ask_name(f"{name} is here already.  ")
        else:
            self.name = name
            self._room.join(self)
            self.hear(f"* welcome, {name}.  {HELP}\n* here: {self._room.names()}")


def _printable(text: str) -> str:
    """Without control characters: they would let one member draw on the terminals of the others."""
    return "".join(filter(str.isprintable, text)).strip()
