"""Rows a second that XGBoost's Python package predicts (C6), one thread, batches of 200 rows, 200 trees of depth 3.

    python xgboost_rate.py encoded_features.csv [missing percent]
"""

import sys
import time

import numpy as np
import xgboost as xgb

table = np.genfromtxt(sys.argv[1], delimiter=",", skip_header=1, dtype=np.float32)
labels, rows = table[:, 1], np.ascontiguousarray(table[:, 2:])
missing = float(sys.argv[2]) / 100 if len(sys.argv) > 2 else 0
rows[np.random.RandomState(7).rand(*rows.shape) < missing] = np.nan
settings = dict(
    objective="binary:logistic", max_depth=3, eta=0.05, min_child_weight=5, tree_method="hist", nthread=1, base_score=0.5
)
booster = xgb.train(settings, xgb.DMatrix(rows, labels), 200)
batches = [np.ascontiguousarray(rows[i : i + 200]) for i in range(0, len(rows) - 199, 200)]
rates = []
for _ in range(7):
    start, count = time.thread_time(), 0
    while time.thread_time() - start < 0.3:
        for batch in batches:
            count += len(booster.inplace_predict(batch))
    rates.append(count / (time.thread_time() - start))
print(f"XGBoost {xgb.__version__} from Python: {np.median(rates):.0f} rows/s")
