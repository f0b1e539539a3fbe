"""Seconds of a fit of EASE by numpy (Gram, inverse, weights, float64): FILE RUNS; BLAS at 2 threads."""
import sys
import time
import numpy as np
import scipy.sparse as sparse
from threadpoolctl import threadpool_limits

pairs = np.loadtxt(sys.argv[1], dtype=np.int64)
matrix = sparse.csr_matrix((np.ones(len(pairs)), (pairs[:, 0], pairs[:, 1])))
seconds = []
with threadpool_limits(2, "blas"):
    for run in range(int(sys.argv[2])):
        began = time.perf_counter()
        gram = np.asarray((matrix.T @ matrix).todense(), dtype=np.float64)
        gram[np.diag_indices_from(gram)] += 500
        inverse = np.linalg.inv(gram)
        weights = -inverse / np.diag(inverse)[None, :]
        weights[np.diag_indices_from(weights)] = 0
        seconds.append(time.perf_counter() - began)
print(f"{np.median(seconds):.3f}")
