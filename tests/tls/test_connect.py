"""tls.connect and tls.Server together: events, what can be asked, options."""

from __future__ import annotations

import ssl

import pytest

from netloop import diagnostics, net, tls
from netloop.testing import settle


async def test_order_of_events_on_both_sides(server, authority, record, closed):
    async with server(lambda socket: socket.end("bye")) as listening:
        events = record(listening, "connection", "secure_connection", "tls_client_error")
        client = tls.connect(listening.address().port, ca=authority.pem)
        log = record(client, "connect", "ready", "secure", "secure_connect", "data", "end", "close")
        await closed(client)
    assert log == ["connect", "ready", "secure", "secure_connect", ("data", b"bye"), "end", ("close", False)]
    assert [event for event, _ in events] == ["connection", "secure_connection"]


async def test_nobody_looks_at_raw_connections_and_there_is_one_socket(server, authority, closed):
    accepted = []
    async with server(accepted.append) as listening:
        client = await tls.connect(listening.address().port, ca=authority.pem)
        client.end()
        await closed(client)
    assert accepted[0].server is listening
    assert accepted[0].closed


async def test_what_both_sides_know(pair):
    client, accepted = await pair(alpn_protocols=["b", "a"], server={"alpn_protocols": ["x", "a", "b"]})
    assert client.alpn_protocol == accepted.alpn_protocol == "a"
    assert client.servername == accepted.servername == "localhost"
    assert (client.authorized, client.authorization_error) == (True, None)
    assert (accepted.authorized, accepted.authorization_error) == (False, None)
    assert client.get_protocol() == accepted.get_protocol() == "TLSv1.3"
    assert client.get_cipher() == ("TLS_AES_256_GCM_SHA384", "TLS_AES_256_GCM_SHA384", "TLSv1.3")
    assert client.get_peer_certificate() == accepted.get_certificate()
    assert client.get_peer_certificate()["subjectaltname"] == "DNS:localhost, IP Address:127.0.0.1"
    assert accepted.get_peer_certificate() == client.get_certificate() == {}
    assert client.remote_port == accepted.local_port
    assert (client.encrypted, client.secure_connecting, client.pending) == (True, False, False)
    assert "TLSv1.3" in repr(client)
    client.destroy()
    accepted.destroy()


@pytest.mark.parametrize("version", ["TLSv1.2", "TLSv1.3"])
async def test_issuers_are_told_up_to_the_authority_that_was_trusted(version, pair, authority):
    intermediate = authority.authority.create_child_ca()
    client, accepted = await pair(server=authority.issue(authority=intermediate) | {"max_version": version})
    found = client.get_peer_certificate(detailed=True)
    signer = found["issuer_certificate"]
    root = signer["issuer_certificate"]
    assert tls.X509Certificate(intermediate.cert_pem.bytes()).raw == signer["raw"]
    assert tls.X509Certificate(authority.pem).raw == root["raw"]
    assert root["issuer_certificate"] is root       # as in Node: who signs himself is the end
    assert "issuer_certificate" not in client.get_peer_certificate()
    client.destroy()
    accepted.destroy()


async def test_without_verification_issuers_are_told_as_far_as_they_were_sent(pair, authority):
    intermediate = authority.authority.create_child_ca()
    with pytest.warns(tls.UnverifiedTLSWarning):
        client, accepted = await pair(server=authority.issue(authority=intermediate), reject_unauthorized=False)
    signer = client.get_peer_certificate(detailed=True)["issuer_certificate"]
    assert tls.X509Certificate(intermediate.cert_pem.bytes()).raw == signer["raw"]
    assert "issuer_certificate" not in signer
    client.destroy()
    accepted.destroy()


async def test_without_offers_there_is_no_protocol(pair):
    client, accepted = await pair(server={"alpn_protocols": ["h2"]})
    assert (client.alpn_protocol, accepted.alpn_protocol) == (False, False)
    client.destroy()
    accepted.destroy()


