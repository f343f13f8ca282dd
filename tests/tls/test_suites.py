"""Cipher suites: what the RFCs call those that OpenSSL has names of its own for."""

from __future__ import annotations

import shutil
import subprocess

import pytest

from netloop.tls.versions import standard_name


@pytest.mark.parametrize(("name", "expected"), [
    ("TLS_AES_128_GCM_SHA256", "TLS_AES_128_GCM_SHA256"),
    ("ECDHE-RSA-AES128-GCM-SHA256", "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"),
    ("ECDHE-ECDSA-CHACHA20-POLY1305", "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256"),
    ("AES256-SHA", "TLS_RSA_WITH_AES_256_CBC_SHA"),
    ("DES-CBC3-SHA", "TLS_RSA_WITH_3DES_EDE_CBC_SHA"),
    ("ECDHE-ARIA128-GCM-SHA256", "TLS_ECDHE_RSA_WITH_ARIA_128_GCM_SHA256"),
    ("DHE-RSA-CAMELLIA256-SHA256", "TLS_DHE_RSA_WITH_CAMELLIA_256_CBC_SHA256"),
    ("ECDHE-ECDSA-AES128-CCM8", "TLS_ECDHE_ECDSA_WITH_AES_128_CCM_8"),
    ("DHE-PSK-AES128-CCM8", "TLS_PSK_DHE_WITH_AES_128_CCM_8"),
    ("ECDHE-PSK-AES128-CBC-SHA256", "TLS_ECDHE_PSK_WITH_AES_128_CBC_SHA256"),
    ("AECDH-AES128-SHA", "TLS_ECDH_anon_WITH_AES_128_CBC_SHA"),
    ("SRP-RSA-AES-128-CBC-SHA", "TLS_SRP_SHA_RSA_WITH_AES_128_CBC_SHA"),
    ("NULL-SHA256", "TLS_RSA_WITH_NULL_SHA256"),
])
def test_a_suite_has_its_standard_name(name, expected):
    assert standard_name(name) == expected


@pytest.mark.skipif(shutil.which("openssl") is None, reason="the command knows the standard names")
def test_every_suite_of_openssl_has_its_standard_name():
    command = ["openssl", "ciphers", "-stdname", "-v", "ALL:eNULL:@SECLEVEL=0"]
    listing = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    names = {fields[2]: fields[0] for fields in map(str.split, listing.splitlines()) if fields[0] != "UNKNOWN"}
    assert len(names) > 30
    assert {name: standard_name(name) for name in names} == names
