"""scikit-uplift's metrics on scikit-learn's T-learner, for a file of `experiment`: ten stratified halves, seeds 42 to 51.

    python uplift.py experiment.csv [people.csv]    # needs scikit-uplift 0.5.1, scikit-learn, pandas

With people.csv (of `attune uplift --out`) the Qini of those very scores is printed beside, to hold ours to.
"""
import sys
import warnings

import numpy as np
import pandas as pd
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklift.metrics import qini_auc_score, uplift_at_k, uplift_auc_score

warnings.filterwarnings("ignore")
data = pd.read_csv(sys.argv[1])
if len(sys.argv) > 2:
    people = pd.read_csv(sys.argv[2])
    test = people[people.part == "test"]
    w = test.treated.astype(str).str.lower().eq("true").astype(int)
    print("of these scores: qini", qini_auc_score(test.outcome, test.uplift, w), "auuc",
          uplift_auc_score(test.outcome, test.uplift, w), "uplift@30",
          uplift_at_k(test.outcome, test.uplift, w, strategy="overall", k=0.3))
data = data[data.segment != "Mens E-Mail"]
w = (data.segment == "Womens E-Mail").astype(int).to_numpy()
y = data.visit.to_numpy()
x = data[["recency", "history", "mens", "womens", "newbie"]].copy()
x["history_segment"] = data.history_segment.str[0].astype(int)
x = pd.concat([x, pd.get_dummies(data[["zip_code", "channel"]])], axis=1).astype(float).to_numpy()
figures = []
for seed in range(42, 52):
    a, b = train_test_split(np.arange(len(y)), test_size=0.5, random_state=seed, stratify=2 * w + y)
    arms = []
    for arm in (1, 0):
        rows = a[w[a] == arm]
        model = make_pipeline(StandardScaler(), LogisticRegression(C=1, max_iter=1000)).fit(x[rows], y[rows])
        arms.append(model.predict_proba(x[b])[:, 1])
    uplift = arms[0] - arms[1]
    figures.append([qini_auc_score(y[b], uplift, w[b]), uplift_auc_score(y[b], uplift, w[b]),
                    uplift_at_k(y[b], uplift, w[b], strategy="overall", k=0.3)])
mean, deviation = np.mean(figures, axis=0), np.std(figures, axis=0, ddof=1)
for name, m, d in zip(("qini", "auuc", "uplift@30"), mean, deviation):
    print(f"scikit-learn T-logit {name}: {m:.4f} ± {d:.4f}")
