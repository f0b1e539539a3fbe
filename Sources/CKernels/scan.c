#include "CKernels.h"
#include "row_product.h"

#include <stddef.h>

// Bytes that are asked for ahead: by itself the processor asks for less, and waits for it.
enum { ahead = 16 << 10 };

ALWAYS_INLINE void ask_for(const float *numbers, long count, long ahead) {
  for (long j = 0; j < count; j += 16) __builtin_prefetch((const char *)(numbers + j) + ahead);
}

ALWAYS_INLINE void offer_four(
    best_rows *best, const float *const rows[4], const uint32_t numbers[4], const float *query, long d) {
  float scores[4];
  four_products(rows, query, d, scores);
  for (long i = 0; i < 4; i++) {
    // An equal score of a later row changes nothing, once there are enough.
    if (__builtin_expect(scores[i] > best->threshold || best->count < best->capacity, 0)) {
      offer(best, scores[i], numbers[i]);
    }
  }
}

ALWAYS_INLINE void scan_all(best_rows *best, const float *rows, long n, long d, const float *query) {
  long row = 0;
  for (; row + 4 <= n; row += 4) {
    const float *one = rows + (size_t)row * d, *four[4] = {one, one + d, one + 2 * d, one + 3 * d};
    uint32_t number = (uint32_t)row, numbers[4] = {number, number + 1, number + 2, number + 3};
    ask_for(one, 4 * d, ahead);
    offer_four(best, four, numbers, query, d);
  }
  for (; row < n; row++) offer(best, product(rows + (size_t)row * d, query, d), (uint32_t)row);
}

// Rows that are allowed wait in a ring until they have come, having been asked for.
ALWAYS_INLINE void scan_allowed(
    best_rows *best, const float *rows, long n, long d, const float *query, const uint64_t *allowed) {
  enum { ring = 256, waiting = 64 };
  uint32_t numbers[ring];
  unsigned head = 0, tail = 0;
  for (long word = 0; word * 64 < n; word++) {
    for (uint64_t bits = allowed[word]; bits; bits &= bits - 1) {
      uint32_t row = (uint32_t)(word * 64 + __builtin_ctzll(bits));
      ask_for(rows + (size_t)row * d, d, 0);
      numbers[tail++ % ring] = row;
    }
    for (; tail - head >= waiting + 4; head += 4) {
      uint32_t four[4];
      const float *their[4];
      for (unsigned i = 0; i < 4; i++) {
        four[i] = numbers[(head + i) % ring];
        their[i] = rows + (size_t)four[i] * d;
      }
      offer_four(best, their, four, query, d);
    }
  }
  for (; head != tail; head++) {
    uint32_t row = numbers[head % ring];
    offer(best, product(rows + (size_t)row * d, query, d), row);
  }
}

ALWAYS_INLINE long scan(
    const float *rows, long n, long d, const float *query, const uint64_t *allowed, long k, uint64_t *keys) {
  best_rows best = best_of(keys, k);
  if (allowed) {
    scan_allowed(&best, rows, n, d, query, allowed);
  } else {
    scan_all(&best, rows, n, d, query);
  }
  return best.count;
}

#if defined(__x86_64__)
__attribute__((target("avx512f"))) static long scan_avx512(
    const float *rows, long n, long d, const float *query, const uint64_t *allowed, long k, uint64_t *keys) {
  return scan(rows, n, d, query, allowed, k, keys);
}
__attribute__((target("avx2,fma"))) static long scan_avx2(
    const float *rows, long n, long d, const float *query, const uint64_t *allowed, long k, uint64_t *keys) {
  return scan(rows, n, d, query, allowed, k, keys);
}
#endif

long attune_scan(
    const float *rows, long n, long d, const float *query, const uint64_t *allowed, long k, uint64_t *keys) {
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx512f")) return scan_avx512(rows, n, d, query, allowed, k, keys);
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) {
    return scan_avx2(rows, n, d, query, allowed, k, keys);
  }
#endif
  return scan(rows, n, d, query, allowed, k, keys);
}

static float plain_product(const float *row, const float *query, long d) { return product(row, query, d); }

#if defined(__x86_64__)
__attribute__((target("avx512f"))) static float product_avx512(const float *row, const float *query, long d) {
  return product(row, query, d);
}
__attribute__((target("avx2,fma"))) static float product_avx2(const float *row, const float *query, long d) {
  return product(row, query, d);
}
#endif

attune_product_function attune_product(void) {
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx512f")) return product_avx512;
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) return product_avx2;
#endif
  return plain_product;
}
