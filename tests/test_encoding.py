from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netloop.encoding import StreamDecoder, decode, encode, normalise
from netloop.errors import ArgumentTypeError, ArgumentValueError

ENCODINGS = ["utf8", "utf16le", "latin1", "ascii", "hex", "base64", "base64url"]
REPLACEMENT = "\N{REPLACEMENT CHARACTER}"

encodings = st.sampled_from(ENCODINGS)
# Mostly pieces of multi-byte characters, which random bytes seldom are.
fragments = st.sampled_from([
    b"\xe2\x82\xac", b"\xf0\x9f\x98\x80", b"\xe2\x82", b"\xf0\x9f", b"\x80", b"\xff", b"a",
    b"\x3d\xd8\x00\xde", b"\x3d\xd8", b"\x00\xde",
])
chunks = st.lists(fragments | st.binary(max_size=5))


@pytest.mark.parametrize(("name", "canonical"), [
    ("utf8", "utf8"), ("UTF-8", "utf8"), ("Utf8", "utf8"),
    ("ucs2", "utf16le"), ("UCS-2", "utf16le"), ("utf-16le", "utf16le"), ("UTF16LE", "utf16le"),
    ("binary", "latin1"), ("latin1", "latin1"), ("ASCII", "ascii"), ("Hex", "hex"),
    ("base64", "base64"), ("BASE64URL", "base64url"),
])
def test_names_are_normalised_whatever_their_case(name: str, canonical: str) -> None:
    assert normalise(name) == canonical


@pytest.mark.parametrize("name", ["klingon", "", "utf 8", "utf-16"])
def test_an_unknown_name_is_a_value_error_with_nodes_code(name: str) -> None:
    with pytest.raises(ArgumentValueError, match="one of utf8, utf16le") as caught:
        normalise(name)
    assert caught.value.code == "ERR_UNKNOWN_ENCODING"


def test_a_name_that_is_no_str_is_a_type_error_with_nodes_code() -> None:
    with pytest.raises(ArgumentTypeError) as caught:
        StreamDecoder(8)  # type: ignore[arg-type]
    assert caught.value.code == "ERR_UNKNOWN_ENCODING"


# The expected values are what Node's Buffer.from(text, encoding) gives.
@pytest.mark.parametrize(("encoding", "text", "data"), [
    ("utf8", "a€😀", b"a\xe2\x82\xac\xf0\x9f\x98\x80"),
    ("utf8", "a\ud800b", b"a\xef\xbf\xbdb"),
    ("utf8", "\ud83d\ude00", b"\xf0\x9f\x98\x80"),
    ("utf16le", "a😀", b"a\0\x3d\xd8\x00\xde"),
    ("utf16le", "\ud800", b"\x00\xd8"),
    ("latin1", "é", b"\xe9"),
    ("latin1", "€a😀", b"\xac\x61\x3d\x00"),
    ("ascii", "é", b"\xe9"),
    ("hex", "abcD", b"\xab\xcd"),
    ("hex", "abc", b"\xab"),
    ("hex", "abxxcd", b"\xab"),
    ("hex", "ab cd", b"\xab"),
    ("hex", "zz", b""),
    ("base64", "YWJj", b"abc"),
    ("base64", "YQ", b"a"),
    ("base64", "Y", b""),
    ("base64", "YWJj YWJj\n", b"abcabc"),
    ("base64", "YQ==YQ==", b"a"),
    ("base64", "YW!Jj", b"abc"),
    ("base64", "=YQ==", b""),
    ("base64", "Y-_j", b"\x63\xef\xe3"),
    ("base64url", "Y+/j", b"\x63\xef\xe3"),
    ("base64url", "YWJjZ", b"abc"),
])
def test_encode_takes_text_to_the_bytes_that_node_gives(encoding: str, text: str, data: bytes) -> None:
    assert encode(text, encoding) == data


