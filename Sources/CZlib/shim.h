// zlib, for gzip request bodies (Debian package zlib1g-dev).
#include <zlib.h>
