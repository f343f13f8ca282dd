"""The table of the services, in the order of their ports."""

from __future__ import annotations

from .chat import Chat
from .datagrams import Datagrams
from .echo import Echo
from .greeter import Greeter
from .secure_web import SecureWeb
from .service import Service
from .web import Web

__all__ = ["SERVICES"]

SERVICES: tuple[type[Service], ...] = (Greeter, Echo, Chat, Web, SecureWeb, Datagrams)
