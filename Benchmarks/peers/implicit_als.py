"""Median seconds per iteration of implicit's ALS: FILE FACTORS cg|cholesky ITERATIONS; BLAS at one thread, 2 of its own."""
import sys
import numpy as np
import scipy.sparse as sparse
from implicit.als import AlternatingLeastSquares
from threadpoolctl import threadpool_limits

path, factors, solver, iterations = sys.argv[1], int(sys.argv[2]), sys.argv[3], int(sys.argv[4])
pairs = np.loadtxt(path, dtype=np.int64)
matrix = sparse.csr_matrix((np.ones(len(pairs), np.float32), (pairs[:, 0], pairs[:, 1])))
seconds = []
with threadpool_limits(1, "blas"):
    model = AlternatingLeastSquares(
        factors=factors, regularization=30.0, alpha=4.33, iterations=iterations, use_cg=solver == "cg",
        num_threads=2, random_state=0)
    model.fit_callback = lambda iteration, time, loss: seconds.append(time)
    model.fit(matrix, show_progress=False)
print(f"{np.median(seconds):.4f}")
