#!/usr/bin/env python3
"""Writes Sources/CDefaultText/sentiment.c, the sentiment classifier that is shipped, and the texts it is measured on.

    Scripts/make-default-sentiment.py FOLDER [--model FILE]

FOLDER is the unpacked source distribution of vaderSentiment 3.3.2 (MIT licence, C. J. Hutto), as
`pip download --no-deps --no-binary :all: vaderSentiment==3.3.2` gets it. It holds sentences of tweets, product and film
reviews and editorials with the mean of twenty people's ratings from -4 to 4, and a lexicon rated the same way. A mean up to
-0.5 is negative, from 0.5 on positive. One sentence in five, by its hash, is left out and stands in test.csv; the others and
the lexicon (single words and emoticons rated beyond 0.8) stand in train.csv. Without --model it trains with ./attune.
"""

import csv
import hashlib
import pathlib
import subprocess
import sys
import tarfile

SETS = ["amazonReviewSnippets", "tweets", "movieReviewSnippets", "nytEditorialSnippets"]


def label(rating):
    return "negative" if rating <= -0.5 else "positive" if rating >= 0.5 else "neutral"


def sentences(folder):
    archive = folder / "additional_resources" / "hutto_ICWSM_2014.tar.gz"
    with tarfile.open(archive) as tar:
        for name in SETS:
            file = tar.extractfile(f"hutto_ICWSM_2014/{name}_GroundTruth.txt")
            for line in file.read().decode("utf-8", errors="replace").split("\n"):
                fields = line.rstrip("\r").split("\t")
                if len(fields) >= 3 and fields[2].strip():
                    text = " ".join(fields[2].split())
                    is_test = hashlib.sha256(text.lower().encode()).digest()[0] < 51
                    yield name, text, label(float(fields[1])), is_test


def words(folder):
    for line in (folder / "vaderSentiment" / "vader_lexicon.txt").read_text(encoding="utf-8").split("\n"):
        fields = line.split("\t")
        if len(fields) >= 2 and abs(float(fields[1])) >= 0.8:
            yield fields[0], label(float(fields[1]))


def write_c(model):
    rows = [",".join(str(byte) for byte in model[at : at + 32]) for at in range(0, len(model), 32)]
    text = (
        "// Written by Scripts/make-default-sentiment.py from data under the MIT licence: see NOTICE.\n"
        '#include "CDefaultText.h"\n\n'
        "static const unsigned char bytes[] = {\n" + ",\n".join(rows) + "};\n"
        "const unsigned char *attune_default_sentiment(void) { return bytes; }\n"
        "unsigned long attune_default_sentiment_count(void) { return sizeof bytes; }\n"
    )
    pathlib.Path("Sources/CDefaultText/sentiment.c").write_text(text)


def main():
    folder = pathlib.Path(sys.argv[1])
    with open("train.csv", "w", newline="") as train, open("test.csv", "w", newline="") as test:
        (train_rows, test_rows) = (csv.writer(train), csv.writer(test))
        train_rows.writerow(["text", "label"])
        test_rows.writerow(["text", "label", "set"])
        for name, text, rated, is_test in sentences(folder):
            test_rows.writerow([text, rated, name]) if is_test else train_rows.writerow([text, rated])
        train_rows.writerows(words(folder))
    if "--model" in sys.argv:
        model = sys.argv[sys.argv.index("--model") + 1]
    else:
        model = "sentiment.model"
        subprocess.run(
            ["./attune", "text", "train", "--data", "train.csv", "--features", "12000", "--folds", "2", "--out", model],
            check=True,
        )
    write_c(pathlib.Path(model).read_bytes())


main()
