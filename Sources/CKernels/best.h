// The best rows of a scan, as both kinds of scan keep them.
#ifndef ATTUNE_BEST_H
#define ATTUNE_BEST_H

#include <stdint.h>
#include <string.h>

#define ALWAYS_INLINE static inline __attribute__((always_inline))

// A score's bits, turned so that they order as the scores do, above the complement of the row: the greater key is the better row,
// and of equal scores the lower row. `keys` is a heap with its least on top once it is full.
typedef struct {
  uint64_t *keys;
  long capacity, count;
  // What a score has to reach: that of the least key, and −∞ until there are enough.
  float threshold;
} best_rows;

ALWAYS_INLINE best_rows best_of(uint64_t *keys, long capacity) {
  return (best_rows){keys, capacity, 0, -__builtin_inff()};
}

ALWAYS_INLINE uint64_t key_of(float score, uint32_t row) {
  uint32_t bits;
  score += 0.0f;  // −0 is 0
  memcpy(&bits, &score, 4);
  bits = bits & 0x80000000u ? ~bits : bits | 0x80000000u;
  return (uint64_t)bits << 32 | (uint32_t)~row;
}

ALWAYS_INLINE float score_of(uint64_t key) {
  uint32_t bits = (uint32_t)(key >> 32);
  bits = bits & 0x80000000u ? bits & 0x7fffffffu : ~bits;
  float score;
  memcpy(&score, &bits, 4);
  return score;
}

static inline void sift_down(uint64_t *keys, long count, long place) {
  uint64_t moved = keys[place];
  for (;;) {
    long child = 2 * place + 1;
    if (child >= count) break;
    if (child + 1 < count && keys[child + 1] < keys[child]) child++;
    if (keys[child] >= moved) break;
    keys[place] = keys[child];
    place = child;
  }
  keys[place] = moved;
}

// What is no number is never among the best.
static inline void offer(best_rows *best, float score, uint32_t row) {
  if (!(score >= best->threshold)) return;
  uint64_t key = key_of(score, row);
  if (best->count < best->capacity) {
    best->keys[best->count++] = key;
    if (best->count < best->capacity) return;
    for (long place = best->count / 2 - 1; place >= 0; place--) sift_down(best->keys, best->count, place);
  } else {
    if (key <= best->keys[0]) return;
    best->keys[0] = key;
    sift_down(best->keys, best->count, 0);
  }
  best->threshold = score_of(best->keys[0]);
}

ALWAYS_INLINE int is_allowed(const uint64_t *allowed, uint32_t row) {
  return !allowed || (allowed[row >> 6] >> (row & 63) & 1);
}

#endif
