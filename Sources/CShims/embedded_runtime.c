// What the Embedded Swift library expects and musl 1.2.3 lacks. Host builds take these from the
// full Swift runtime and glibc.
#ifdef SWIFT_EMBEDDED_RUNTIME
#include <stdlib.h>
#include <sys/random.h>

// Hash seeds and system random numbers.
void arc4random_buf(void *bytes, size_t count) {
  char *at = bytes;
  while (count > 0) {
    ssize_t got = getrandom(at, count, 0);
    if (got <= 0) continue;
    at += got;
    count -= (size_t)got;
  }
}

// Float(String) and Double(String).
const char *_swift_stdlib_strtof_clocale(const char *text, float *out) {
  char *end;
  *out = strtof(text, &end);
  return end;
}
const char *_swift_stdlib_strtod_clocale(const char *text, double *out) {
  char *end;
  *out = strtod(text, &end);
  return end;
}
#endif
