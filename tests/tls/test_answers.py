"""What a listener writes while it gets the chunks of one receive, which leaves together after the last."""

from __future__ import annotations

import os

import pytest

SIZE = 50_000                   # so much is a chunk, if it was received whole
PIECES = [bytes([number]) * SIZE for number in range(8)]
SENT = b"".join(PIECES)
SOME = 40_000                   # the kernel takes so much at once


@pytest.fixture
def together(pair):
    """``client, accepted, received = await together(answer)``: ``answer(accepted, data)`` gets the pieces, of which one
    receive brings more than one.
    """
    async def connect(answer, pieces=PIECES):
        client, accepted = await pair()
        received = []
        client.on("data", received.append)
        accepted.on("data", lambda data: answer(accepted, data))
        for piece in pieces:
            client.write(piece)
        return client, accepted, received

    return connect


def echo(accepted, data):
    accepted.write(data)


async def test_answers_arrive_in_the_order_of_the_pieces(together, happened):
    client, accepted, received = await together(echo)
    client.end()
    await happened(client, "end")
    assert b"".join(received) == SENT
    assert accepted.bytes_written == accepted.bytes_read == len(SENT)


async def test_large_and_small_answers_keep_their_order(together, happened):
    def size(number):
        return 60_000 if number % 3 == 0 else 100

    seen = set()

    def answer(accepted, data):
        for number in sorted(set(data) - seen):
            seen.add(number)
            accepted.write(bytes([number]) * size(number))

    client, _, received = await together(answer)
    client.end()
    await happened(client, "end")
    assert b"".join(received) == b"".join(bytes([number]) * size(number) for number in range(len(PIECES)))


async def test_callbacks_of_answers_are_called(together, happened):
    answers, done = [], []
    client, _, _ = await together(lambda accepted, data: answers.append(accepted.write(data, done.append)))
    client.end()
    await happened(client, "end")
    assert done == [None] * len(answers)


def echo_some(accepted, data):
    """Echo SOME bytes of all that comes; whether that was the last of them."""
    accepted.write(data[:SOME - accepted.bytes_written])
    return accepted.bytes_written == SOME


async def test_what_was_written_before_destroy_leaves(together, closed):
    client, _, received = await together(lambda accepted, data: echo_some(accepted, data) and accepted.destroy())
    client.on("error", lambda: None)
    await closed(client)
    assert b"".join(received) == SENT[:SOME]


async def test_end_comes_behind_what_was_written(together, happened):
    def answer(accepted, data):
        if accepted.writable and echo_some(accepted, data):
            accepted.end("bye")

    client, _, received = await together(answer)
    await happened(client, "end")
    assert b"".join(received) == SENT[:SOME] + b"bye"
    assert not client.truncated


async def test_an_alert_comes_behind_what_was_written(together, happened, code):
    client, accepted, received = await together(echo, PIECES[:1])
    accepted.on("error", lambda: None)
    os.write(client.fileno(), b"\x17\x03\x03\0\x20" + b"x" * 32)
    error, = await happened(client, "error")
    assert code(error) == "ERR_SSL_SSLV3_ALERT_BAD_RECORD_MAC"
    assert b"".join(received) == PIECES[0]
