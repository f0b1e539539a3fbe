#include "ClusteringKernels.h"

double attune_largest(const float *products, long rows, long centres, long *places) {
    double sum = 0;
    for (long row = 0; row < rows; row++) {
        const float *own = products + row * centres;
        long best = 0;
        for (long centre = 1; centre < centres; centre++) {
            if (own[centre] > own[best]) best = centre;
        }
        places[row] = best;
        sum += own[best];
    }
    return sum;
}

void attune_add_by_group(
    const float *values, const long *groups, long rows, long width, double *sums, long *sizes) {
    for (long row = 0; row < rows; row++) {
        const float *own = values + row * width;
        double *sum = sums + groups[row] * width;
        for (long column = 0; column < width; column++) sum[column] += own[column];
        sizes[groups[row]] += 1;
    }
}

double attune_narrowed_distances(const float *products, const float *known, long rows, float *out) {
    double sum = 0;
    for (long row = 0; row < rows; row++) {
        float distance = 1 - products[row];
        if (!(distance > 0)) distance = 0;
        if (known && known[row] < distance) distance = known[row];
        out[row] = distance;
        sum += distance;
    }
    return sum;
}

long attune_first_beyond(const float *values, long count, double sum) {
    for (long place = 0; place < count; place++) {
        sum -= values[place];
        if (sum < 0) return place;
    }
    return -1;
}