@pytest.mark.parametrize(("encoding", "data", "text"), [
    ("utf8", b"\xe2\x82\xac", "€"),
    ("utf8", b"\xed\xa0\x80", REPLACEMENT * 3),
    ("utf8", b"\xef\xbb\xbfa", "\N{ZERO WIDTH NO-BREAK SPACE}a"),
    ("utf16le", b"a\0b", "a"),
    ("latin1", b"\xe9", "é"),
    ("ascii", b"\xe9", "i"),
    ("hex", b"\xab\xcd", "abcd"),
    ("base64", b"\xff\xfe", "//4="),
    ("base64url", b"\xff\xfe", "__4"),
])
def test_decode_takes_bytes_to_the_text_that_node_gives(encoding: str, data: bytes, text: str) -> None:
    assert decode(data, encoding) == text


@pytest.mark.parametrize(("encoding", "pieces", "texts", "end"), [
    ("utf8", [b"\xe2", b"\x82", b"\xac"], ["", "", "€"], ""),
    ("utf8", [b"\xe2\x82"], [""], REPLACEMENT),
    ("utf8", [b"\xf0\x9f", b"A"], ["", REPLACEMENT + "A"], ""),
    ("utf8", [b"\xff\xe2"], [REPLACEMENT], REPLACEMENT),
    ("utf16le", [b"\x41"], [""], ""),
    ("base64", [b"\1", b"\2", b"\3\4"], ["", "", "AQID"], "BA=="),
    ("base64url", [b"\xff", b"\xfe"], ["", ""], "__4"),
    ("hex", [b"\1", b"\2"], ["01", "02"], ""),
])
def test_a_stream_decoder_holds_back_what_is_not_complete(
    encoding: str, pieces: list[bytes], texts: list[str], end: str
) -> None:
    decoder = StreamDecoder(encoding)
    assert [decoder.write(piece) for piece in pieces] == texts
    assert decoder.end() == end


def test_half_a_surrogate_pair_becomes_a_replacement_character_at_the_end() -> None:
    decoder = StreamDecoder("ucs2")
    assert decoder.write(b"\x3d\xd8") == ""
    assert decoder.end() == REPLACEMENT


def test_a_decoder_can_be_used_again_after_its_end() -> None:
    decoder = StreamDecoder("utf8")
    decoder.write(b"\xe2")
    decoder.end()
    assert decoder.end(b"a") == "a"


@pytest.mark.parametrize("kind", [bytearray, memoryview])
@pytest.mark.parametrize("encoding", ENCODINGS)
def test_bytearray_and_memoryview_are_decoded_as_bytes_are(
    encoding: str, kind: type[bytearray | memoryview]
) -> None:
    data = b"a\xe2\x82\xac\xff"
    decoder = StreamDecoder(encoding)
    pieces = decoder.write(kind(data[:2])) + decoder.write(kind(data[2:])) + decoder.end()
    assert pieces == decode(kind(data), encoding) == decode(data, encoding)


@given(encodings, chunks)
def test_any_split_decodes_to_the_same_text(encoding: str, pieces: list[bytes]) -> None:
    decoder = StreamDecoder(encoding)
    text = "".join([decoder.write(piece) for piece in pieces]) + decoder.end()
    assert text == decode(b"".join(pieces), encoding)


@given(encodings, chunks)
def test_byte_by_byte_decodes_to_the_same_text(encoding: str, pieces: list[bytes]) -> None:
    decoder, data = StreamDecoder(encoding), b"".join(pieces)
    text = "".join([decoder.write(data[at:at + 1]) for at in range(len(data))]) + decoder.end()
    assert text == decode(data, encoding)


@given(st.sampled_from(["hex", "base64", "base64url", "latin1"]), st.binary())
def test_encode_undoes_decode_for_any_bytes(encoding: str, data: bytes) -> None:
    assert encode(decode(data, encoding), encoding) == data


@given(st.sampled_from(["utf8", "utf16le"]), st.text())
def test_decode_undoes_encode_for_any_text(encoding: str, text: str) -> None:
    assert decode(encode(text, encoding), encoding) == text


@given(encodings, st.text() | st.text(alphabet="a€\ud800\udc00"))
def test_no_text_fails_to_encode(encoding: str, text: str) -> None:
    assert isinstance(encode(text, encoding), bytes)


@given(st.text(alphabet="ab\ud800\udc00"))
def test_lone_surrogates_never_reach_the_wire_as_utf8(text: str) -> None:
    encode(text, "utf8").decode("utf-8")
