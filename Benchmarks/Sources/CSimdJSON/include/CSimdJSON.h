// simdjson behind C, for comparison in JSONBench only.
#pragma once
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/// Parses the event of `length` bytes at `text` (`capacity` bytes are readable) and reads the eight members that JSONBench
/// reads. Returns the sum of their lengths, or SIZE_MAX when something is wrong.
size_t csimdjson_dom(const uint8_t *text, size_t length, size_t capacity);
size_t csimdjson_ondemand(const uint8_t *text, size_t length, size_t capacity);
/// Parses only.
size_t csimdjson_parse(const uint8_t *text, size_t length, size_t capacity);
/// Bytes that must be readable beyond a text.
size_t csimdjson_padding(void);
/// The instruction set in use.
const char *csimdjson_implementation(void);

#ifdef __cplusplus
}
#endif
