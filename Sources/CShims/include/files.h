// Files: what Swift cannot import (variadic open, cast and test macros).
#pragma once
#include <stddef.h>
#include <stdint.h>

// How far shim_map_file came.
enum {
  shim_map_done = 0,
  shim_map_open = 1,         // open or fstat: see errno
  shim_map_not_regular = 2,  // a folder, pipe or device
  shim_map_empty = 3,
  shim_map_memory = 4,       // mmap: see errno
};
// Maps a whole regular file read-only; never waits (a pipe is refused). NULL unless *step is
// shim_map_done.
const void *shim_map_file(const char *path, int64_t *size, int *step);

// A new file for writing that must not exist yet; a descriptor, or -1 and errno.
int shim_create(const char *path, int mode);
// A descriptor of a folder, for fsync; or -1 and errno.
int shim_open_folder(const char *path);
// ENOENT and so on; "errno" for rare ones.
const char *shim_errno_name(int error);
