"""Options of the wrong kind raise at the call, by name: none is taken for another, and none is ignored."""

from __future__ import annotations

import ssl

import pytest

from netloop import https, tls
from netloop.stream import duplex_pair
from netloop.tls.errors import with_code

EVERY_WAY = {
    "context": lambda **options: tls.create_secure_context(**options),
    "connect": lambda **options: tls.connect(1, **options),
    "socket": lambda **options: tls.TLSSocket(**options),
    "server": lambda **options: tls.create_server(**options),
    "https server": lambda **options: https.create_server(**options),
    "https agent": lambda **options: https.Agent(**options),
}
TO_CONNECT = {name: call for name, call in EVERY_WAY.items() if name != "context"}


@pytest.mark.parametrize("way", EVERY_WAY)
@pytest.mark.parametrize(("options", "code"), [
    ({"honor_cipher_order": "no"}, "ERR_INVALID_ARG_TYPE"), ({"allow_partial_trust_chain": 1}, "ERR_INVALID_ARG_TYPE"),
    ({"secure_options": "OP_ALL"}, "ERR_INVALID_ARG_TYPE"), ({"secure_options": True}, "ERR_INVALID_ARG_TYPE"),
    ({"secure_options": -1}, "ERR_OUT_OF_RANGE"), ({"secure_options": 1 << 70}, "ERR_OUT_OF_RANGE"),
    ({"passphrase": 5}, "ERR_INVALID_ARG_TYPE"), ({"min_version": ["TLSv1.2"]}, "ERR_TLS_INVALID_PROTOCOL_VERSION"),
    ({"max_version": 1.2}, "ERR_TLS_INVALID_PROTOCOL_VERSION"), ({"dhparam": b"junk"}, "ERR_OSSL_PEM_NO_START_LINE"),
    ({"ciphers": ["AES"]}, "ERR_INVALID_ARG_TYPE"), ({"ecdh_curve": 5}, "ERR_INVALID_ARG_TYPE"),
    ({"max_version": "TLSv1.1"}, "ERR_INVALID_ARG_VALUE"), ({"ciphers": ""}, "ERR_INVALID_ARG_VALUE"),
    ({"min_version": "TLSv1.3", "max_version": "TLSv1.2"}, "ERR_INVALID_ARG_VALUE"),
    ({"min_version": "TLSv1.3", "ciphers": "ECDHE-RSA-AES128-GCM-SHA256"}, "ERR_INVALID_ARG_VALUE"),
    ({"pfx": b"junk"}, "ERR_INVALID_ARG_VALUE"), ({"ca": 5}, "ERR_INVALID_ARG_TYPE"), ({"crl": 5}, "ERR_INVALID_ARG_TYPE"),
], ids=lambda value: str(value) if isinstance(value, dict) else "")
def test_an_option_of_a_context_raises_at_the_call(way, options, code):
    with pytest.raises((TypeError, ValueError, OSError)) as raised:
        EVERY_WAY[way](**options)
    assert raised.value.code == code
    assert code.startswith("ERR_OSSL") or any(name in str(raised.value) for name in options)


@pytest.mark.parametrize("way", TO_CONNECT)
@pytest.mark.parametrize("options", [
    {"reject_unauthorized": "false"}, {"reject_unauthorized": 0}, {"alpn_protocols": 5}, {"handshake_timeout": "x"},
    {"close_timeout": []}, {"secure_context": {}}], ids=str)
def test_an_option_of_a_connection_raises_at_the_call(way, options):
    with pytest.raises(TypeError, match=f"{next(iter(options))} must be .*; got ") as raised:
        TO_CONNECT[way](**options)
    assert raised.value.code == "ERR_INVALID_ARG_TYPE"


def test_an_option_of_servers_is_none_of_clients_and_the_other_way_round():
    for options in ({"request_cert": True}, {"sni_callback": print}, {"alpn_callback": print}):
        for refuse in (tls.TLSSocket, TO_CONNECT["connect"], TO_CONNECT["https agent"]):
            with pytest.raises(TypeError, match=next(iter(options))):
                refuse(**options)
    for refuse in (tls.create_server, lambda **given: tls.TLSSocket(is_server=True, **given)):
        with pytest.raises(TypeError, match="check_server_identity"):
            refuse(check_server_identity=print)
    with pytest.raises(TypeError, match="request_cert must be a bool; got 'no'"):
        tls.create_server(request_cert="no")


@pytest.mark.parametrize("way", TO_CONNECT)
def test_a_secure_context_comes_instead_of_the_options_for_one(way, authority):
    with pytest.raises(TypeError, match="secure_context comes instead of ca, ciphers"):
        TO_CONNECT[way](secure_context=tls.create_secure_context(), ca=authority.pem, ciphers="DEFAULT", cert=None)


async def test_where_to_connect_to_is_not_told_together_with_a_socket():
    for options in ({"path": "/tmp/x"}, {"lookup": print}, {"local_port": 5}):
        left, right = duplex_pair()
        with pytest.raises(TypeError, match=f"{next(iter(options))} together with a socket"):
            tls.connect(socket=left, **options)
        left.destroy()
        right.destroy()


def test_secrets_are_not_in_messages():
    for options in ({"key": "MHcCAQEEIsecret"}, {"passphrase": ["secret"]}, {"pfx": b"secret"},
                    {"key": {"pem": "secret"}}, {"key": [{"pem": b"x", "passphrase": ("secret",)}]}):
        with pytest.raises((TypeError, ValueError)) as raised:
            tls.create_secure_context(**options)
        assert "secret" not in str(raised.value)


@pytest.mark.parametrize("options", [{"servername": 5}, {"servername": "127.0.0.1"}, {"session": b"x"},
                                     {"check_server_identity": 5}, {"ca": "some.pem"}])
def test_an_agent_refuses_wrong_options_when_it_is_made(options):
    with pytest.raises((TypeError, ValueError), match=next(iter(options))):
        https.Agent(**options)


@pytest.mark.parametrize("options", [{"min_dh_size": 1024}, {"enable_trace": True}, {"request_ocsp": True},
                                     {"sigalgs": "x"}, {"client_cert_engine": "x"}])
def test_an_agent_refuses_what_ssl_cannot_do_by_name(options):
    with pytest.raises(NotImplementedError, match=next(iter(options))):
        https.Agent(**options)


def test_functions_refuse_wrong_arguments():
    with pytest.raises(TypeError, match=r"certificate must be a dict .*; got None"):
        tls.check_server_identity("localhost", None)
    for wrong in (5, None, "text"):
        with pytest.raises(TypeError, match="certificates must be a list of PEM"):
            tls.set_default_ca_certificates(wrong)


def test_codes_are_made_of_letters_digits_and_underscores():
    error = with_code(ssl.SSLError(1, "not enough data: cadata does not contain a certificate (_ssl.c:4020)"))
    assert error.code == "ERR_SSL_NOT_ENOUGH_DATA_CADATA_DOES_NOT_CONTAIN_A_CERTIFICATE"
