"""WebSocket: messages over a connection that began as HTTP (RFC 6455), compressed where both ends agree (RFC 7692)."""
