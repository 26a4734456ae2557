// Two functions of the Embedded Swift runtime, which are weak there, as the compiler expects them.
//
// The compiler takes for granted that retaining a bridge object gives back the same bits, and goes
// on with the result in place of its argument. The runtime of Swift 6.3 gives back the bare
// address instead; a short string, whose bits are its letters, then becomes a long one at an
// address made of them. Seen on arm64: the path in an error of the camera. Mended in the compiler by
// github.com/swiftlang/swift/pull/91151; to be left out with a release that has it.
#ifdef SWIFT_EMBEDDED_RUNTIME
#include <stdint.h>

void *swift_retain_n(void *object, uint32_t n);
void *swift_bridgeObjectRetain_n(void *object, uint32_t n);
void *swift_bridgeObjectRetain(void *object);

void *swift_bridgeObjectRetain_n(void *object, uint32_t n) {
  // The highest bit: nothing to count, such as a short or a constant string.
  uintptr_t bits = (uintptr_t)object;
  uintptr_t plain = bits & 0x0ffffffffffffff8;
  if ((intptr_t)bits >= 0 && plain) swift_retain_n((void *)plain, n);
  return object;
}

void *swift_bridgeObjectRetain(void *object) { return swift_bridgeObjectRetain_n(object, 1); }
#endif
