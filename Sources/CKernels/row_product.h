// Products of rows with one vector. Both scans and the index use these, so that their scores are the same numbers.
#ifndef ATTUNE_ROW_PRODUCT_H
#define ATTUNE_ROW_PRODUCT_H

#include "best.h"

// Lanes become whatever the machine has; loads need no alignment.
typedef float wide __attribute__((vector_size(64), aligned(4), may_alias));
typedef float half_wide __attribute__((vector_size(32), aligned(4), may_alias));
typedef float quarter_wide __attribute__((vector_size(16), aligned(4), may_alias));
enum { wide_count = 16 };

// By pointer: how a vector so wide is passed depends on the machine.
ALWAYS_INLINE float sum_of(const wide *lanes) {
  wide x = *lanes;
  half_wide h = __builtin_shufflevector(x, x, 0, 1, 2, 3, 4, 5, 6, 7) +
                __builtin_shufflevector(x, x, 8, 9, 10, 11, 12, 13, 14, 15);
  quarter_wide q = __builtin_shufflevector(h, h, 0, 1, 2, 3) + __builtin_shufflevector(h, h, 4, 5, 6, 7);
  return (q[0] + q[2]) + (q[1] + q[3]);
}

ALWAYS_INLINE float product(const float *row, const float *query, long d) {
#pragma clang fp contract(fast)
  wide sum = {0};
  long k = 0;
  for (; k + wide_count <= d; k += wide_count) sum += *(const wide *)(row + k) * *(const wide *)(query + k);
  float rest = 0;
  for (; k < d; k++) rest += row[k] * query[k];
  return sum_of(&sum) + rest;
}

// Four rows at a time, each added up as `product` does.
ALWAYS_INLINE void four_products(const float *const rows[4], const float *query, long d, float out[4]) {
#pragma clang fp contract(fast)
  wide a = {0}, b = {0}, c = {0}, e = {0};
  long k = 0;
  for (; k + wide_count <= d; k += wide_count) {
    wide q = *(const wide *)(query + k);
    a += *(const wide *)(rows[0] + k) * q;
    b += *(const wide *)(rows[1] + k) * q;
    c += *(const wide *)(rows[2] + k) * q;
    e += *(const wide *)(rows[3] + k) * q;
  }
  float rest[4] = {0};
  for (; k < d; k++) {
    for (long i = 0; i < 4; i++) rest[i] += rows[i][k] * query[k];
  }
  out[0] = sum_of(&a) + rest[0];
  out[1] = sum_of(&b) + rest[1];
  out[2] = sum_of(&c) + rest[2];
  out[3] = sum_of(&e) + rest[3];
}

#endif