async def test_tls_1_2_has_finished_messages_and_standard_names(pair):
    client, accepted = await pair(max_version="TLSv1.2", ciphers="ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256")
    assert client.get_protocol() == "TLSv1.2"
    assert client.get_cipher().standard_name.endswith("_WITH_AES_128_GCM_SHA256")
    assert client.get_finished() == accepted.get_peer_finished()
    assert len(client.get_finished()) == 12
    for ask in (client.get_peer_finished, accepted.get_finished):
        with pytest.raises(NotImplementedError):
            ask()
    client.destroy()
    accepted.destroy()


async def test_writes_and_end_before_the_handshake_wait_for_it(server, authority, record, closed):
    async with server() as listening:
        client = tls.connect(listening.address().port, ca=authority.pem)
        written = []
        client.write("one ", lambda error: written.append(error))
        client.write("two ", lambda error: written.append(error))
        client.end("three")
        assert client.bytes_written == 13
        received = []
        client.on("data", received.append)
        await closed(client)
    assert b"".join(received) == b"one two three"
    assert written == [None, None]


async def test_writes_before_a_handshake_that_fails_get_the_error(server, closed, code):
    async with server() as listening:
        client = tls.connect(listening.address().port)
        failed = []
        client.write("one", lambda error: failed.append(code(error)))
        client.on("error", lambda error: failed.append(code(error)))
        await closed(client)
    assert failed == ["UNABLE_TO_GET_ISSUER_CERT_LOCALLY"] * 2


async def test_counters_and_channels_count_plaintext(pair):
    sizes = []
    diagnostics.subscribe("socket.read", count := lambda message, name: sizes.append(message["size"]))
    try:
        client, accepted = await pair()
        client.end("hello")
        assert [chunk async for chunk in accepted] == [b"hello"]
    finally:
        diagnostics.unsubscribe("socket.read", count)
    assert (client.bytes_written, accepted.bytes_read) == (5, 5)
    assert sizes == [5]


async def test_handshakes_are_told_on_channels(pair):
    messages = []
    diagnostics.subscribe("tls.*", hear := lambda message, name: messages.append((name, message)))
    try:
        client, accepted = await pair(alpn_protocols=["h2"], server={"alpn_protocols": ["h2"]})
    finally:
        diagnostics.unsubscribe("tls.*", hear)
    names = [name for name, _ in messages]
    assert sorted(names) == ["tls.handshake.end"] * 2 + ["tls.handshake.start"] * 2
    ended = messages[names.index("tls.handshake.end")][1]
    assert ended["socket"] is client
    assert (ended["protocol"], ended["alpn_protocol"], ended["servername"], ended["reused"]) == (
        "TLSv1.3", "h2", "localhost", False)
    assert ended["elapsed_ms"] > 0
    client.destroy()
    accepted.destroy()


@pytest.mark.parametrize("version", ["TLSv1.2", "TLSv1.3"])
async def test_a_session_is_resumed(version, server, authority, happened, closed):
    async with server() as listening:
        options = {"port": listening.address().port, "ca": authority.pem, "max_version": version}
        first = tls.connect(**options)
        session, = await happened(first, "session")
        assert not first.is_session_reused()
        first.end()
        await closed(first)
        second = await tls.connect(**options, session=session)
        assert second.is_session_reused()
        assert second.authorized
        second.end()
        await closed(second)
        other = await tls.connect(**options, session=session, ciphers="DEFAULT" if version == "TLSv1.2" else None)
        assert other.is_session_reused() is (version == "TLSv1.3")      # equal options only
        other.end()
        await closed(other)


async def test_each_ticket_is_told_as_a_session_and_each_can_be_resumed_once(server, authority, closed):
    """OpenSSL's servers send two, in one flight; after a resumption one."""
    async with server(lambda socket: socket.end("bye")) as listening:
        options = {"port": listening.address().port, "ca": authority.pem}
        reused = []

        async def sessions_of(client):
            sessions = []
            client.on("session", sessions.append)
            client.on("secure_connect", lambda: reused.append(client.is_session_reused()))
            await closed(client)
            return sessions

        sessions = await sessions_of(tls.connect(**options))
        assert len({session.id for session in sessions}) == len(sessions) == 2
        for session in sessions:
            following = await sessions_of(tls.connect(**options, session=session))
            assert len(following) == 1
            assert following[0].id not in {session.id for session in sessions}
        assert reused == [False, True, True]


