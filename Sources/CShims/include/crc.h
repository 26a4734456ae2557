// CRC-32C (Castagnoli polynomial), the checksum of model files.
#pragma once
#include <stddef.h>
#include <stdint.h>

// The checksum of `size` bytes, continued from `crc` (0 to start); by CPU instruction if there
// is one.
uint32_t shim_crc32c(uint32_t crc, const void *bytes, size_t size);
// The same by table, for CPUs without the instruction and for tests.
uint32_t shim_crc32c_portable(uint32_t crc, const void *bytes, size_t size);
