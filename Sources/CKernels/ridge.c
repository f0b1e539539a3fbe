// Shewchuk, "An introduction to the conjugate gradient method without the agonizing pain", 1994, B3; Takács, Pilászy & Tikk,
// "Applications of the conjugate gradient method for implicit feedback collaborative filtering", RecSys 2011.

#include "CKernels.h"

#include <stddef.h>

// Lanes become whatever the machine has; loads need no alignment.
typedef float lanes __attribute__((vector_size(32), aligned(4), may_alias));
enum { width = 8 };

#define ALWAYS_INLINE static inline __attribute__((always_inline))

// out = Σ v (target − f · p) f, four rows at a time: each is read once, and is in the first cache for its second use.
ALWAYS_INLINE void weighted_sum(
    const float *factors, long d, const uint32_t *columns, const float *weights, long count, const float *p,
    float target, float *out) {
  long whole = d / width * width;
  for (long k = 0; k < d; k++) out[k] = 0;
  for (long row = 0; row < count; row += 4) {
    const float *f[4], *next[4];
    float v[4];
    for (long i = 0; i < 4; i++) {
      // What is missing in the last four is a row with no weight.
      long at = row + i < count ? row + i : row;
      long after = row + 4 + i < count ? row + 4 + i : row;
      f[i] = factors + (size_t)columns[at] * d;
      next[i] = factors + (size_t)columns[after] * d;
      v[i] = row + i < count ? (weights ? weights[at] : 1) : 0;
    }
    lanes a = {0}, b = {0}, c = {0}, e = {0};
    for (long k = 0; k < whole; k += width) {
      lanes q = *(const lanes *)(p + k);
      a += *(const lanes *)(f[0] + k) * q;
      b += *(const lanes *)(f[1] + k) * q;
      c += *(const lanes *)(f[2] + k) * q;
      e += *(const lanes *)(f[3] + k) * q;
      if (k % (2 * width) == 0) {
        for (long i = 0; i < 4; i++) __builtin_prefetch(next[i] + k);
      }
    }
    lanes ab = __builtin_shufflevector(a, b, 0, 8, 2, 10, 4, 12, 6, 14) +
               __builtin_shufflevector(a, b, 1, 9, 3, 11, 5, 13, 7, 15);
    lanes ce = __builtin_shufflevector(c, e, 0, 8, 2, 10, 4, 12, 6, 14) +
               __builtin_shufflevector(c, e, 1, 9, 3, 11, 5, 13, 7, 15);
    lanes dots = __builtin_shufflevector(ab, ce, 0, 1, 8, 9, 4, 5, 12, 13) +
                 __builtin_shufflevector(ab, ce, 2, 3, 10, 11, 6, 7, 14, 15);
    float z[4];
    for (long i = 0; i < 4; i++) {
      float dot = dots[i] + dots[i + 4];
      for (long k = whole; k < d; k++) dot += f[i][k] * p[k];
      z[i] = v[i] * (target - dot);
    }
    for (long k = 0; k < whole; k += width) {
      *(lanes *)(out + k) += *(const lanes *)(f[0] + k) * z[0] + *(const lanes *)(f[1] + k) * z[1] +
                             *(const lanes *)(f[2] + k) * z[2] + *(const lanes *)(f[3] + k) * z[3];
    }
    for (long k = whole; k < d; k++) out[k] += f[0][k] * z[0] + f[1][k] * z[1] + f[2][k] * z[2] + f[3][k] * z[3];
  }
}

ALWAYS_INLINE void ridge_steps(
    const float *factors, long d, const uint32_t *columns, const float *weights, long count, const float *diagonal,
    long steps, float *x, float *room) {
#pragma clang fp reassociate(on) contract(fast)
  float *r = room, *p = room + d, *ap = room + 2 * d, *inverse = room + 3 * d;
  float rz = 0;
  weighted_sum(factors, d, columns, weights, count, x, 1, r);
  for (long k = 0; k < d; k++) {
    inverse[k] = 1 / diagonal[k];
    r[k] -= diagonal[k] * x[k];
    p[k] = r[k] * inverse[k];
    rz += r[k] * p[k];
  }
  for (long step = 0; step < steps; step++) {
    if (!(rz > 1e-20f)) return;  // there, or no number
    float pap = 0, next = 0;
    weighted_sum(factors, d, columns, weights, count, p, 0, ap);
    for (long k = 0; k < d; k++) {
      ap[k] = diagonal[k] * p[k] - ap[k];
      pap += p[k] * ap[k];
    }
    float length = rz / pap;
    for (long k = 0; k < d; k++) {
      x[k] += length * p[k];
      r[k] -= length * ap[k];
      next += r[k] * r[k] * inverse[k];
    }
    float share = next / rz;
    for (long k = 0; k < d; k++) p[k] = r[k] * inverse[k] + share * p[k];
    rz = next;
  }
}

#if defined(__x86_64__)
__attribute__((target("avx2,fma"))) static void ridge_steps_avx2(
    const float *factors, long d, const uint32_t *columns, const float *weights, long count, const float *diagonal,
    long steps, float *x, float *room) {
  ridge_steps(factors, d, columns, weights, count, diagonal, steps, x, room);
}
#endif

void attune_ridge_steps(
    const float *factors, long d, const uint32_t *columns, const float *weights, long count, const float *diagonal,
    long steps, float *x, float *room) {
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) {
    ridge_steps_avx2(factors, d, columns, weights, count, diagonal, steps, x, room);
    return;
  }
#endif
  ridge_steps(factors, d, columns, weights, count, diagonal, steps, x, room);
}
