"""UTF-8 validation that can stop at any byte and go on with the next chunk (RFC 3629).

A finite automaton reads byte after byte, so it fails at the first byte that no text can continue with: overlong forms,
surrogates and what is beyond U+10FFFF included.  Its nine states are numbered in steps of six: a row of the table holds,
for one byte, the successors of all states, six bits each, and a step is one load and one shift by the state.  Blocks of
ASCII, which is most of most text, are passed over 32 bytes at a time.
"""

from cpython.bytes cimport PyBytes_AS_STRING

cdef extern from *:
    """
    #include <stdint.h>
    #include <string.h>

    /* What is expected next.  COMPLETE is 0, and INVALID is where every row leads that says nothing else. */
    enum {
        COMPLETE = 0,
        ONE_MORE = 6, TWO_MORE = 12, THREE_MORE = 18,       /* continuation bytes, any */
        AFTER_E0 = 24, AFTER_ED = 30,       /* the second of three: no overlong form, no surrogate */
        AFTER_F0 = 36, AFTER_F4 = 42,       /* the second of four: no overlong form, not beyond U+10FFFF */
        INVALID = 48
    };

    static uint64_t netloop_utf8_rows[256];

    static void netloop_utf8_rule(unsigned state, unsigned first, unsigned last, unsigned next) {
        for (unsigned byte = first; byte <= last; byte++) {
            netloop_utf8_rows[byte] &= ~((uint64_t)63 << state);
            netloop_utf8_rows[byte] |= (uint64_t)next << state;
        }
    }

    static void netloop_utf8_rules(void) {
        for (unsigned state = 0; state <= INVALID; state += 6)
            netloop_utf8_rule(state, 0x00, 0xFF, INVALID);
        netloop_utf8_rule(COMPLETE, 0x00, 0x7F, COMPLETE);
        netloop_utf8_rule(COMPLETE, 0xC2, 0xDF, ONE_MORE);
        netloop_utf8_rule(COMPLETE, 0xE0, 0xE0, AFTER_E0);
        netloop_utf8_rule(COMPLETE, 0xE1, 0xEF, TWO_MORE);
        netloop_utf8_rule(COMPLETE, 0xED, 0xED, AFTER_ED);
        netloop_utf8_rule(COMPLETE, 0xF0, 0xF0, AFTER_F0);
        netloop_utf8_rule(COMPLETE, 0xF1, 0xF3, THREE_MORE);
        netloop_utf8_rule(COMPLETE, 0xF4, 0xF4, AFTER_F4);
        netloop_utf8_rule(ONE_MORE, 0x80, 0xBF, COMPLETE);
        netloop_utf8_rule(TWO_MORE, 0x80, 0xBF, ONE_MORE);
        netloop_utf8_rule(THREE_MORE, 0x80, 0xBF, TWO_MORE);
        netloop_utf8_rule(AFTER_E0, 0xA0, 0xBF, ONE_MORE);
        netloop_utf8_rule(AFTER_ED, 0x80, 0x9F, ONE_MORE);
        netloop_utf8_rule(AFTER_F0, 0x90, 0xBF, TWO_MORE);
        netloop_utf8_rule(AFTER_F4, 0x80, 0x8F, TWO_MORE);
    }

    static inline int netloop_is_ascii_block(const unsigned char *data) {
        uint64_t words[4];
        memcpy(words, data, 32);
        return !((words[0] | words[1] | words[2] | words[3]) & 0x8080808080808080u);
    }

    /* Eight steps.  The lowest six bits of a row are the state; the processor's shift ignores the others by itself. */
    static inline uint64_t netloop_utf8_steps(uint64_t row, const unsigned char *data) {
        row = netloop_utf8_rows[data[0]] >> (row & 63);
        row = netloop_utf8_rows[data[1]] >> (row & 63);
        row = netloop_utf8_rows[data[2]] >> (row & 63);
        row = netloop_utf8_rows[data[3]] >> (row & 63);
        row = netloop_utf8_rows[data[4]] >> (row & 63);
        row = netloop_utf8_rows[data[5]] >> (row & 63);
        row = netloop_utf8_rows[data[6]] >> (row & 63);
        return netloop_utf8_rows[data[7]] >> (row & 63);
    }

    #if defined __x86_64__ && defined __GLIBC__ && defined __GNUC__ && !defined __clang__
    __attribute__((target_clones("bmi2", "default")))       /* a shift by a variable is one instruction, and not three */
    #endif
    static int netloop_utf8_advance(int state, const unsigned char *data, size_t size) {
        uint64_t row = (uint64_t)state;
        for (; size >= 32; size -= 32, data += 32) {
            if ((row & 63) == COMPLETE && netloop_is_ascii_block(data))
                continue;
            for (int at = 0; at < 32; at += 8)
                row = netloop_utf8_steps(row, data + at);
            if ((row & 63) == INVALID)
                return INVALID;
        }
        for (; size; size--)
            row = netloop_utf8_rows[*data++] >> (row & 63);
        return (int)(row & 63);
    }
    """
    void set_up_rules "netloop_utf8_rules"()
    int advance_rows "netloop_utf8_advance"(int state, const unsigned char *data, size_t size) nogil

set_up_rules()


cdef int advance(int state, const unsigned char *data, Py_ssize_t size) noexcept nogil:
    return advance_rows(state, data, size)


cpdef int validate(int state, bytes data, Py_ssize_t start, Py_ssize_t stop) except -1:
    """The state after `data[start:stop]`, when it was `state` before: 0 where a text may begin or end, 48 for no text.

    Raises:
        IndexError: that is no slice within the data.
    """
    if not 0 <= start <= stop <= len(data):
        raise IndexError(f"{start}:{stop} is not within {len(data)} bytes")
    if not 0 <= state <= INVALID or state % 6:
        raise ValueError(f"{state} is no state")
    return advance(state, <const unsigned char *>PyBytes_AS_STRING(data) + start, stop - start)
