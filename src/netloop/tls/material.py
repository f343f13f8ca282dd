"""Keys and certificates as users give them, in the form that `ssl` takes: which is, for most of them, a file.

What is in memory gets a file for the moment in which it is loaded: on Linux one that has no name and is on no disk.
"""

from __future__ import annotations

import os
import re
from collections.abc import Generator, Iterable, Mapping
from contextlib import contextmanager
from typing import Any

from ..errors import invalid_type, invalid_value, unavailable
from .checks import check_passphrase, wrong_secret

__all__ = ["Key", "KeyMaterial", "as_file", "as_list", "certificates_and_keys", "pem", "pem_certificates", "read_pfx",
           "version_of"]

Key = tuple[bytes | None, str | bytes | None]                    # None: it is in the same PEM as its certificate; passphrase
KeyMaterial = tuple[bytes, bytes | None, str | bytes | None]     # certificate chain, key or None, passphrase

_CERTIFICATE = re.compile(r"-----BEGIN (?:TRUSTED |X509 )?CERTIFICATE-----.+?-----END (?:TRUSTED |X509 )?CERTIFICATE-----",
                          re.DOTALL)


def pem(name: str, value: Any, secret: bool = False) -> bytes:
    """PEM or DER that was given as str, bytes or path, as bytes.  Raises ArgumentTypeError, ArgumentValueError, OSError."""
    if isinstance(value, str):
        if "-----BEGIN " not in value:      # the name of a file, most of the time
            raise (wrong_secret if secret else invalid_value)(name, "PEM text, or a pathlib.Path for a file", value)
        return value.encode()
    if isinstance(value, bytes | bytearray | memoryview):
        return bytes(value)
    if isinstance(value, os.PathLike):
        with open(value, "rb") as file:
            return file.read()
    raise invalid_type(name, "PEM as str or bytes, or a path", value)


def version_of(path: os.PathLike[Any]) -> tuple[Any, ...]:
    """A path, and what tells its file from those that were there before.  Why it cannot be looked at, to read it tells."""
    name = os.fspath(path)
    try:
        found = os.stat(name)
    except OSError:
        return (name,)
    return name, found.st_mtime_ns, found.st_size, found.st_ino


def as_list(value: Any) -> list[Any]:
    """One thing, several, or None, as a list."""
    if value is None:
        return []
    return list(value) if isinstance(value, list | tuple) else [value]


def pem_certificates(data: bytes) -> list[str]:
    """The certificates in PEM text, one by one."""
    return _CERTIFICATE.findall(data.decode("latin-1"))


def certificates_and_keys(cert: Any, key: Any, passphrase: str | bytes | None) -> tuple[list[bytes], list[Key]]:
    """The certificate chains, and as many keys with their passphrases; without keys they are in the same PEM."""
    chains = [pem("cert", each) for each in as_list(cert)]
    keys = [_key(each, passphrase) for each in as_list(key)]
    if not keys:
        keys = [(None, passphrase)] * len(chains)
    if len(keys) != len(chains):
        raise invalid_type("key", f"as many keys as certificates ({len(chains)})", f"{len(keys)} keys")
    return chains, keys


def _key(value: Any, passphrase: str | bytes | None) -> Key:
    if isinstance(value, Mapping):
        passphrase = value.get("passphrase", passphrase)
        check_passphrase(passphrase)
        return pem("key['pem']", value.get("pem"), secret=True), passphrase
    return pem("key", value, secret=True), passphrase


@contextmanager
def as_file(*parts: bytes | None) -> Generator[str]:
    """The path of a file with this content, as long as the block runs."""
    content = b"\n".join(part for part in parts if part is not None)
    if hasattr(os, "memfd_create"):
        fd = os.memfd_create("netloop-tls")
        try:
            _write_all(fd, content)
            yield f"/proc/self/fd/{fd}"
        finally:
            os.close(fd)
    else:
        from tempfile import NamedTemporaryFile
        with NamedTemporaryFile() as file:      # which only its owner may read
            file.write(content)
            file.flush()
            yield file.name


def _write_all(fd: int, content: bytes) -> None:
    while content:
        content = content[os.write(fd, content):]


def read_pfx(pfx: Any, passphrase: str | bytes | None) -> tuple[KeyMaterial, Iterable[bytes]]:
    """The certificate and key of a PKCS#12 file, and the certificates of authorities in it."""
    try:
        from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, pkcs12
    except ImportError:
        raise unavailable("pfx", "it needs the package cryptography") from None
    password = passphrase.encode() if isinstance(passphrase, str) else passphrase
    data = pem("pfx", pfx)
    try:
        store = pkcs12.load_pkcs12(data, password)
    except ValueError as error:
        raise wrong_secret("pfx", "PKCS#12 that its passphrase opens", pfx) from error
    if store.cert is None or store.key is None:
        raise wrong_secret("pfx", "PKCS#12 with a certificate and its key", pfx)
    others = [each.certificate.public_bytes(Encoding.PEM) for each in store.additional_certs]
    chain = b"".join([store.cert.certificate.public_bytes(Encoding.PEM), *others])
    key = store.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return (chain, key, None), others
