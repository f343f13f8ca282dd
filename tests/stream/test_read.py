"""read(size), unshift() and set_encoding(): what is taken, put back and decoded."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netloop import run, set_immediate
from netloop.stream import Readable


def filled(*chunks, end=True, **options):
    readable = Readable(read=lambda stream, size: None, **options)
    for chunk in chunks:
        readable.push(chunk)
    if end:
        readable.push(None)
    return readable


def test_read_without_size_gives_everything():
    readable = filled(b"ab", b"cd")
    assert readable.read() == b"abcd"
    assert readable.read() is None


def test_read_cuts_and_joins_chunks():
    readable = filled(b"abc", b"def", b"gh")
    assert [readable.read(2), readable.read(3), readable.read(3)] == [b"ab", b"cde", b"fgh"]
    assert readable.readable_length == 0


def test_read_of_more_than_there_is_gives_none_until_the_end():
    readable = filled(b"abc", end=False)
    assert readable.read(5) is None
    assert readable.read(2) == b"ab"
    readable.push(None)
    assert readable.read(5) == b"c"
    assert readable.read(5) is None


def test_read_of_more_than_the_mark_raises_the_mark():
    readable = filled(b"abc", end=False, high_water_mark=4)
    assert readable.read(10) is None
    assert readable.readable_high_water_mark == 16


def test_read_zero_takes_nothing(source):
    readable = source()
    readable.push(b"a")
    assert readable.read(0) is None
    assert readable.readable_length == 1
    assert readable.asked == 1


def test_read_emits_data(record):
    readable = filled(b"abc")
    readable.pause()
    log = record(readable, "data")
    readable.read(2)
    assert log == [("data", b"ab")]


def test_read_in_object_mode_gives_one_object_whatever_the_size():
    readable = filled([1], [2], [3], object_mode=True)
    assert [readable.read(), readable.read(2), readable.read(), readable.read()] == [[1], [2], [3], None]


def test_the_last_read_ends_the_stream(record):
    readable = filled(b"abc")
    log = record(readable, "end", "close")

    def main():
        readable.read()
        set_immediate(lambda: None)

    run(main)
    assert log == ["end", "close"]


def test_read_after_destroy_gives_nothing():
    readable = filled(b"abc")
    readable.destroy()
    assert readable.read() is None
    assert readable.readable_length == 0


@given(st.lists(st.binary(max_size=5), max_size=12), st.lists(st.integers(0, 9), max_size=12))
def test_any_way_of_reading_gives_the_same_bytes(chunks, sizes):
    readable = filled(*chunks)
    pieces = [readable.read(size) for size in sizes]
    pieces.append(readable.read())
    assert b"".join(piece for piece in pieces if piece is not None) == b"".join(chunks)
    for size, piece in zip(sizes, pieces, strict=False):
        assert piece is None or len(piece) <= size


@given(st.binary(max_size=30), st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), max_size=12))
def test_what_is_put_back_is_read_again_in_its_place(data, steps):
    readable = filled(data)
    taken = b""
    for size, back in steps:
        piece = readable.read(size)
        if piece:
            keep = max(0, len(piece) - back)
            readable.unshift(piece[keep:])
            taken += piece[:keep]
    assert taken + (readable.read() or b"") == data


@pytest.mark.parametrize("chunk", [b"ab", bytearray(b"ab"), memoryview(b"ab"), "ab"])
def test_push_and_unshift_take_every_kind_of_data(chunk):
    readable = filled(chunk, end=False)
    readable.unshift(chunk)
    assert readable.read() == b"abab"


def test_unshift_between_the_last_read_and_end_is_read_again(record):
    readable = filled(b"abc")
    readable.pause()
    log = record(readable, "data", "end")

    def main():
        readable.read()
        readable.unshift(b"c")
        set_immediate(readable.read)

    run(main)
    assert log == [("data", b"abc"), ("data", b"c"), "end"]


def test_unshift_after_end_fails(record, code):
    readable = filled(b"a", auto_destroy=False)
    log = record(readable, "data", "end", "error")
    run(lambda: set_immediate(lambda: readable.unshift(b"a")))
    assert [code(entry[1]) for entry in log if entry[0] == "error"] == ["ERR_STREAM_UNSHIFT_AFTER_END_EVENT"]


def test_unshift_while_flowing_hands_the_chunk_on(source, record):
    readable = source()
    log = record(readable, "data")
    run(lambda: set_immediate(lambda: readable.unshift(b"back")))
    assert log == [("data", b"back")]


# --- encodings ----------------------------------------------------------------------------------------------

def test_set_encoding_gives_str_and_never_splits_a_character(source, record):
    readable = source()
    assert readable.set_encoding("utf8") is readable
    log = record(readable, "data", "end")

    def main():
        for byte in "aé€😀".encode():
            readable.push(bytes([byte]))
        readable.push(None)

    run(main)
    assert log == [("data", "a"), ("data", "é"), ("data", "€"), ("data", "😀"), "end"]
    assert readable.readable_encoding == "utf8"


def test_the_rest_of_a_broken_character_comes_at_the_end():
    readable = filled(b"a\xe2\x82", encoding="utf8")
    assert readable.read() == "a\ufffd"


def test_set_encoding_decodes_what_is_buffered():
    readable = filled("aé".encode()[:2], end=False)
    readable.read(1)
    readable.set_encoding("utf-8")
    assert readable.readable_length == 0
    readable.push("é".encode()[1:])
    assert readable.read() == "é"


def test_read_counts_characters():
    readable = filled("aé€".encode(), encoding="utf8")
    assert readable.readable_length == 3
    assert [readable.read(2), readable.read()] == ["aé", "€"]


def test_push_of_str_in_the_stream_s_encoding_is_left_alone():
    readable = filled(encoding="utf8", end=False)
    readable.push("é", "utf8")
    readable.push("c3a9", "hex")
    assert readable.read() == "éé"


def test_push_of_str_into_a_stream_of_bytes_is_encoded():
    readable = filled(end=False)
    readable.push("é")
    readable.push("00ff", "hex")
    assert readable.read() == b"\xc3\xa9\x00\xff"


def test_unshift_into_a_stream_with_an_encoding_takes_what_was_read_and_bytes():
    readable = filled(b"c", encoding="utf8", end=False)
    readable.unshift("é")
    readable.unshift(b"a")
    readable.unshift("62", "hex")
    assert readable.read() == "baéc"


def test_an_unknown_encoding_is_refused(code):
    with pytest.raises(ValueError) as caught:
        Readable(encoding="klingon")
    assert code(caught.value) == "ERR_UNKNOWN_ENCODING"
    with pytest.raises(ValueError):
        Readable().set_encoding("klingon")


@given(st.text(max_size=12), st.lists(st.integers(1, 5), min_size=1, max_size=12))
def test_any_split_of_the_bytes_decodes_to_the_same_text(text, cuts):
    data = text.encode()
    chunks, at = [], 0
    for cut in cuts:
        chunks.append(data[at:at + cut])
        at += cut
    readable = filled(*chunks, data[at:], encoding="utf8")
    assert (readable.read() or "") == text
