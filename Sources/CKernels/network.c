// Kingma & Ba, "Adam: a method for stochastic optimization", ICLR 2015; Ba, Kiros & Hinton, "Layer normalization", 2016.
// Plain loops that the compiler turns into vectors: once for any processor, once for each wider kind, chosen at run time.

#include "NetworkKernels.h"

#include <stddef.h>
#include <string.h>

#define ALWAYS_INLINE static inline __attribute__((always_inline))
#define FAST _Pragma("clang fp reassociate(on) contract(fast)")

// Defines attune_NAME, which calls NAME_body compiled for what the processor has.
#if defined(__x86_64__)
#define AVX512 "avx512f,avx512bw,avx512dq,avx512vl,avx2,fma"
#define KERNEL(type, name, parameters, arguments) \
  __attribute__((target(AVX512))) static type name##_avx512 parameters { return name##_body arguments; } \
  __attribute__((target("avx2,fma"))) static type name##_avx2 parameters { return name##_body arguments; } \
  static type name##_any parameters { return name##_body arguments; } \
  type attune_##name parameters { \
    if (__builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq") && \
        __builtin_cpu_supports("avx512vl")) { \
      return name##_avx512 arguments; \
    } \
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) return name##_avx2 arguments; \
    return name##_any arguments; \
  }
#else
#define KERNEL(type, name, parameters, arguments) \
  type attune_##name parameters { return name##_body arguments; }
#endif

// e^x to about 1e-7 of it: 2^n times the series of e^r for |r| ≤ ln 2 / 2 (Cody & Waite's split of ln 2). What is beyond
// the range of a float becomes its end.
ALWAYS_INLINE float exponential(float x) {
  x = x < -87.0f ? -87.0f : x;
  x = x > 88.0f ? 88.0f : x;
  float turns = x * 1.44269504f;
  int n = (int)(turns + (turns < 0 ? -0.5f : 0.5f));
  float r = (x - (float)n * 0.693359375f) + (float)n * 2.12194440e-4f;
  float series =
      1 + r * (1 + r * (0.5f + r * (0.166666667f + r * (0.0416666667f + r * (0.00833333333f + r * 0.00138888889f)))));
  int32_t bits = (n + 127) << 23;
  float power;
  memcpy(&power, &bits, sizeof power);
  return series * power;
}

// The largest of x and `least`, sixteen running at once: a single one would depend on the order for what is no number, which
// keeps the compiler from taking several.
ALWAYS_INLINE float largest(const float *x, long count, float least) {
  enum { width = 16 };
  float tops[width];
  for (long lane = 0; lane < width; lane++) tops[lane] = least;
  long whole = count / width * width;
  for (long j = 0; j < whole; j += width) {
    for (long lane = 0; lane < width; lane++) tops[lane] = x[j + lane] > tops[lane] ? x[j + lane] : tops[lane];
  }
  for (long j = whole; j < count; j++) tops[0] = x[j] > tops[0] ? x[j] : tops[0];
  for (long lane = 1; lane < width; lane++) tops[0] = tops[lane] > tops[0] ? tops[lane] : tops[0];
  return tops[0];
}

ALWAYS_INLINE void layer_norm_body(
    const float *x, long rows, long d, const float *gain, const float *shift, float *out, float *statistics) {
  FAST
  for (long row = 0; row < rows; row++, x += d, out += d) {
    float sum = 0, squares = 0;
    for (long k = 0; k < d; k++) sum += x[k];
    float mean = sum / (float)d;
    for (long k = 0; k < d; k++) squares += (x[k] - mean) * (x[k] - mean);
    float inverse = 1 / __builtin_elementwise_sqrt(squares / (float)d + 1e-5f);
    for (long k = 0; k < d; k++) out[k] = gain[k] * ((x[k] - mean) * inverse) + shift[k];
    statistics[2 * row] = mean;
    statistics[2 * row + 1] = inverse;
  }
}
KERNEL(
    void, layer_norm,
    (const float *x, long rows, long d, const float *gain, const float *shift, float *out, float *statistics),
    (x, rows, d, gain, shift, out, statistics))

ALWAYS_INLINE void layer_norm_back_body(
    const float *dout, const float *x, const float *statistics, long rows, long d, const float *gain, float *dx,
    float *dgain, float *dshift) {
  FAST
  for (long row = 0; row < rows; row++, x += d, dout += d, dx += d) {
    float mean = statistics[2 * row], inverse = statistics[2 * row + 1];
    float sum = 0, along = 0;
    for (long k = 0; k < d; k++) {
      float normal = (x[k] - mean) * inverse, g = dout[k] * gain[k];
      sum += g;
      along += g * normal;
      dgain[k] += dout[k] * normal;
      dshift[k] += dout[k];
    }
    sum /= (float)d;
    along /= (float)d;
    for (long k = 0; k < d; k++) {
      float normal = (x[k] - mean) * inverse;
      dx[k] += inverse * (dout[k] * gain[k] - sum - normal * along);
    }
  }
}
KERNEL(
    void, layer_norm_back,
    (const float *dout, const float *x, const float *statistics, long rows, long d, const float *gain, float *dx,
     float *dgain, float *dshift),
    (dout, x, statistics, rows, d, gain, dx, dgain, dshift))

ALWAYS_INLINE void causal_softmax_body(
    float *s, long stride, long first, long rows, float scale, const float *bias, long length) {
  FAST
  for (long row = 0; row < rows; row++, s += stride) {
    long i = first + row;
    const float *b = bias + (length - 1 - i);
    for (long j = 0; j <= i; j++) s[j] = scale * s[j] + b[j];
    float top = largest(s, i + 1, s[0]), sum = 0;
    for (long j = 0; j <= i; j++) {
      s[j] = exponential(s[j] - top);
      sum += s[j];
    }
    float inverse = 1 / sum;
    for (long j = 0; j <= i; j++) s[j] *= inverse;
    for (long j = i + 1; j < first + rows; j++) s[j] = 0;
  }
}
KERNEL(
    void, causal_softmax,
    (float *s, long stride, long first, long rows, float scale, const float *bias, long length),
    (s, stride, first, rows, scale, bias, length))

ALWAYS_INLINE void causal_softmax_back_body(
    const float *p, float *dp, long stride, long first, long rows, float scale, float *dbias, long length) {
  FAST
  for (long row = 0; row < rows; row++, p += stride, dp += stride) {
    long i = first + row;
    float *b = dbias + (length - 1 - i);
    float along = 0;
    for (long j = 0; j <= i; j++) along += p[j] * dp[j];
    for (long j = 0; j <= i; j++) {
      float g = p[j] * (dp[j] - along);
      b[j] += g;
      dp[j] = scale * g;
    }
    for (long j = i + 1; j < first + rows; j++) dp[j] = 0;
  }
}
KERNEL(
    void, causal_softmax_back,
    (const float *p, float *dp, long stride, long first, long rows, float scale, float *dbias, long length),
    (p, dp, stride, first, rows, scale, dbias, length))

ALWAYS_INLINE void silu_body(float *u, const float *shift, long rows, long d, float *out) {
  FAST
  for (long row = 0; row < rows; row++, u += d, out += d) {
    for (long k = 0; k < d; k++) {
      u[k] += shift[k];
      out[k] = u[k] / (1 + exponential(-u[k]));
    }
  }
}
KERNEL(void, silu, (float *u, const float *shift, long rows, long d, float *out), (u, shift, rows, d, out))

ALWAYS_INLINE void silu_back_body(const float *u, float *dout, long rows, long d, float *dshift) {
  FAST
  for (long row = 0; row < rows; row++, u += d, dout += d) {
    for (long k = 0; k < d; k++) {
      float gate = 1 / (1 + exponential(-u[k]));
      dout[k] *= gate * (1 + u[k] * (1 - gate));
      dshift[k] += dout[k];
    }
  }
}
KERNEL(
    void, silu_back, (const float *u, float *dout, long rows, long d, float *dshift), (u, dout, rows, d, dshift))

ALWAYS_INLINE float softmax_loss_body(float *z, long count, const float *offset, long target, float weight) {
  FAST
  float own = z[target];
  if (offset) {
    for (long j = 0; j < count; j++) z[j] -= offset[j];
    z[target] = own;
  }
  float top = largest(z, count, own), sum = 0;
  for (long j = 0; j < count; j++) {
    z[j] = exponential(z[j] - top);
    sum += z[j];
  }
  float share = weight / sum;
  for (long j = 0; j < count; j++) z[j] *= share;
  z[target] -= weight;
  return top + __builtin_logf(sum) - own;
}
KERNEL(
    float, softmax_loss, (float *z, long count, const float *offset, long target, float weight),
    (z, count, offset, target, weight))

// The finaliser of MurmurHash3 on the element's number: neighbours are as good as independent.
ALWAYS_INLINE void dropout_body(float *x, long count, uint32_t key, uint32_t threshold, float scale) {
  for (long k = 0; k < count; k++) {
    uint32_t h = ((uint32_t)k ^ key) * 0x9E3779B1u + key;
    h ^= h >> 16;
    h *= 0x85EBCA6Bu;
    h ^= h >> 13;
    h *= 0xC2B2AE35u;
    h ^= h >> 16;
    x[k] = h < threshold ? 0 : scale * x[k];
  }
}
KERNEL(
    void, dropout, (float *x, long count, uint32_t key, uint32_t threshold, float scale),
    (x, count, key, threshold, scale))

ALWAYS_INLINE void add_body(float *y, const float *x, long count) {
  for (long k = 0; k < count; k++) y[k] += x[k];
}
KERNEL(void, add, (float *y, const float *x, long count), (y, x, count))

ALWAYS_INLINE void add_shift_body(float *y, const float *shift, long rows, long d) {
  for (long row = 0; row < rows; row++, y += d) {
    for (long k = 0; k < d; k++) y[k] += shift[k];
  }
}
KERNEL(void, add_shift, (float *y, const float *shift, long rows, long d), (y, shift, rows, d))

ALWAYS_INLINE void add_columns_body(const float *x, long rows, long d, float *sums) {
  for (long row = 0; row < rows; row++, x += d) {
    for (long k = 0; k < d; k++) sums[k] += x[k];
  }
}
KERNEL(void, add_columns, (const float *x, long rows, long d, float *sums), (x, rows, d, sums))

ALWAYS_INLINE void adam_body(
    float *w, const float *g, float *mean, float *square, float *average, long count, float rate, float mean_decay,
    float square_decay, float epsilon, float weight_decay, float blend) {
  for (long k = 0; k < count; k++) {
    mean[k] = mean_decay * mean[k] + (1 - mean_decay) * g[k];
    square[k] = square_decay * square[k] + (1 - square_decay) * g[k] * g[k];
    w[k] -= rate * (mean[k] / (__builtin_elementwise_sqrt(square[k]) + epsilon) + weight_decay * w[k]);
    average[k] += blend * (w[k] - average[k]);
  }
}
KERNEL(
    void, adam,
    (float *w, const float *g, float *mean, float *square, float *average, long count, float rate, float mean_decay,
     float square_decay, float epsilon, float weight_decay, float blend),
    (w, g, mean, square, average, count, rate, mean_decay, square_decay, epsilon, weight_decay, blend))
