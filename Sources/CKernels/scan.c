#include "CKernels.h"
#include "row_product.h"

#include <stddef.h>

// Bytes that are asked for ahead: by itself the processor asks for less, and waits for it.
enum { ahead = 16 << 10 };

ALWAYS_INLINE long scan(
    const float *rows, long n, long d, const float *query, const uint64_t *allowed, long k, uint64_t *keys) {
  best_rows best = best_of(keys, k);
  long row = 0;
  for (; row + 4 <= n; row += 4) {
    if (allowed) {
      if (!allowed[row >> 6]) {
        row |= 60;
        continue;
      }
      if (!(allowed[row >> 6] >> (row & 63) & 15)) continue;
    }
    const float *four = rows + (size_t)row * d;
    for (long j = 0; j < 4 * d; j += 16) __builtin_prefetch((const char *)(four + j) + ahead);
    float scores[4];
    four_products(four, query, d, scores);
    for (long i = 0; i < 4; i++) {
      // An equal score of a later row changes nothing, once there are enough.
      if (__builtin_expect(scores[i] > best.threshold || best.count < k, 0) && is_allowed(allowed, row + i)) {
        offer(&best, scores[i], (uint32_t)(row + i));
      }
    }
  }
  for (; row < n; row++) {
    if (is_allowed(allowed, (uint32_t)row)) offer(&best, product(rows + (size_t)row * d, query, d), (uint32_t)row);
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
