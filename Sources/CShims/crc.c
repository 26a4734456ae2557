#include "crc.h"
#include <pthread.h>
#include <string.h>
#include <sys/auxv.h>

// Eight tables: byte k of eight goes through table 7 - k, so that eight bytes take one step.
static uint32_t tables[8][256];
static pthread_once_t tables_made = PTHREAD_ONCE_INIT;

static void make_tables(void) {
  for (uint32_t i = 0; i < 256; i++) {
    uint32_t c = i;
    for (int bit = 0; bit < 8; bit++) c = c & 1 ? 0x82F63B78u ^ (c >> 1) : c >> 1;
    tables[0][i] = c;
  }
  for (uint32_t i = 0; i < 256; i++)
    for (int t = 1; t < 8; t++)
      tables[t][i] = tables[0][tables[t - 1][i] & 255] ^ (tables[t - 1][i] >> 8);
}

uint32_t shim_crc32c_portable(uint32_t crc, const void *bytes, size_t size) {
  pthread_once(&tables_made, make_tables);
  const uint8_t *p = bytes;
  uint32_t c = ~crc;
  for (; size >= 8; size -= 8, p += 8) {
    uint64_t v;
    memcpy(&v, p, 8);
    v ^= c;
    c = 0;
    for (int t = 0; t < 8; t++) c ^= tables[7 - t][(v >> (8 * t)) & 255];
  }
  for (; size > 0; size--, p++) c = tables[0][(c ^ *p) & 255] ^ (c >> 8);
  return ~c;
}

#if defined(__x86_64__)
static int has_instruction(void) {
  __builtin_cpu_init();
  return __builtin_cpu_supports("sse4.2") != 0;
}

__attribute__((target("sse4.2")))
static uint32_t by_instruction(uint32_t crc, const uint8_t *p, size_t size) {
  uint64_t c = (uint32_t)~crc;
  for (; size >= 8; size -= 8, p += 8) {
    uint64_t v;
    memcpy(&v, p, 8);
    c = __builtin_ia32_crc32di(c, v);
  }
  uint32_t d = (uint32_t)c;
  for (; size > 0; size--, p++) d = __builtin_ia32_crc32qi(d, *p);
  return ~d;
}
#elif defined(__aarch64__)
static int has_instruction(void) { return (getauxval(AT_HWCAP) >> 7) & 1; }  // HWCAP_CRC32

__attribute__((target("crc")))
static uint32_t by_instruction(uint32_t crc, const uint8_t *p, size_t size) {
  uint32_t c = ~crc;
  for (; size >= 8; size -= 8, p += 8) {
    uint64_t v;
    memcpy(&v, p, 8);
    c = __builtin_arm_crc32cd(c, v);
  }
  for (; size > 0; size--, p++) c = __builtin_arm_crc32cb(c, *p);
  return ~c;
}
#else
static int has_instruction(void) { return 0; }
static uint32_t by_instruction(uint32_t crc, const uint8_t *p, size_t size) {
  return shim_crc32c_portable(crc, p, size);
}
#endif

uint32_t shim_crc32c(uint32_t crc, const void *bytes, size_t size) {
  return has_instruction() ? by_instruction(crc, bytes, size)
                           : shim_crc32c_portable(crc, bytes, size);
}
