#ifndef CLUSTERINGKERNELS_H
#define CLUSTERINGKERNELS_H

// The loops of clustering that no matrix product does.

/// The place of the largest of each row of `products`, of equal ones the first; returns the sum of the largest.
/// - products: shape [rows, centres], centres at least 1.
double attune_largest(const float *products, long rows, long centres, long *places);

/// Adds each row of `values` to the sums of its group, and counts it.
/// - values: shape [rows, width]; sums: shape [groups, width]; sizes: shape [groups]; both hold numbers before.
void attune_add_by_group(
    const float *values, const long *groups, long rows, long width, double *sums, long *sizes);

/// out = max(0, 1 − product), never more than what is known; returns the sum.
/// - known: shape [rows], or null where nothing is.
double attune_narrowed_distances(const float *products, const float *known, long rows, float *out);

/// The first place up to which the values sum to more than `sum`; -1 when there is none.
long attune_first_beyond(const float *values, long count, double sum);

#endif
