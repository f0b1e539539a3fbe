// The levels of eight rows at once: Asadi, Lin & de Vries, "Runtime optimizations for tree-based machine learning models",
// IEEE TKDE 2014, with whole subtrees of three levels compared at once.

#include "CKernels.h"

#include <math.h>
#include <stddef.h>

enum { lanes = 8, splits = 7, exits = 8, words = 4 };

static inline float as_float(uint32_t bits) {
  union { uint32_t bits; float value; } both = {bits};
  return both.value;
}

// One row after the other, in the order of the trees: what the vector form must equal.
static void margins_plain(
    const attune_trees *trees, const float *rows, long count, long width, const float *bases, float base, float *room,
    float *out) {
  for (long row = 0; row < count; row++) {
    const float *x = rows + (size_t)row * width;
    room[0] = 0;
    for (long s = 0; s < trees->slots; s++) {
      float value = x[trees->features[s]];
      room[s] = s >= trees->plain_slots && isnan(value) ? -INFINITY : value;
    }
    float sum = bases ? bases[row] : base;
    for (long t = 0; t < trees->count; t++) {
      const float *threshold = trees->thresholds + splits * t;
      const uint32_t *column = trees->columns + splits * t;
      long place = 0, from_left = 0;
      for (int level = 0; level < 3; level++) {
        long left = room[column[place] / lanes] < threshold[place];
        from_left = 2 * from_left + left;
        place = 2 * place + 2 - left;
      }
      uint32_t exit = trees->exits[exits * t + from_left];
      if (trees->depths[t]) {
        for (int level = 0; level < trees->depths[t]; level++) {
          const uint32_t *node = trees->nodes + (size_t)words * exit;
          exit = node[2] + !(room[node[1] / lanes] < as_float(node[0]));
        }
        exit = trees->nodes[(size_t)words * exit + 3];
      }
      sum += as_float(exit);
    }
    out[row] = sum;
  }
}

#if defined(__x86_64__)
#include <immintrin.h>

#define AVX2 __attribute__((target("avx2,fma")))
#define AVX2_INLINE static inline __attribute__((always_inline, target("avx2,fma")))

// Which of the eight ways out of the first three levels each row takes: bits of "went left", the root's first.
AVX2_INLINE __m256i ways_out(const float *threshold, const uint32_t *column, const float *values) {
#define GOES_LEFT(i) _mm256_cmp_ps(_mm256_load_ps(values + column[i]), _mm256_broadcast_ss(threshold + i), _CMP_LT_OQ)
  __m256 root = GOES_LEFT(0);
  __m256 left = GOES_LEFT(1);
  __m256 right = GOES_LEFT(2);
  __m256 second = _mm256_blendv_ps(right, left, root);
  __m256 under_left = _mm256_blendv_ps(GOES_LEFT(4), GOES_LEFT(3), left);
  __m256 under_right = _mm256_blendv_ps(GOES_LEFT(6), GOES_LEFT(5), right);
  __m256 third = _mm256_blendv_ps(under_right, under_left, root);
#undef GOES_LEFT
  __m256i way = _mm256_and_si256(_mm256_castps_si256(root), _mm256_set1_epi32(4));
  way = _mm256_or_si256(way, _mm256_and_si256(_mm256_castps_si256(second), _mm256_set1_epi32(2)));
  return _mm256_or_si256(way, _mm256_and_si256(_mm256_castps_si256(third), _mm256_set1_epi32(1)));
}

// The levels below the third: each row at a node of its own, leaves leading to themselves.
AVX2_INLINE __m256 deeper(const uint32_t *nodes, __m256i at, int depth, const float *values) {
  const __m256i lane = _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7);
  const int *words_of = (const int *)nodes;
  for (int level = 0; level < depth; level++) {
    __m256i word = _mm256_slli_epi32(at, 2);
    __m256 threshold = _mm256_i32gather_ps((const float *)nodes, word, 4);
    __m256i column = _mm256_i32gather_epi32(words_of + 1, word, 4);
    __m256i left = _mm256_i32gather_epi32(words_of + 2, word, 4);
    __m256 value = _mm256_i32gather_ps(values, _mm256_add_epi32(column, lane), 4);
    // Unordered and not less: to the right, which is -(-1).
    __m256 right = _mm256_cmp_ps(value, threshold, _CMP_NLT_UQ);
    at = _mm256_sub_epi32(left, _mm256_castps_si256(right));
  }
  return _mm256_i32gather_ps((const float *)nodes + 3, _mm256_slli_epi32(at, 2), 4);
}

AVX2 static void margins_avx2(
    const attune_trees *trees, const float *rows, long count, long width, const float *bases, float base, float *room,
    float *out) {
  for (long first = 0; first < count; first += lanes) {
    const float *x[lanes];
    for (long i = 0; i < lanes; i++) {
      // What is missing in the last eight is the last row again.
      x[i] = rows + (size_t)(first + i < count ? first + i : count - 1) * width;
    }
    for (long s = 0; s < lanes; s++) room[s] = 0;
    for (long s = 0; s < trees->slots; s++) {
      uint32_t feature = trees->features[s];
      __m256 value = _mm256_setr_ps(
          x[0][feature], x[1][feature], x[2][feature], x[3][feature], x[4][feature], x[5][feature], x[6][feature],
          x[7][feature]);
      if (s >= trees->plain_slots) {
        __m256 missing = _mm256_cmp_ps(value, value, _CMP_UNORD_Q);
        value = _mm256_blendv_ps(value, _mm256_set1_ps(-INFINITY), missing);
      }
      _mm256_store_ps(room + lanes * s, value);
    }
    float begin[lanes], end[lanes];
    for (long i = 0; i < lanes; i++) begin[i] = bases ? bases[first + i < count ? first + i : count - 1] : base;
    __m256 sum = _mm256_loadu_ps(begin);
    for (long t = 0; t < trees->count; t++) {
      __m256i way = ways_out(trees->thresholds + splits * t, trees->columns + splits * t, room);
      __m256 exit = _mm256_permutevar8x32_ps(_mm256_loadu_ps((const float *)(trees->exits + exits * t)), way);
      if (trees->depths[t]) exit = deeper(trees->nodes, _mm256_castps_si256(exit), trees->depths[t], room);
      sum = _mm256_add_ps(sum, exit);
    }
    _mm256_storeu_ps(end, sum);
    for (long i = 0; i < lanes && first + i < count; i++) out[first + i] = end[i];
  }
}
#endif

void attune_tree_margins(
    const attune_trees *trees, const float *rows, long count, long width, const float *bases, float base, float *room,
    int plain, float *out) {
#if defined(__x86_64__)
  if (!plain && __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) {
    margins_avx2(trees, rows, count, width, bases, base, room, out);
    return;
  }
#endif
  margins_plain(trees, rows, count, width, bases, base, room, out);
}
