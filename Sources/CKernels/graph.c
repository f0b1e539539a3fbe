// Malkov & Yashunin, "Efficient and robust approximate nearest neighbor search using hierarchical navigable small world graphs",
// TPAMI 2020, algorithms 2 and 5; what a filter keeps out is passed through.

#include "CKernels.h"
#include "row_product.h"

#include <stddef.h>
#include <stdlib.h>

enum { links_max = 256 };

// Rows that are still to be looked at, the best key on top.
typedef struct {
  uint64_t *keys;
  long count, capacity;
} open_rows;

static inline int push(open_rows *open, uint64_t key) {
  if (open->count == open->capacity) {
    uint64_t *more = realloc(open->keys, 2 * open->capacity * sizeof(uint64_t));
    if (!more) return 0;
    open->keys = more;
    open->capacity *= 2;
  }
  long place = open->count++;
  for (; place > 0 && open->keys[(place - 1) / 2] < key; place = (place - 1) / 2) {
    open->keys[place] = open->keys[(place - 1) / 2];
  }
  open->keys[place] = key;
  return 1;
}

static inline uint64_t pop(open_rows *open) {
  uint64_t top = open->keys[0], moved = open->keys[--open->count];
  long place = 0;
  for (;;) {
    long child = 2 * place + 1;
    if (child >= open->count) break;
    if (child + 1 < open->count && open->keys[child + 1] > open->keys[child]) child++;
    if (open->keys[child] <= moved) break;
    open->keys[place] = open->keys[child];
    place = child;
  }
  open->keys[place] = moved;
  return top;
}

// Goes down through the upper layers, on each to where no neighbour is better.
ALWAYS_INLINE uint32_t entrance(const attune_graph *graph, const float *query) {
  const uint32_t *layer = graph->upper, *end = graph->upper + graph->upper_count;
  uint32_t here = 0;
  while (layer < end) {
    long count = *layer++;
    const uint32_t *rows = layer, *below = rows + count, *links = below + count;
    float best = product(graph->rows + (size_t)rows[here] * graph->d, query, graph->d);
    for (int moved = 1; moved;) {
      moved = 0;
      const uint32_t *own = links + (size_t)here * graph->upper_width;
      for (long i = 0; i < graph->upper_width && own[i] != UINT32_MAX; i++) {
        float score = product(graph->rows + (size_t)rows[own[i]] * graph->d, query, graph->d);
        if (score > best) {
          best = score;
          here = own[i];
          moved = 1;
        }
      }
    }
    here = below[here];
    layer = links + (size_t)count * graph->upper_width;
  }
  return here;
}

ALWAYS_INLINE long walk(
    const attune_graph *graph, const float *query, const uint64_t *allowed, best_rows *best, open_rows *open,
    uint64_t *visited) {
  long d = graph->d;
  uint32_t fresh[links_max], first = entrance(graph, query);
  float scores[links_max];
  visited[first >> 6] |= 1ull << (first & 63);
  fresh[0] = first;
  long count = 1;
  for (;;) {
    for (long i = 0; i < count; i++) scores[i] = product(graph->rows + (size_t)fresh[i] * d, query, d);
    for (long i = 0; i < count; i++) {
      // Equal rows lead nowhere once there are enough, or the search would go through all of them; nor does what is no number.
      if (!(scores[i] > best->threshold || (best->count < best->capacity && scores[i] == scores[i]))) continue;
      if (!push(open, key_of(scores[i], fresh[i]))) return -1;
      if (is_allowed(allowed, fresh[i])) offer(best, scores[i], fresh[i]);
    }
    if (open->count == 0) break;
    uint64_t here = pop(open);
    if (best->count == best->capacity && here < best->keys[0]) break;
    const uint32_t *own = graph->links + (size_t)(uint32_t)~here * graph->width;
    count = 0;
    for (long i = 0; i < graph->width && own[i] != UINT32_MAX; i++) {
      uint32_t row = own[i];
      uint64_t bit = 1ull << (row & 63);
      if (visited[row >> 6] & bit) continue;
      visited[row >> 6] |= bit;
      const float *numbers = graph->rows + (size_t)row * d;
      for (long j = 0; j < d; j += 16) __builtin_prefetch(numbers + j);
      fresh[count++] = row;
    }
    // All rows that it goes on to are asked for before the first is needed; the next one's links too.
    if (open->count > 0) {
      const uint32_t *next = graph->links + (size_t)(uint32_t)~open->keys[0] * graph->width;
      for (long j = 0; j < graph->width; j += 16) __builtin_prefetch(next + j);
    }
  }
  return best->count;
}

#define PARAMETERS                                                                                         \
  const attune_graph *graph, const float *query, const uint64_t *allowed, best_rows *best, open_rows *open, \
      uint64_t *visited
#define ARGUMENTS graph, query, allowed, best, open, visited

#if defined(__x86_64__)
__attribute__((target("avx512f"))) static long walk_avx512(PARAMETERS) { return walk(ARGUMENTS); }
__attribute__((target("avx2,fma"))) static long walk_avx2(PARAMETERS) { return walk(ARGUMENTS); }
#endif

static long walk_here(PARAMETERS) {
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx512f")) return walk_avx512(ARGUMENTS);
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) return walk_avx2(ARGUMENTS);
#endif
  return walk(ARGUMENTS);
}

long attune_graph_search(
    const attune_graph *graph, const float *query, long effort, const uint64_t *allowed, uint64_t *keys) {
  if (graph->n == 0 || graph->width > links_max || effort < 1) return 0;
  best_rows best = best_of(keys, effort);
  open_rows open = {malloc(1024 * sizeof(uint64_t)), 0, 1024};
  uint64_t *visited = calloc((graph->n + 63) / 64, sizeof(uint64_t));
  long found = open.keys && visited ? walk_here(graph, query, allowed, &best, &open, visited) : -1;
  free(open.keys);
  free(visited);
  return found;
}
