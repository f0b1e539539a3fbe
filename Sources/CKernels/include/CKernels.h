#ifndef CKERNELS_H
#define CKERNELS_H

#include <stdint.h>

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

#endif
