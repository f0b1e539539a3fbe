#include "CKernels.h"
#include "row_product.h"

#include <stddef.h>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

enum { block_rows = 16 };

// Which rows of a block may reach the threshold: a bit for each whose
//
//     scale · (Σ code · query − shift) · query scale + margin  ≥  threshold
//
// A code is a byte: 128 more than the number it stands for.
typedef struct {
  const int8_t *query;  // 4 · groups
  long groups;
  int32_t shift;  // 128 Σ query
  float scale;    // of the query
} quantised_query;

typedef uint32_t reach_of(
    const uint8_t *codes, const float *scales, const quantised_query *query, float margin, float threshold);

ALWAYS_INLINE uint32_t reach_portable(
    const uint8_t *codes, const float *scales, const quantised_query *query, float margin, float threshold) {
  int32_t sums[block_rows] = {0};
  for (long group = 0; group < query->groups; group++) {
    for (long row = 0; row < block_rows; row++) {
      for (long i = 0; i < 4; i++) {
        sums[row] += (int32_t)codes[group * 64 + row * 4 + i] * query->query[group * 4 + i];
      }
    }
  }
  uint32_t reached = 0;
  for (long row = 0; row < block_rows; row++) {
    float score = (float)(sums[row] - query->shift) * scales[row] * query->scale;
    reached |= (uint32_t)(score + margin >= threshold) << row;
  }
  return reached;
}

#if defined(__x86_64__)
__attribute__((target("avx512f,avx512vnni"))) ALWAYS_INLINE uint32_t reach_vnni(
    const uint8_t *codes, const float *scales, const quantised_query *query, float margin, float threshold) {
  __m512i even = _mm512_setzero_si512(), odd = _mm512_setzero_si512();
  long group = 0;
  for (; group + 2 <= query->groups; group += 2) {
    int32_t first, second;
    memcpy(&first, query->query + 4 * group, 4);
    memcpy(&second, query->query + 4 * group + 4, 4);
    even = _mm512_dpbusd_epi32(even, _mm512_loadu_si512(codes + group * 64), _mm512_set1_epi32(first));
    odd = _mm512_dpbusd_epi32(odd, _mm512_loadu_si512(codes + group * 64 + 64), _mm512_set1_epi32(second));
  }
  if (group < query->groups) {
    int32_t last;
    memcpy(&last, query->query + 4 * group, 4);
    even = _mm512_dpbusd_epi32(even, _mm512_loadu_si512(codes + group * 64), _mm512_set1_epi32(last));
  }
  __m512i sums = _mm512_sub_epi32(_mm512_add_epi32(even, odd), _mm512_set1_epi32(query->shift));
  __m512 scale = _mm512_mul_ps(_mm512_loadu_ps(scales), _mm512_set1_ps(query->scale));
  __m512 scores = _mm512_add_ps(_mm512_mul_ps(_mm512_cvtepi32_ps(sums), scale), _mm512_set1_ps(margin));
  return _mm512_cmp_ps_mask(scores, _mm512_set1_ps(threshold), _CMP_GE_OQ);
}

