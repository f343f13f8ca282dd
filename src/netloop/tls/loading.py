"""Keys and certificates into a context of `ssl`."""

from __future__ import annotations

import ssl

from .errors import with_code
from .material import Key, KeyMaterial, as_file

__all__ = ["in_pairs", "load_pair"]


def in_pairs(chains: list[bytes], keys: list[Key]) -> list[KeyMaterial]:
    """Each certificate chain with the key that fits it: they need not be in the same order."""
    if len(chains) < 2:
        return [(chain, *key) for chain, key in zip(chains, keys, strict=True)]
    left = list(keys)
    return [(chain, *left.pop(_fitting(chain, left))) for chain in chains]


def _fitting(chain: bytes, keys: list[Key]) -> int:
    """Which of the keys fits; if none does, raises what is wrong with the first."""
    failure = None
    for index, key in enumerate(keys):
        try:
            load_pair(ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT), (chain, *key))
        except ssl.SSLError as error:
            failure = failure or error
        else:
            return index
    assert failure is not None
    raise failure


def load_pair(context: ssl.SSLContext, material: KeyMaterial) -> None:
    """Load a certificate chain and its key.  Raises ssl.SSLError with its code."""
    chain, key, passphrase = material
    try:
        with as_file(key, chain) as path:
            context.load_cert_chain(path, password=b"" if passphrase is None else passphrase)
    except ssl.SSLError as error:
        raise with_code(error) from None
