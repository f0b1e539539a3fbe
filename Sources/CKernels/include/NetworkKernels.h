#ifndef NETWORKKERNELS_H
#define NETWORKKERNELS_H

#include <stdint.h>

// The parts of a neural network between its matrix products. Matrices stand row after row; what is "added to" must hold
// numbers before. The same input gives the same output on one kind of processor.

/// C = AB, or C = C + AB when `adds`, for A of [rows, inner], B of [inner, columns], C of [rows, columns]. Elements of A stand
/// at a[i · a_row + p · a_inner], those of B at b[p · b_inner + j · b_column], those of C at c[i · stride + j].
/// Returns 0, with nothing done, on a processor for which there is nothing here that a BLAS would not do as well.
int attune_multiply(
    long rows, long columns, long inner, const float *a, long a_row, long a_inner, const float *b, long b_inner,
    long b_column, int adds, float *c, long stride);

/// out = gain · (x − mean) / √(variance + 1e-5) + shift, row by row.
/// - statistics: shape [rows, 2]; mean and 1 / √(variance + 1e-5) of each row.
void attune_layer_norm(
    const float *x, long rows, long d, const float *gain, const float *shift, float *out, float *statistics);

/// The way back: adds to dx, dgain and dshift what follows from dout.
void attune_layer_norm_back(
    const float *dout, const float *x, const float *statistics, long rows, long d, const float *gain, float *dx,
    float *dgain, float *dshift);

/// Softmax of s = scale · s_j + bias_(i−j) over j ≤ i for rows i = first, first + 1, …; 0 for j > i.
/// - s: rows of `stride` numbers, of which the first `first + rows` count.
/// - bias: shape [length], reversed: that of the distance i − j stands at length − 1 − (i − j).
void attune_causal_softmax(
    float *s, long stride, long first, long rows, float scale, const float *bias, long length);

/// The way back: dp, the gradient of the softmax's output p, becomes that of its input before the scale. Adds to dbias.
void attune_causal_softmax_back(
    const float *p, float *dp, long stride, long first, long rows, float scale, float *dbias, long length);

/// u = u + shift for each row; out = u / (1 + exp(−u)).
void attune_silu(float *u, const float *shift, long rows, long d, float *out);

/// dout becomes the gradient of u. Adds to dshift.
void attune_silu_back(const float *u, float *dout, long rows, long d, float *dshift);

/// Cross entropy of a softmax: z becomes weight · (softmax(z − offset) − 1 at the target).
/// - offset: shape [count], not used for the target; NULL for none.
/// Returns log Σ exp(z_j − offset_j) − z_target.
float attune_softmax_loss(float *z, long count, const float *offset, long target, float weight);

/// x = 0 with a chance of threshold / 2³², else scale · x, element by element, as the key says.
void attune_dropout(float *x, long count, uint32_t key, uint32_t threshold, float scale);

/// y = y + x, element by element.
void attune_add(float *y, const float *x, long count);

/// y = y + shift for each row.
void attune_add_shift(float *y, const float *shift, long rows, long d);

/// sums = sums + Σ rows of x.
void attune_add_columns(const float *x, long rows, long d, float *sums);

/// A step of Adam on w from the gradient g. mean and square are its memory; average moves to w by the share `blend`.
/// - rate: the step's, with the corrections for the beginning in it.
void attune_adam(
    float *w, const float *g, float *mean, float *square, float *average, long count, float rate, float mean_decay,
    float square_decay, float epsilon, float weight_decay, float blend);

#endif
