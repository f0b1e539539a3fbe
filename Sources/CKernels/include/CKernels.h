#ifndef CKERNELS_H
#define CKERNELS_H

#include <stdint.h>

#include "ClusteringKernels.h"
#include "NearestKernels.h"
#include "NetworkKernels.h"

/// Steps of conjugate gradients, preconditioned by D, towards the x that solves
///
///     (D + FᵀVF) x = FᵀV1
///
/// with a diagonal D > 0 and the rows f_j of F that `columns` names, each with its weight v_j ≥ 0.
///
/// - factors: rows of d numbers, one after the other.
/// - weights: shape [count]; NULL when all are 1.
/// - diagonal: D, shape [d].
/// - x: shape [d]; where to begin, and where it came to.
/// - room: 4 d numbers of memory.
/// O((steps + 1) · count · d), which reads each row once a step.
void attune_ridge_steps(
    const float *factors, long d, const uint32_t *columns, const float *weights, long count, const float *diagonal,
    long steps, float *x, float *room);

/// Regression trees as `attune_tree_margins` walks them. A row first becomes one value for each slot: a feature, of which
/// what is missing (not a number) stays so and goes right, or, in the slots from `plain_slots` on, becomes -infinity and
/// goes left. Then every split is `value < threshold` alone.
typedef struct {
  /// Trees.
  long count;
  /// Which feature a slot holds; shape [slots].
  const uint32_t *features;
  long slots, plain_slots;
  /// The first three levels of each tree, padded to a whole one: root, its children, theirs; shape [count][7]. A column
  /// is 8 times a slot.
  const float *thresholds;
  const uint32_t *columns;
  /// Where the three levels end, by the bits "went left", the root's first: the bits of a leaf's number, or a node when
  /// the tree is deeper; shape [count][8].
  const uint32_t *exits;
  /// How many levels follow; shape [count].
  const int32_t *depths;
  /// Nodes of the deeper levels: the bits of the threshold, column, left child (the right one is the next), the bits of
  /// the leaf's number; a leaf leads to itself: its threshold is not a number, its left child the node before it.
  const uint32_t *nodes;
} attune_trees;

/// out = base + the trees' numbers, added in float, in the order of the trees; shape [count].
///
/// - rows: shape [count][width].
/// - bases: one for each row; NULL when it is `base` for all.
/// - room: 8 · max(1, slots) numbers of memory, aligned to 32 bytes.
/// - plain: other than 0 takes the form without vectors, which gives the same.
/// O(count · trees · depth).
void attune_tree_margins(
    const attune_trees *trees, const float *rows, long count, long width, const float *bases, float base, float *room,
    int plain, float *out);

#endif