__attribute__((target("avx2,fma"))) ALWAYS_INLINE uint32_t reach_avx2(
    const uint8_t *codes, const float *scales, const quantised_query *query, float margin, float threshold) {
  // Each holds two rows' sums of even and odd pairs in a lane of 16 bytes.
  __m256i sums[4] = {_mm256_setzero_si256(), _mm256_setzero_si256(), _mm256_setzero_si256(), _mm256_setzero_si256()};
  for (long group = 0; group < query->groups; group++) {
    int32_t four;
    memcpy(&four, query->query + 4 * group, 4);
    __m256i q = _mm256_broadcastq_epi64(_mm_cvtepi8_epi16(_mm_cvtsi32_si128(four)));
    for (long i = 0; i < 4; i++) {
      __m256i rows = _mm256_cvtepu8_epi16(_mm_loadu_si128((const __m128i *)(codes + group * 64 + i * 16)));
      sums[i] = _mm256_add_epi32(sums[i], _mm256_madd_epi16(rows, q));
    }
  }
  uint32_t reached = 0;
  __m256 scale = _mm256_set1_ps(query->scale), edge = _mm256_set1_ps(threshold), more = _mm256_set1_ps(margin);
  for (long i = 0; i < 2; i++) {
    // Pairs add up to rows 0 1 4 5 2 3 6 7.
    __m256i eight = _mm256_permute4x64_epi64(_mm256_hadd_epi32(sums[2 * i], sums[2 * i + 1]), 0xd8);
    eight = _mm256_sub_epi32(eight, _mm256_set1_epi32(query->shift));
    __m256 scores = _mm256_mul_ps(_mm256_cvtepi32_ps(eight), _mm256_mul_ps(_mm256_loadu_ps(scales + 8 * i), scale));
    __m256 reach = _mm256_cmp_ps(_mm256_add_ps(scores, more), edge, _CMP_GE_OQ);
    reached |= (uint32_t)_mm256_movemask_ps(reach) << (8 * i);
  }
  return reached;
}
#endif

ALWAYS_INLINE long scan(
    const attune_quantised_rows *rows, const quantised_query *quantised, const float *query, float length, float rest,
    const uint64_t *allowed, long k, uint64_t *keys, long *rescored, reach_of *reach) {
  best_rows best = best_of(keys, k);
  long d = rows->d, size = 4 * quantised->groups * block_rows;
  long looked = 0;
  for (long block = 0; block * block_rows < rows->n; block++) {
    // Rows are ordered by their length: none of those that follow can be better.
    if (rows->lengths[block] * length < best.threshold) break;
    const uint8_t *codes = rows->codes + (size_t)block * size;
    for (long j = 0; j < size; j += 64) __builtin_prefetch(codes + j + (4 << 10));
    float margin = rows->errors[block] * length + rows->lengths[block] * rest;
    uint32_t reached = reach(codes, rows->scales + block * block_rows, quantised, margin, best.threshold);
    for (; __builtin_expect(reached != 0, 0); reached &= reached - 1) {
      long place = block * block_rows + __builtin_ctz(reached);
      if (place >= rows->n) break;
      uint32_t row = rows->order[place];
      if (!is_allowed(allowed, row)) continue;
      looked++;
      offer(&best, product(rows->rows + (size_t)row * d, query, d), row);
    }
  }
  *rescored = looked;
  return best.count;
}

#define PARAMETERS                                                                                                    \
  const attune_quantised_rows *rows, const quantised_query *quantised, const float *query, float length, float rest,  \
      const uint64_t *allowed, long k, uint64_t *keys, long *rescored
#define ARGUMENTS rows, quantised, query, length, rest, allowed, k, keys, rescored

#if defined(__x86_64__)
__attribute__((target("avx512f,avx512vnni"))) static long scan_vnni(PARAMETERS) {
  return scan(ARGUMENTS, reach_vnni);
}
__attribute__((target("avx2,fma"))) static long scan_avx2(PARAMETERS) { return scan(ARGUMENTS, reach_avx2); }
#endif

long attune_quantised_scan(
    const attune_quantised_rows *rows, const int8_t *codes, float scale, const float *query, float length, float rest,
    const uint64_t *allowed, long k, uint64_t *keys, long *rescored) {
  quantised_query taken = {.query = codes, .groups = (rows->d + 3) / 4, .scale = scale};
  for (long j = 0; j < 4 * taken.groups; j++) taken.shift += 128 * (int32_t)codes[j];
  const quantised_query *quantised = &taken;
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx512vnni")) return scan_vnni(ARGUMENTS);
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) return scan_avx2(ARGUMENTS);
#endif
  return scan(ARGUMENTS, reach_portable);
}
