"""The native part: descriptors, buffers and errno; no streams, no protocols, no callbacks of users."""
