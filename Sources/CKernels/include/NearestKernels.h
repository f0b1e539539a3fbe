#ifndef NEAREST_KERNELS_H
#define NEAREST_KERNELS_H

#include <stdint.h>

/// The rows with the greatest products with a query.
///
/// - rows: shape [n, d], n < 2³².
/// - allowed: a bit for each row, rounded up to whole words; NULL when all are.
/// - keys: room for k ≥ 1; gets what was found, in no order. A key is a score's bits, turned so that they order as scores do, above
///   the complement of the row. A product that is no number is never found; of equal scores the lower rows are.
/// Returns how many were found. O(n d), bound by the memory's speed.
long attune_scan(
    const float *rows, long n, long d, const float *query, const uint64_t *allowed, long k, uint64_t *keys);

/// Rows as bytes beside the rows themselves, in blocks of 16 by falling length, so that long rows come first.
typedef struct {
  long n, d;
  /// Shape [n, d]: what the bytes stand for.
  const float *rows;
  /// By block, by four dimensions, by row: four bytes, each 128 more than the number it stands for, dimensions filled up with 128.
  const uint8_t *codes;
  /// What a row's numbers are to be multiplied by; filled up with 0 to whole blocks.
  const float *scales;
  /// The row that stands at a place; n of them.
  const uint32_t *order;
  /// Of each block at least: the length of a row, as it is and as its bytes say, and the length of the difference.
  const float *lengths, *errors;
} attune_quantised_rows;

/// `attune_scan` by bytes: by the Cauchy-Schwarz inequality no row that they keep out can be among the best, and the others are
/// multiplied as they are. So the answer is that of `attune_scan`.
///
/// - codes: the query's bytes, a multiple of four of them, and `scale` what they are to be multiplied by.
/// - length, rest: at least the length of the query, and of what its bytes lack.
/// - rescored: gets how many rows were multiplied as they are.
long attune_quantised_scan(
    const attune_quantised_rows *rows, const int8_t *codes, float scale, const float *query, float length, float rest,
    const uint64_t *allowed, long k, uint64_t *keys, long *rescored);

/// The product of two rows of d numbers; the number that the scans get for them.
typedef float (*attune_product_function)(const float *row, const float *query, long d);

/// The fastest of this machine.
attune_product_function attune_product(void);

/// A graph of near neighbours, for `attune_graph_search`.
typedef struct {
  long n, d;
  /// Shape [n, d].
  const float *rows;
  /// Shape [n, width], width ≤ 256: rows that a row is linked with, filled up with UINT32_MAX.
  const uint32_t *links;
  long width;
  /// The upper layers from the top down, `upper_count` numbers in all. Each is a count, so many rows, for each its place in the layer
  /// below (the lowest being the rows themselves), and for each `upper_width` links to places in its own layer, filled up likewise.
  const uint32_t *upper;
  long upper_count, upper_width;
} attune_graph;

/// Rows with great products with a query, most of them the greatest: the more, the greater `effort`, the number of rows that are kept
/// in sight. Rows that are not allowed are passed through and not found.
///
/// - keys: room for `effort` of them; gets what was found as `attune_scan` gives it.
/// Returns how many were found, or -1 when there is no memory.
long attune_graph_search(
    const attune_graph *graph, const float *query, long effort, const uint64_t *allowed, uint64_t *keys);

#endif