async def test_a_resumed_session_does_not_lead_to_another_host(server, authority, happened, closed, code):
    async with server() as listening:
        options = {"port": listening.address().port, "ca": authority.pem}
        first = tls.connect(**options)
        session, = await happened(first, "session")
        first.end()
        await closed(first)
        second = tls.connect(**options, session=session, servername="example.org")
        error, = await happened(second, "error")
        assert code(error) == "ERR_TLS_CERT_ALTNAME_INVALID"


async def test_key_log_lines_come_on_both_sides(server, authority, closed):
    async with server() as listening:
        lines, of_server = [], []
        listening.on("keylog", lambda line, socket: of_server.append(line))
        client = tls.connect(listening.address().port, ca=authority.pem).on("keylog", lines.append)
        await client
        client.end()
        await closed(client)
    assert sorted(lines) == sorted(of_server)
    assert all(line.endswith(b"\n") and line.count(b" ") == 2 for line in lines)
    assert b"CLIENT_TRAFFIC_SECRET_0" in b"".join(lines)


async def test_key_log_lines_are_those_of_the_connection_that_is_listened_to(server, authority):
    """Also when another has its handshake at the same time, with the same options."""
    lines = []
    async with server() as listening:
        clients = [tls.connect(listening.address().port, ca=authority.pem) for _ in range(3)]
        clients[1].on("keylog", lines.append)
        for client in clients:
            await client
        randoms = {line.split()[1] for line in lines}
        for client in clients:
            client.destroy()
    assert len(randoms) == 1


async def test_unix_socket(pair, tmp_path):
    client, accepted = await pair(path=tmp_path / "socket")
    client.end("hello")
    assert [chunk async for chunk in accepted] == [b"hello"]


async def test_behind_a_unix_socket_the_host_is_asked_for_and_verified_if_one_is_given(authority, certificate, closed,
                                                                                      happened, code, tmp_path):
    path = tmp_path / "socket"
    async with tls.create_server(lambda socket: socket.end(), **certificate).listen(path):
        for options, name in (({}, None), ({"host": "localhost"}, "localhost"), ({"host": "127.0.0.1"}, None)):
            client = await tls.connect(path, ca=authority.pem, **options)
            assert client.servername == name
            await closed(client)
        error, = await happened(tls.connect(path, ca=authority.pem, host="a.test"), "error")
    assert code(error) == "ERR_TLS_CERT_ALTNAME_INVALID"


async def test_async_iteration_gives_secure_connections(server, authority, closed):
    async with server(None) as listening:
        client = tls.connect(listening.address().port, ca=authority.pem).resume()
        async for socket in listening:
            assert socket.get_protocol() == "TLSv1.3"
            socket.end("hello")
            listening.close()
        await closed(client)


async def test_certificates_are_changed_without_a_restart(server, authority, closed):
    async with server() as listening:
        before = await tls.connect(listening.address().port, ca=authority.pem)
        listening.set_secure_context(**authority.issue("new.example"))
        after = await tls.connect(listening.address().port, ca=authority.pem, servername="new.example")
        before.end("still here")
        assert [chunk async for chunk in before] == [b"still here"]
        assert before.get_peer_certificate() == {}      # it is closed
        assert after.get_peer_certificate()["subjectaltname"] == "DNS:new.example"
        after.end()
        await closed(after)


