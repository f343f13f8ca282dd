from libc.stdint cimport uint32_t

cdef extern from *:
    """
    #ifndef NETLOOP_MASK
    #define NETLOOP_MASK
    #include <stdint.h>
    #include <string.h>

    /* The key as it lies in memory, twice, beginning with the byte that masks the first one. */
    static inline uint64_t netloop_key_word(uint32_t key, unsigned offset) {
        unsigned char bytes[8];
        uint64_t word;
        for (unsigned i = 0; i < 8; i++)
            bytes[i] = (unsigned char)(key >> 8 * ((i + offset) & 3));
        memcpy(&word, bytes, 8);
        return word;
    }

    static inline void netloop_mask_word(unsigned char *to, const unsigned char *from, uint64_t key) {
        uint64_t word;
        memcpy(&word, from, 8);         /* compiles to one load, aligned or not */
        word ^= key;
        memcpy(to, &word, 8);
    }

    typedef uint64_t netloop_words __attribute__((vector_size(32), aligned(1), may_alias));

    /* 64 bytes at a time, in the widest registers that the processor has. */
    #if defined __x86_64__ && defined __GLIBC__ && defined __GNUC__ && !defined __clang__
    __attribute__((target_clones("avx2", "default"), unused))
    #else
    __attribute__((unused))
    #endif
    static void netloop_mask_blocks(unsigned char *to, const unsigned char *from, size_t blocks, uint64_t word) {
        const netloop_words key = {word, word, word, word};
        for (; blocks; blocks--, to += 64, from += 64) {
            ((netloop_words *)to)[0] = ((const netloop_words *)from)[0] ^ key;
            ((netloop_words *)to)[1] = ((const netloop_words *)from)[1] ^ key;
        }
    }

    /* `to` and `from` may be the same, and must not overlap otherwise. */
    static inline void netloop_mask(unsigned char *to, const unsigned char *from, size_t size,
                                    uint32_t key, unsigned offset) {
        const uint64_t word = netloop_key_word(key, offset);
        if (size >= 256) {
            netloop_mask_blocks(to, from, size / 64, word);
            to += size & ~(size_t)63;
            from += size & ~(size_t)63;
            size &= 63;
        }
        for (; size >= 32; size -= 32, to += 32, from += 32) {
            netloop_mask_word(to, from, word);
            netloop_mask_word(to + 8, from + 8, word);
            netloop_mask_word(to + 16, from + 16, word);
            netloop_mask_word(to + 24, from + 24, word);
        }
        for (; size >= 8; size -= 8, to += 8, from += 8)
            netloop_mask_word(to, from, word);
        for (size_t i = 0; i < size; i++)
            to[i] = from[i] ^ ((const unsigned char *)&word)[i];
    }

    static inline int netloop_is_ascii(const unsigned char *data, size_t size) {
        uint64_t words[4], seen = 0;
        for (; size >= 32; size -= 32, data += 32) {
            memcpy(words, data, 32);
            seen |= words[0] | words[1] | words[2] | words[3];
        }
        for (; size >= 8; size -= 8, data += 8) {
            memcpy(words, data, 8);
            seen |= words[0];
        }
        for (; size; size--)
            seen |= *data++;
        return !(seen & 0x8080808080808080u);
    }
    #endif
    """
    void mask_into "netloop_mask"(unsigned char *to, const unsigned char *source, size_t size,
                                  uint32_t key, unsigned offset) nogil

    bint is_ascii "netloop_is_ascii"(const unsigned char *data, size_t size) nogil

cpdef bytes mask(bytes data, Py_ssize_t start, Py_ssize_t stop, uint32_t key, unsigned offset=*)
cpdef str unmasked_text(bytes data, Py_ssize_t start, Py_ssize_t stop, uint32_t key)
