// What a look at the machine needs.
#pragma once
#include <stdint.h>

// 0 if this process may use `path` (with `write`: also change it), else the errno.
int shim_access(const char *path, int write);
// Bytes that this user may still write where `path` lies; -1 if that is not told.
int64_t shim_free_bytes(const char *path);
