"""Options that are refused: what Python's `ssl` cannot do, by its name, and the name of a file where PEM is due."""

import pytest

from netloop import tls
from netloop.errors import FeatureUnavailableError


@pytest.mark.parametrize("options", [
    {"ticket_keys": bytes(48)}, {"session_timeout": 10}, {"session_id_context": "a"}, {"sigalgs": "ed25519"},
    {"onread": {"buffer": bytearray(10), "callback": print}},
], ids=lambda options: next(iter(options)))
def test_an_option_that_cannot_be_honoured_is_refused(options):
    with pytest.raises(FeatureUnavailableError, match=f"{next(iter(options))}.* is unavailable") as raised:
        tls.TLSSocket(**options)
    assert raised.value.code == "ERR_FEATURE_UNAVAILABLE_ON_PLATFORM"


def test_ticket_keys_of_a_server_are_refused():
    server = tls.create_server()
    with pytest.raises(FeatureUnavailableError, match="get_ticket_keys"):
        server.get_ticket_keys()
    with pytest.raises(FeatureUnavailableError, match="set_ticket_keys"):
        server.set_ticket_keys(bytes(48))


def test_certificate_compression_is_refused():
    with pytest.raises(FeatureUnavailableError, match="get_certificate_compression_algorithms"):
        tls.get_certificate_compression_algorithms()


@pytest.mark.parametrize("name", ["cert", "ca", "crl"])
def test_the_name_of_a_file_is_told_from_pem(name):
    with pytest.raises(ValueError, match=f"{name}.*PEM text, or a pathlib.Path for a file.*'some.pem'"):
        tls.create_secure_context(**{name: "some.pem"})
