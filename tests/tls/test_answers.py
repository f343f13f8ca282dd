"""What a listener writes while it gets the records of one receive, which leaves together after the last."""

from __future__ import annotations

import os

import pytest

RECORDS = [bytes([number]) * 16384 for number in range(8)]      # full ones: each is a chunk
SENT = b"".join(RECORDS)


@pytest.fixture
def together(pair):
    """``client, accepted, received = await together(answer)``: all RECORDS are there when ``answer(accepted, data)``
    gets the first.
    """
    async def connect(answer):
        client, accepted = await pair()
        received = []
        client.on("data", received.append)
        accepted.on("data", lambda data: answer(accepted, data))
        for record in RECORDS:
            client.write(record)
        return client, accepted, received

    return connect


def echo(accepted, data):
    accepted.write(data)


async def test_answers_arrive_in_the_order_of_the_records(together, happened):
    client, accepted, received = await together(echo)
    client.end()
    await happened(client, "end")
    assert b"".join(received) == SENT
    assert accepted.bytes_written == accepted.bytes_read == len(SENT)


async def test_large_and_small_answers_keep_their_order(together, happened):
    def answer(accepted, data):
        accepted.write(data[:1] * (50_000 if data[0] % 3 == 0 else 100))

    client, _, received = await together(answer)
    client.end()
    await happened(client, "end")
    assert b"".join(received) == b"".join(record[:1] * (50_000 if record[0] % 3 == 0 else 100) for record in RECORDS)


async def test_callbacks_of_answers_are_called(together, happened):
    done = []
    client, _, _ = await together(lambda accepted, data: accepted.write(data, done.append))
    client.end()
    await happened(client, "end")
    assert done == [None] * len(RECORDS)


async def test_what_was_written_before_destroy_leaves(together, closed):
    def answer(accepted, data):
        accepted.write(data)
        if data[0] == 1:
            accepted.destroy()

    client, _, received = await together(answer)
    client.on("error", lambda: None)
    await closed(client)
    assert b"".join(received) == SENT[:2 * 16384]


async def test_end_comes_behind_what_was_written(together, happened):
    def answer(accepted, data):
        if accepted.writable:
            accepted.write(data)
            if data[0] == 1:
                accepted.end("bye")

    client, _, received = await together(answer)
    await happened(client, "end")
    assert b"".join(received) == SENT[:2 * 16384] + b"bye"
    assert not client.truncated


async def test_an_alert_comes_behind_what_was_written(together, happened, code):
    client, accepted, received = await together(echo)
    accepted.on("error", lambda: None)
    os.write(client.fileno(), b"\x17\x03\x03\0\x20" + b"x" * 32)
    error, = await happened(client, "error")
    assert code(error) == "ERR_SSL_SSLV3_ALERT_BAD_RECORD_MAC"
    assert b"".join(received) == SENT
