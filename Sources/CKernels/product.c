// Goto & van de Geijn, "Anatomy of high-performance matrix multiplication", ACM TOMS 2008: a block of the output stays in
// registers while a packed panel of the right matrix, in the first cache, passes by.

#include "NetworkKernels.h"

#include <stddef.h>

#if defined(__x86_64__)

typedef float lanes __attribute__((vector_size(64), aligned(4), may_alias));
enum { width = 16, block_rows = 12, block_columns = 2 * width, inner_max = 256 };

#define TARGET __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx2,fma")))
#define ALWAYS_INLINE static inline __attribute__((always_inline))

// A panel of `block_columns` columns of B, shape [inner, block_columns], 0 where B ends.
TARGET static void pack(
    const float *b, long row_step, long column_step, long inner, long columns, float *panel) {
  if (column_step == 1 && columns == block_columns) {
    for (long p = 0; p < inner; p++, panel += block_columns, b += row_step) {
      *(lanes *)panel = *(const lanes *)b;
      *(lanes *)(panel + width) = *(const lanes *)(b + width);
    }
    return;
  }
  // Columns that stand as rows: some of each at a time, so that a cache line is read once.
  for (long start = 0; start < inner; start += width) {
    long end = start + width < inner ? start + width : inner;
    for (long j = 0; j < columns; j++) {
      const float *from = b + j * column_step;
      for (long p = start; p < end; p++) panel[p * block_columns + j] = from[p * row_step];
    }
    for (long j = columns; j < block_columns; j++) {
      for (long p = start; p < end; p++) panel[p * block_columns + j] = 0;
    }
  }
}

// The products of 12 rows of A with a panel: into C, or into `edge` where C ends sooner.
TARGET ALWAYS_INLINE void block(
    const float *a, long row_step, long inner_step, long rows, long inner, const float *panel, float *c, long stride,
    long columns, int adds) {
  const float *row[block_rows];
  // Rows that are not there repeat the last; their products are not kept.
#pragma clang loop unroll(full)
  for (long i = 0; i < block_rows; i++) row[i] = a + (i < rows ? i : rows - 1) * row_step;
  lanes left[block_rows], right[block_rows];
#pragma clang loop unroll(full)
  for (long i = 0; i < block_rows; i++) left[i] = right[i] = (lanes){0};
  for (long p = 0; p < inner; p++, panel += block_columns) {
    lanes first = *(const lanes *)panel, second = *(const lanes *)(panel + width);
    long at = p * inner_step;
#pragma clang loop unroll(full)
    for (long i = 0; i < block_rows; i++) {
      lanes factor = (lanes){0} + row[i][at];
      left[i] = __builtin_elementwise_fma(factor, first, left[i]);
      right[i] = __builtin_elementwise_fma(factor, second, right[i]);
    }
  }
  if (rows == block_rows && columns == block_columns) {
#pragma clang loop unroll(full)
    for (long i = 0; i < block_rows; i++, c += stride) {
      *(lanes *)c = adds ? *(lanes *)c + left[i] : left[i];
      *(lanes *)(c + width) = adds ? *(lanes *)(c + width) + right[i] : right[i];
    }
    return;
  }
  float edge[block_rows][block_columns];
#pragma clang loop unroll(full)
  for (long i = 0; i < block_rows; i++) {
    *(lanes *)edge[i] = left[i];
    *(lanes *)(edge[i] + width) = right[i];
  }
  for (long i = 0; i < rows; i++, c += stride) {
    for (long j = 0; j < columns; j++) c[j] = adds ? c[j] + edge[i][j] : edge[i][j];
  }
}

TARGET static void multiply(
    long rows, long columns, long inner, const float *a, long a_row, long a_inner, const float *b, long b_inner,
    long b_column, int adds, float *c, long stride) {
  float panel[inner_max * block_columns] __attribute__((aligned(64)));
  for (long from = 0; from < inner; from += inner_max) {
    long depth = inner - from < inner_max ? inner - from : inner_max;
    for (long j = 0; j < columns; j += block_columns) {
      long across = columns - j < block_columns ? columns - j : block_columns;
      pack(b + from * b_inner + j * b_column, b_inner, b_column, depth, across, panel);
      for (long i = 0; i < rows; i += block_rows) {
        long down = rows - i < block_rows ? rows - i : block_rows;
        block(
            a + i * a_row + from * a_inner, a_row, a_inner, down, depth, panel, c + i * stride + j, stride, across,
            adds || from > 0);
      }
    }
  }
}

int attune_multiply(
    long rows, long columns, long inner, const float *a, long a_row, long a_inner, const float *b, long b_inner,
    long b_column, int adds, float *c, long stride) {
  if (!__builtin_cpu_supports("avx512bw") || !__builtin_cpu_supports("avx512dq") ||
      !__builtin_cpu_supports("avx512vl")) {
    return 0;
  }
  multiply(rows, columns, inner, a, a_row, a_inner, b, b_inner, b_column, adds, c, stride);
  return 1;
}

#else

int attune_multiply(
    long rows, long columns, long inner, const float *a, long a_row, long a_inner, const float *b, long b_inner,
    long b_column, int adds, float *c, long stride) {
  return 0;
}

#endif