async def test_added_contexts_answer_for_their_names(server, authority, closed, record):
    async with server() as listening:
        listening.add_context("*.example.org", authority.issue("*.example.org"))
        listening.add_context("b.example.org", tls.create_secure_context(**authority.issue("old.example.org")))
        listening.add_context("b.example.org", tls.create_secure_context(**authority.issue("b.example.org")))
        listening.add_context("api-*.example.org", authority.issue("api-1.example.org"))
        for name, expected in (("a.example.org", "*.example.org"), ("b.example.org", "b.example.org"),
                               ("api-1.example.org", "api-1.example.org"), ("A.Example.ORG", "*.example.org")):
            accepted = record(listening, "secure_connection")
            client = await tls.connect(listening.address().port, ca=authority.pem, servername=name)
            assert client.get_peer_certificate()["subjectaltname"] == f"DNS:{expected}"
            client.end()
            await closed(client)
            assert accepted[0][1].get_certificate()["subjectaltname"] == f"DNS:{expected}"


async def test_a_wildcard_of_an_added_context_stands_for_no_dot(server, authority, closed):
    async with server() as listening:
        listening.add_context("*.example.org", authority.issue("*.example.org"))
        client = await tls.connect(listening.address().port, ca=authority.pem, servername="a.b.example.org",
                                   check_server_identity=lambda name, certificate: None)
        assert client.get_peer_certificate()["subjectaltname"].startswith("DNS:localhost")
        client.end()
        await closed(client)


@pytest.mark.parametrize("kind", ["callback", "later", "returns", "coroutine"])
async def test_sni_callback(kind, server, authority, closed):
    import netloop
    context = tls.create_secure_context(**authority.issue("other.example"))

    async def answer(name):
        return context

    callbacks = {"callback": lambda name, callback: callback(None, context),
                 "later": lambda name, callback: netloop.set_timeout(callback, 1, None, context) and None,
                 "returns": lambda name: context,
                 "coroutine": answer}
    async with server(sni_callback=callbacks[kind]) as listening:
        client = await tls.connect(listening.address().port, ca=authority.pem, servername="other.example")
        client.end("through")
        assert [chunk async for chunk in client] == [b"through"]


@pytest.mark.parametrize(("answer", "expected"), [
    ((ValueError("no"), None), "ValueError"), ((None, "junk"), "ERR_TLS_INVALID_CONTEXT")])
async def test_sni_callback_that_refuses(answer, expected, server, authority, closed, happened, code):
    async with server(sni_callback=lambda name, callback: callback(*answer)) as listening:
        client = tls.connect(listening.address().port, ca=authority.pem)
        client.on("error", lambda error: None)
        error, _ = await happened(listening, "tls_client_error")
        assert code(error) == expected
        await closed(client)


@pytest.mark.parametrize("kind", ["plain", "coroutine"])
async def test_alpn_callback(kind, server, authority, closed):
    asked = []

    def choose(servername, protocols):
        asked.append((servername, protocols))
        return protocols[-1]

    async def choose_later(servername, protocols):
        return choose(servername, protocols)

    async with server(alpn_callback=choose if kind == "plain" else choose_later) as listening:
        client = await tls.connect(listening.address().port, ca=authority.pem, alpn_protocols=["a", "b"])
        assert client.alpn_protocol == "b"
        client.end()
        await closed(client)
    assert asked == [("localhost", ["a", "b"])]


async def test_a_name_that_is_not_ascii_is_asked_about_as_others(server, plain, client_bytes, happened):
    asked = []

    def refuse(name, callback):
        asked.append(name)
        callback(OSError("no"), None)

    async with server(sni_callback=refuse) as listening:
        with plain(listening.address().port) as client:
            await client.send(client_bytes().replace(b"localhost", b"l\xf6calhost"))
            error, socket = await happened(listening, "tls_client_error")
    assert (asked, socket.servername, str(error)) == (["l\xf6calhost"], "l\xf6calhost", "no")


@pytest.mark.parametrize("choice", ["sni_callback", "alpn_callback", "alpn_protocols", "add_context"])
async def test_a_client_hello_that_cannot_be_read_is_refused_where_it_matters(choice, server, plain, authority, happened,
                                                                              code):
    """OpenSSL might be able to, and serve a client that nobody has looked at."""
    options = {"sni_callback": {"sni_callback": pytest.fail}, "alpn_callback": {"alpn_callback": pytest.fail},
               "alpn_protocols": {"alpn_protocols": ["a"]}, "add_context": {}}
    async with server(**options[choice]) as listening:
        if choice == "add_context":
            listening.add_context("a.test", authority.issue("a.test"))
        with plain(listening.address().port) as client:
            await client.send(b"\x16\x03\x01\0\x05\x01\0\0\x01\0")
            error, _ = await happened(listening, "tls_client_error")
            assert code(error) == "ERR_SSL_DECODE_ERROR"
            assert await client.receive_all() == b"\x15\x03\x03\x00\x02\x02\x32"      # the alert decode_error


