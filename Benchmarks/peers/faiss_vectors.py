"""C4 and C5: writes the clustered set to a folder, and measures faiss on it: `faiss_vectors.py FOLDER`."""
import sys
import time

import faiss
import numpy as np

rng = np.random.default_rng(0)
count, size, questions = 100_000, 64, 2_000
centres = rng.standard_normal((1000, size), dtype=np.float32)


def drawn(number):
    rows = centres[rng.integers(0, 1000, number)] + 0.3 * rng.standard_normal((number, size), dtype=np.float32)
    return rows.astype(np.float32)


rows, queries = drawn(count), drawn(questions)
rows.tofile(f"{sys.argv[1]}/rows.f32")
queries.tofile(f"{sys.argv[1]}/queries.f32")


def rate(number, work, threads=1):
    """By processor time, which a busy machine blurs less."""
    began = time.process_time()
    work()
    return number / (time.process_time() - began) * threads


faiss.omp_set_num_threads(1)
flat = faiss.IndexFlatIP(size)
flat.add(rows)
_, truth = flat.search(queries, 10)
print(f"flat, one at a time: {rate(300, lambda: [flat.search(queries[i:i + 1], 10) for i in range(300)]):.0f}/s")
faiss.omp_set_num_threads(2)
print(f"flat, batched, 2 threads: {rate(questions, lambda: flat.search(queries, 10), 2):.0f}/s")
faiss.omp_set_num_threads(1)
if len(sys.argv) > 2:
    graph = faiss.read_index(sys.argv[2])
else:
    graph = faiss.IndexHNSWFlat(size, 16, faiss.METRIC_INNER_PRODUCT)
    graph.hnsw.efConstruction = 100
    began = time.process_time()
    graph.add(rows)
    print(f"HNSW built in {time.process_time() - began:.1f} s")
    faiss.write_index(graph, f"{sys.argv[1]}/graph.faiss")
for effort in (16, 20, 24, 32):
    graph.hnsw.efSearch = effort
    speed = rate(questions, lambda: graph.search(queries, 10))
    _, found = graph.search(queries, 10)
    recall = np.mean([len(set(a) & set(b)) / 10 for a, b in zip(found, truth)])
    print(f"HNSW, ef {effort}: {speed:.0f}/s, recall {recall:.4f}")
