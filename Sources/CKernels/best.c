#include "CKernels.h"
#include "best.h"

// Sixteen at a time are compared with what has to be reached, which once there are enough nearly none does.
typedef float sixteen __attribute__((vector_size(64), aligned(4), may_alias));

long attune_best(const float *scores, long n, long k, uint64_t *keys) {
  best_rows best = best_of(keys, k);
  long row = 0;
  for (; row + 16 <= n; row += 16) {
    if (best.count == best.capacity &&
        !__builtin_reduce_or(*(const sixteen *)(scores + row) > best.threshold)) {
      continue;
    }
    for (long i = 0; i < 16; i++) offer(&best, scores[row + i], (uint32_t)(row + i));
  }
  for (; row < n; row++) offer(&best, scores[row], (uint32_t)row);
  return best.count;
}
