// libcrypto, for SHA-256 of keys (Debian package libssl-dev). The low-level calls are deprecated in OpenSSL 3 in favour of
// EVP, which looks the algorithm up at every call; they are the ones to use for a 47-byte text on the hot path.
#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/sha.h>
