// Malkov & Yashunin, "Efficient and robust approximate nearest neighbor search using hierarchical navigable small world graphs",
// TPAMI 2020: hnswlib builds the graph. The search is our own (CKernels), over the links that leave here: that of version 0.6.2 takes
// no filter, counts its steps in atomics, and keeps rows of its own.

#include "CHNSW.h"

// Instructions are chosen at run time by who gives us the product.
#define NO_MANUAL_VECTORIZATION
#include <hnswlib/hnswlib.h>

#include <algorithm>

namespace {

struct Measure {
  attune_graph_product product;
  long d;
};

float distance(const void *a, const void *b, const void *measure) {
  auto m = static_cast<const Measure *>(measure);
  return -m->product(static_cast<const float *>(a), static_cast<const float *>(b), m->d);
}

class InnerProduct final : public hnswlib::SpaceInterface<float> {
 public:
  InnerProduct(attune_graph_product product, long d) : measure{product, d} {}
  size_t get_data_size() override { return measure.d * sizeof(float); }
  hnswlib::DISTFUNC<float> get_dist_func() override { return distance; }
  void *get_dist_func_param() override { return &measure; }

 private:
  Measure measure;
};

}  // namespace

struct attune_graph_builder {
  attune_graph_builder(long d, long capacity, long links, long effort, uint64_t seed, attune_graph_product product)
      : space(product, d), index(&space, capacity, links, effort, seed) {}

  InnerProduct space;
  hnswlib::HierarchicalNSW<float> index;
};

// No exception crosses into C.
extern "C" {

attune_graph_builder *attune_graph_make(
    long d, long capacity, long links, long effort, uint64_t seed, attune_graph_product product) {
  try {
    if (d < 1 || capacity < 1 || links < 2 || effort < 1) return nullptr;
    return new attune_graph_builder(d, capacity, links, effort, seed, product);
  } catch (...) {
    return nullptr;
  }
}

void attune_graph_free(attune_graph_builder *builder) { delete builder; }

int attune_graph_add(attune_graph_builder *builder, const float *row) {
  try {
    builder->index.addPoint(row, builder->index.cur_element_count, -1);
    return 0;
  } catch (...) {
    return -1;
  }
}

long attune_graph_layers(const attune_graph_builder *builder) { return builder->index.maxlevel_ + 1; }

long attune_graph_layer(const attune_graph_builder *builder, long layer, uint32_t *rows, uint32_t *links) {
  const auto &index = builder->index;
  size_t width = layer == 0 ? index.maxM0_ : index.maxM_;
  long count = 0;
  for (uint32_t row = 0; row < index.cur_element_count; row++) {
    if (index.element_levels_[row] < layer) continue;
    if (rows && links) {
      auto list = index.get_linklist_at_level(row, int(layer));
      auto own = links + count * width;
      rows[count] = row;
      std::fill(own, own + width, UINT32_MAX);
      std::copy(list + 1, list + 1 + index.getListCount(list), own);
    }
    count++;
  }
  return count;
}
}