@pytest.mark.parametrize("option", ["sni_callback", "alpn_callback", "alpn_callback, after sni_callback"])
async def test_a_callback_that_takes_too_long_is_cancelled(option, server, authority, happened, closed, code):
    import asyncio
    ends = []

    async def ponder(*arguments):
        try:
            await asyncio.get_running_loop().create_future()
        finally:
            ends.append(option)

    option, _, first = option.partition(", after ")
    callbacks = {option: ponder} | ({first: lambda name, callback: callback(None, None)} if first else {})
    async with server(**callbacks, handshake_timeout=20) as listening:
        client = tls.connect(listening.address().port, ca=authority.pem, alpn_protocols=["a"]).on("error", lambda: None)
        error, _ = await happened(listening, "tls_client_error")
        assert code(error) == "ERR_TLS_HANDSHAKE_TIMEOUT"
        await closed(client)
        await settle()
    assert ends == [option]


@pytest.mark.parametrize("option", ["sni_callback", "alpn_callback"])
async def test_a_callback_is_cancelled_when_the_client_leaves(option, server, authority, happened, code):
    import asyncio
    began = asyncio.get_running_loop().create_future()
    ended = asyncio.get_running_loop().create_future()

    async def ponder(*arguments):
        began.set_result(None)
        try:
            await asyncio.get_running_loop().create_future()
        finally:
            ended.set_result(None)

    async with server(**{option: ponder}) as listening:
        client = tls.connect(listening.address().port, ca=authority.pem, alpn_protocols=["a"]).on("error", lambda: None)
        await began
        client.destroy()
        error, _ = await happened(listening, "tls_client_error")
        assert code(error) == "ECONNRESET"
        await ended


async def test_a_client_that_goes_on_while_a_callback_takes_its_time_costs_no_memory(server, plain, client_bytes, happened):
    import asyncio
    began = asyncio.get_running_loop().create_future()

    async def ponder(name):
        began.set_result(None)
        await asyncio.get_running_loop().create_future()

    async with server(sni_callback=ponder, handshake_timeout=50) as listening:
        with plain(listening.address().port) as client:
            await client.send(client_bytes())
            await began
            sending = asyncio.ensure_future(client.send(bytes(16 << 20)))
            await happened(listening, "tls_client_error")
            assert not sending.done()           # the kernel has no room: nobody reads
            sending.cancel()


@pytest.mark.parametrize("option", ["sni_callback", "alpn_callback"])
async def test_a_callback_that_ends_cancelled_refuses_the_client(option, server, authority, closed, happened, code):
    import asyncio

    async def give_up(*arguments):
        raise asyncio.CancelledError

    async with server(**{option: give_up}) as listening:
        client = tls.connect(listening.address().port, ca=authority.pem, alpn_protocols=["a"]).on("error", lambda: None)
        error, _ = await happened(listening, "tls_client_error")
        assert code(error) == "ABORT_ERR"
        await closed(client)


@pytest.mark.parametrize("options", [{"alpn_protocols": ["x"]}, {"alpn_callback": lambda name, offered: None},
                                     {"alpn_callback": lambda name, offered: "not offered"}])
async def test_no_common_protocol_is_refused_with_its_alert(options, server, authority, happened, code):
    async with server(**options) as listening:
        client = tls.connect(listening.address().port, ca=authority.pem, alpn_protocols=["a"])
        error, = await happened(client, "error")
    assert code(error) == "ERR_SSL_TLSV1_ALERT_NO_APPLICATION_PROTOCOL"


