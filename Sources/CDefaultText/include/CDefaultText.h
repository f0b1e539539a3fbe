#ifndef CDEFAULTTEXT_H
#define CDEFAULTTEXT_H

/// The snapshot of the sentiment classifier that is shipped, written by Scripts/make-default-sentiment.py.
const unsigned char *attune_default_sentiment(void);
unsigned long attune_default_sentiment_count(void);

#endif
