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


@pytest.mark.parametrize(("host", "name"), [
    ("localhost", "localho\u017ft"), ("localhost", "\uff4cocalhost"), ("kk.test", "\u212ak.test"), ("a.test", "a\u3002test"),
    ("b\u00fccher.example", "b\u00fccher.example"), ("a.b\u00fccher.example", "*.b\u00fccher.example"),
])
def test_a_name_of_a_certificate_that_is_not_ascii_is_nobodys_whatever_it_looks_like(host, name):
    for certificate in ({"subject": {"CN": name}}, {"subjectaltname": f"DNS:{name}"}):
        assert tls.check_server_identity(host, certificate).code == "ERR_TLS_CERT_ALTNAME_INVALID"


def test_the_common_name_counts_where_there_is_no_dns_name():
    assert tls.check_server_identity("a.example.org", {"subject": {"CN": "*.example.org"}}) is None
    assert tls.check_server_identity("b.org", {"subject": {"CN": ["a.org", "b.org"]}}) is None
    assert "is not cert's CN" in tls.check_server_identity("c.org", {"subject": {"CN": "b.org"}}).reason


@pytest.mark.parametrize(("host", "certificate", "reason"), [
    ("a.org.", {"subject": {"CN": ["b.org", "c.org"]}}, "Host: a.org. is not cert's CN: b.org,c.org"),
    ("a.org.", {"subjectaltname": "DNS:b.org"}, "Host: a.org. is not in the cert's altnames: DNS:b.org"),
    ("::2", {"subjectaltname": "IP Address:0:0:0:0:0:0:0:1"}, "IP: ::2 is not in the cert's list: ::1")])
def test_the_reason_is_in_nodes_words(host, certificate, reason):
    assert tls.check_server_identity(host, certificate).reason == reason


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
    assert found["subjectaltname"] == "DNS:localhost, IP Address:127.0.0.1, IP Address:0:0:0:0:0:0:0:1"
    assert found["ca"] is False
    assert found["valid_from"].endswith(" GMT")
    assert "1.3.6.1.5.5.7.3.1" in found["ext_key_usage"]
    assert len(found["fingerprint256"]) == 32 * 3 - 1
    assert expected.items() <= found.items()


def make_certificate(subject=(), names=(), serial=7, curve=None):
    """A certificate with this subject and these alternative names, as `cryptography` has them."""
    import datetime

    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    key = ec.generate_private_key(curve or ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.ObjectIdentifier(oid), value) for oid, value in subject])
    builder = (x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
               .serial_number(serial).not_valid_before(datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC))
               .not_valid_after(datetime.datetime(2060, 1, 1, tzinfo=datetime.UTC)))
    if names:
        builder = builder.add_extension(x509.SubjectAlternativeName(names), False)
    return tls.X509Certificate(builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.DER))


COUNTRY, COMMON_NAME, ORGANIZATION = "2.5.4.6", "2.5.4.3", "2.5.4.10"


@pytest.mark.parametrize(("value", "expected"), [     # what Node says of the same certificates
    ("org", r'"CN=z\u002cO=org\u002cC=DE"'), ("a,b", r'"CN=z\u002cO=a\\\u002cb\u002cC=DE"'),
    ('a"b', r'"CN=z\u002cO=a\\\"b\u002cC=DE"'), ("a\\b", r'"CN=z\u002cO=a\\\\b\u002cC=DE"'),
    ("a'b", r'"CN=z\u002cO=a' + "'" + r'b\u002cC=DE"'), ("a\tb", r'"CN=z\u002cO=a\u0009b\u002cC=DE"'),
    ("a+b;<c>", r'"CN=z\u002cO=a\\+b\\;\\<c\\>\u002cC=DE"'), (" lead", r'"CN=z\u002cO=\\ lead\u002cC=DE"'),
    ("trail ", r'"CN=z\u002cO=trail\\ \u002cC=DE"'), ("#hash", r'"CN=z\u002cO=\\#hash\u002cC=DE"'),
    ("Gr\u00fc\u00dfe", '"CN=z\\u002cO=Gr\u00fc\u00dfe\\u002cC=DE"'),
])
def test_a_directory_name_reads_as_in_node(value, expected):
    from cryptography import x509
    parts = [x509.NameAttribute(x509.ObjectIdentifier(oid), text)
             for oid, text in ((COUNTRY, "DE"), (ORGANIZATION, value), (COMMON_NAME, "z"))]
    found = make_certificate(names=[x509.DirectoryName(x509.Name(parts))]).subject_alt_name
    assert found == "DirName:" + expected


def test_what_has_no_short_name_in_a_directory_name_is_told_in_hex_and_several_values_are_joined_by_plus():
    from cryptography import x509
    unknown, user = x509.NameAttribute(x509.ObjectIdentifier("1.2.3.4"), "v"), x509.NameAttribute(x509.NameOID.USER_ID, "u")
    assert make_certificate(names=[x509.DirectoryName(x509.Name([unknown, user]))]).subject_alt_name == (
        r'DirName:"UID=u\u002c1.2.3.4=#0C0176"')
    both = x509.RelativeDistinguishedName([x509.NameAttribute(x509.NameOID.COMMON_NAME, "a"),
                                           x509.NameAttribute(x509.NameOID.ORGANIZATION_NAME, "b")])
    assert make_certificate(names=[x509.DirectoryName(x509.Name([both]))]).subject_alt_name == "DirName:O=b+CN=a"


def test_addresses_and_serial_numbers_read_as_in_node():
    import ipaddress

    from cryptography import x509
    found = make_certificate(names=[x509.IPAddress(ipaddress.ip_address(text)) for text in (
        "fe80::abcd:0:1", "::ffff:1.2.3.4", "192.0.2.1")], serial=0xABC)
    assert found.subject_alt_name == (
        "IP Address:FE80:0:0:0:0:ABCD:0:1, IP Address:0:0:0:0:0:FFFF:102:304, IP Address:192.0.2.1")
    assert found.serial_number == "0ABC"
    assert tls.check_server_identity("fe80::abcd:0:1", found.to_legacy_object()) is None
    assert make_certificate(serial=0xFFFF).serial_number == "FFFF"


def test_parts_of_a_subject_have_nodes_names():
    parts = {"2.5.4.13": "description", "2.5.4.41": "name", "2.5.4.43": "initials", "2.5.4.44": "generationQualifier",
             "2.5.4.46": "dnQualifier", "2.5.4.65": "pseudonym", "1.2.3.4": "1.2.3.4"}
    assert make_certificate([(oid, "v") for oid in parts]).subject == dict.fromkeys(parts.values(), "v")


def test_a_curve_without_a_name_of_nist_has_openssls():
    from cryptography.hazmat.primitives.asymmetric import ec
    found = make_certificate(curve=ec.BrainpoolP384R1()).to_legacy_object()
    assert (found["asn1_curve"], found["bits"]) == ("brainpoolP384r1", 384)
    assert "nist_curve" not in found


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