async def test_client_certificate(server, authority, closed, happened):
    mine = authority.issue("me", common_name="me")
    async with server(None, request_cert=True, ca=authority.pem) as listening:
        client = tls.connect(listening.address().port, ca=authority.pem, **mine)
        accepted, = await happened(listening, "secure_connection")
        assert accepted.authorized
        assert accepted.get_peer_certificate()["subject"]["CN"] == "me"
        assert client.get_certificate() == accepted.get_peer_certificate()
        accepted.end()
        await closed(client)


async def test_client_certificate_that_is_asked_for_but_not_needed(server, authority, closed, happened):
    async with server(None, request_cert=True, reject_unauthorized=False, ca=authority.pem) as listening:
        client = tls.connect(listening.address().port, ca=authority.pem)
        accepted, = await happened(listening, "secure_connection")
        assert (accepted.authorized, accepted.authorization_error) == (False, "UNABLE_TO_GET_ISSUER_CERT")
        accepted.end()
        await closed(client)


@pytest.mark.parametrize("version", ["TLSv1.2", "TLSv1.3"])
async def test_client_without_the_certificate_that_is_required(version, server, authority, happened, closed, code):
    async with server(None, request_cert=True, ca=authority.pem, max_version=version) as listening:
        client = tls.connect(listening.address().port, ca=authority.pem)
        refusals = []
        client.on("error", lambda error: refusals.append(code(error)))
        error, _ = await happened(listening, "tls_client_error")
        await closed(client)
    assert code(error) == "ERR_SSL_PEER_DID_NOT_RETURN_A_CERTIFICATE"
    assert refusals == ["ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED" if version == "TLSv1.3"
                        else "ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE"]


async def test_several_certificates_serve_several_kinds_of_clients(server, authority, closed):
    import trustme
    both = [authority.issue("localhost", key_type=kind) for kind in (trustme.KeyType.RSA, trustme.KeyType.ECDSA)]
    async with server(cert=[each["cert"] for each in both], key=[each["key"] for each in both]) as listening:
        for kind, field in (("RSA", "modulus"), ("ECDSA", "asn1_curve")):
            client = await tls.connect(listening.address().port, ca=authority.pem, max_version="TLSv1.2",
                                       ciphers=f"ECDHE-{kind}-AES128-GCM-SHA256")
            assert field in client.get_peer_certificate()
            client.end()
            await closed(client)


async def test_suites_with_dhe_need_dhparam(server, authority, closed, happened):
    import trustme
    options = authority.issue("localhost", key_type=trustme.KeyType.RSA) | {"ciphers": "DHE-RSA-AES128-GCM-SHA256"}
    async with server(dhparam="auto", **options) as listening:
        client = await tls.connect(listening.address().port, ca=authority.pem, ciphers=options["ciphers"])
        assert client.get_cipher().name == "DHE-RSA-AES128-GCM-SHA256"
        client.end()
        await closed(client)
    async with server(**options) as listening:
        client = tls.connect(listening.address().port, ca=authority.pem, ciphers=options["ciphers"])
        await happened(client, "error")
        await closed(client)


def test_the_group_of_auto_is_that_of_rfc_7919():
    """p = 2^2048 - 2^1984 + ([2^1918 * e] + 560316) * 2^64 - 1"""
    import base64

    from netloop.tls import der
    from netloop.tls.dh_groups import FFDHE2048
    parameters = base64.b64decode(b"".join(FFDHE2048.splitlines()[1:-1]))
    prime, generator = map(der.as_int, der.children(der.read(parameters).content))
    e, term, number = 0, 1 << 1918 + 64, 1
    while term:
        e, term, number = e + term, term // number, number + 1
    assert prime == (1 << 2048) - (1 << 1984) + ((e >> 64) + 560316 << 64) - 1
    assert generator == 2


async def test_verification_switched_off_warns_and_says_so(server, closed):
    async with server() as listening:
        with pytest.warns(tls.UnverifiedTLSWarning):
            client = tls.connect(listening.address().port, reject_unauthorized=False)
        await client
        assert (client.authorized, client.authorization_error) == (False, "UNVERIFIED")
        assert client.get_peer_certificate()["subjectaltname"]
        client.end()
        await closed(client)


