"""check_server_identity, and certificates as dicts."""

from __future__ import annotations

import pytest
import trustme

from netloop import tls
from netloop.tls.names import split_alternative_names


@pytest.mark.parametrize(("host", "names"), [
    ("localhost", "DNS:localhost"),
    ("LOCALHOST", "DNS:localhost"),
    ("localhost.", "DNS:localhost"),
    ("a.example.org", "DNS:*.example.org"),
    ("b.org", "DNS:a.org, DNS:b.org"),
    ("127.0.0.1", "IP Address:127.0.0.1"),
    ("::1", "IP Address:0:0:0:0:0:0:0:1"),
    ("xn--bcher-kva.example", "DNS:xn--bcher-kva.example"),
    ("b\u00fccher.example", "DNS:xn--bcher-kva.example"),
])
def test_names_that_match(host, names):
    assert tls.check_server_identity(host, {"subject": {"CN": "x"}, "subjectaltname": names}) is None


@pytest.mark.parametrize(("host", "names"), [
    ("example.org", "DNS:*.example.org"),
    ("a.b.example.org", "DNS:*.example.org"),
    (".example.org", "DNS:*.example.org"),
    ("example.com", "DNS:*.com"),
    ("anything", "DNS:*"),
    ("foo.example.org", "DNS:f*.example.org"),
    ("foo.example.org", "DNS:foo.*.org"),
    ("127.0.0.1", "DNS:127.0.0.1"),
    ("127.0.0.1", "DNS:*.0.0.1"),
    ("localhost", "IP Address:127.0.0.1, DNS:other"),
    ("localhost", "URI:http://localhost/, DNS:other"),
    ("localhost", 'DNS:"other, DNS:localhost"'),
    ("localhost", 'DNS:"broken'),
    ("", "DNS:localhost"),
])
def test_names_that_do_not_match(host, names):
    error = tls.check_server_identity(host, {"subject": {"CN": "localhost"}, "subjectaltname": names})
    assert error.code == "ERR_TLS_CERT_ALTNAME_INVALID"
    assert error.host == host
    assert error.cert["subjectaltname"] == names


def test_the_common_name_counts_where_there_is_no_dns_name():
    assert tls.check_server_identity("a.example.org", {"subject": {"CN": "*.example.org"}}) is None
    assert tls.check_server_identity("b.org", {"subject": {"CN": ["a.org", "b.org"]}}) is None
    assert "is not cert's CN" in tls.check_server_identity("c.org", {"subject": {"CN": "b.org"}}).reason


def test_an_address_is_never_a_common_name():
    assert tls.check_server_identity("127.0.0.1", {"subject": {"CN": "127.0.0.1"}}) is not None


def test_an_empty_certificate_is_nobodys():
    assert tls.check_server_identity("localhost", {}).reason == "Cert does not contain a DNS name"


def test_host_must_be_text():
    with pytest.raises(TypeError):
        tls.check_server_identity(None, {})


def test_altnames_with_a_comma_stay_one_name():
    assert list(split_alternative_names('DNS:"a, DNS:b", DNS:c')) == [("DNS", "a, DNS:b"), ("DNS", "c")]


@pytest.mark.parametrize(("kind", "expected"), [
    (trustme.KeyType.RSA, {"bits": 2048, "exponent": "0x10001"}),
    (trustme.KeyType.ECDSA, {"bits": 256, "asn1_curve": "prime256v1", "nist_curve": "P-256"}),
])
def test_dict_of_a_certificate(authority, kind, expected):
    issued = authority.issue("localhost", "127.0.0.1", "::1", common_name="me", key_type=kind)
    found = tls.X509Certificate(issued["cert"]).to_legacy_object()
    assert found["subject"]["CN"] == "me"
    assert found["subjectaltname"] == "DNS:localhost, IP Address:127.0.0.1, IP Address:::1"
    assert found["ca"] is False
    assert found["valid_from"].endswith(" GMT")
    assert "1.3.6.1.5.5.7.3.1" in found["ext_key_usage"]
    assert len(found["fingerprint256"]) == 32 * 3 - 1
    assert expected.items() <= found.items()


def test_certificate_agrees_with_cryptography(authority):
    from cryptography import x509
    from cryptography.hazmat.primitives.hashes import SHA256
    pem = authority.issue("localhost")["cert"]
    ours, theirs = tls.X509Certificate(pem), x509.load_pem_x509_certificates(pem)[0]
    assert int(ours.serial_number, 16) == theirs.serial_number
    assert ours.valid_to_date == theirs.not_valid_after_utc
    assert bytes.fromhex(ours.fingerprint256.replace(":", "")) == theirs.fingerprint(SHA256())
    assert tls.X509Certificate(authority.pem).ca


@pytest.mark.parametrize("junk", [b"", b"\x30", b"\x30\x03abc", "no pem", b"\x30\x84\xff\xff\xff\xff"])
def test_what_is_no_certificate_is_refused(junk):
    with pytest.raises(ValueError):
        tls.X509Certificate(junk)
