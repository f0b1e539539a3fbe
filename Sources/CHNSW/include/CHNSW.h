#ifndef CHNSW_H
#define CHNSW_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/// A graph of near neighbours by inner product (HNSW) while hnswlib builds it.
typedef struct attune_graph_builder attune_graph_builder;

/// A product of two rows of d numbers.
typedef float (*attune_graph_product)(const float *row, const float *query, long d);

/// An empty graph for rows of d numbers, at most `capacity` of them.
///
/// - links: of a row, twice as many on layer 0; M in the literature.
/// - effort: rows that are compared when one is added; efConstruction in the literature.
/// The same rows in the same order with the same seed give the same graph.
/// Returns NULL when there is no memory for it.
attune_graph_builder *attune_graph_make(
    long d, long capacity, long links, long effort, uint64_t seed, attune_graph_product product);

void attune_graph_free(attune_graph_builder *builder);

/// Adds the next row. Returns 0, or -1 when it is full or there is no memory.
int attune_graph_add(attune_graph_builder *builder, const float *row);

/// Layers; 0 without rows.
long attune_graph_layers(const attune_graph_builder *builder);

/// The rows of a layer, ascending, into `rows`, and the links of each into `links`, filled up with UINT32_MAX to `links`, twice as
/// many on layer 0. Returns how many rows; with NULL nothing is written.
long attune_graph_layer(const attune_graph_builder *builder, long layer, uint32_t *rows, uint32_t *links);

#ifdef __cplusplus
}
#endif

#endif