async def test_own_check_of_the_identity(server, authority, closed, happened):
    checked = []

    def pin(host, certificate):
        checked.append((host, certificate["fingerprint256"]))
        return ValueError("not the one I know") if host == "localhost" else None

    async with server() as listening:
        client = tls.connect(listening.address().port, ca=authority.pem, check_server_identity=pin)
        error, = await happened(client, "error")
        assert str(error) == "not the one I know"
        assert checked[0][0] == "localhost"


async def test_destroy_in_a_listener_is_obeyed(server, authority, record, closed):
    async with server() as listening:
        for event in ("connect", "secure", "secure_connect"):
            client = tls.connect(listening.address().port, ca=authority.pem)
            client.once(event, client.destroy)
            log = record(client, "connect", "secure", "secure_connect", "error", "close")
            await closed(client)
            assert log[-2:] == [event, ("close", False)]


async def test_cancelled_wait_leaves_nothing(server, authority):
    import asyncio
    async with server() as listening:
        async def wait():
            await tls.connect(listening.address().port, ca=authority.pem)

        task = asyncio.ensure_future(wait())
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task


async def test_max_connections_apply(server, authority, record, closed):
    async with server() as listening:
        listening.max_connections = 0
        drops = record(listening, "drop", "secure_connection")
        client = tls.connect(listening.address().port, ca=authority.pem)
        client.on("error", lambda error: None)
        await closed(client)
    assert [event for event, _ in drops] == ["drop"]


def test_wrong_arguments_raise_at_once():
    for options, expected in [({"servername": "127.0.0.1"}, "ERR_INVALID_ARG_VALUE"),
                              ({"servername": 5}, "ERR_INVALID_ARG_TYPE"),
                              ({"session": b"junk"}, "ERR_INVALID_ARG_TYPE"),
                              ({"min_version": "TLSv9"}, "ERR_TLS_INVALID_PROTOCOL_VERSION"),
                              ({"min_version": "TLSv1.2", "secure_protocol": "TLS_method"},
                               "ERR_TLS_PROTOCOL_VERSION_CONFLICT"),
                              ({"alpn_protocols": "h2"}, "ERR_INVALID_ARG_TYPE"),
                              ({"alpn_protocols": [b"x" * 256]}, "ERR_OUT_OF_RANGE"),
                              ({"request_ocsp": True}, "ERR_FEATURE_UNAVAILABLE_ON_PLATFORM"),
                              ({"sigalgs": "x"}, "ERR_FEATURE_UNAVAILABLE_ON_PLATFORM"),
                              ({"secure_context": ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)}, "ERR_INVALID_ARG_TYPE"),
                              ({"check_server_identity": 5}, "ERR_INVALID_ARG_TYPE"),
                              ({"socket": net}, "ERR_INVALID_ARG_TYPE")]:
        with pytest.raises((TypeError, ValueError, NotImplementedError)) as raised:
            tls.connect(**({"port": 1} if "socket" not in options else {}), **options)
        assert raised.value.code == expected, options
    with pytest.raises(TypeError, match="no_such_option"):
        tls.connect(1, no_such_option=True)


@pytest.mark.parametrize("name", ["renegotiate", "get_ephemeral_key_info", "get_shared_sigalgs", "get_tls_ticket",
                                  "enable_trace"])
def test_what_ssl_cannot_do_says_so(name):
    socket = tls.TLSSocket()
    with pytest.raises(NotImplementedError) as raised:
        getattr(socket, name)()
    assert raised.value.code == "ERR_FEATURE_UNAVAILABLE_ON_PLATFORM"
    assert name in str(raised.value)


def test_events_that_never_come_are_refused(certificate):
    server = tls.create_server(**certificate)
    for event in ("new_session", "resume_session", "ocsp_request"):
        with pytest.raises(NotImplementedError):
            server.on(event, lambda: None)
        assert server.listener_count(event) == 0
