"""Users a second of implicit's recommend for all users at once, what they have filtered out: FILE FACTORS RUNS; 2 threads."""
import sys
import time
import numpy as np
import scipy.sparse as sparse
from implicit.als import AlternatingLeastSquares
from threadpoolctl import threadpool_limits

path, factors, runs = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
pairs = np.loadtxt(path, dtype=np.int64)
matrix = sparse.csr_matrix((np.ones(len(pairs), np.float32), (pairs[:, 0], pairs[:, 1])))
with threadpool_limits(1, "blas"):
    model = AlternatingLeastSquares(factors=factors, regularization=30.0, alpha=4.33, iterations=2, num_threads=2, random_state=0)
    model.fit(matrix, show_progress=False)
seconds = []
for run in range(runs):
    began = time.perf_counter()
    model.recommend(np.arange(matrix.shape[0]), matrix, N=10, filter_already_liked_items=True)
    seconds.append(time.perf_counter() - began)
print(int(matrix.shape[0] / np.median(seconds)))
