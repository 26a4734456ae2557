// Folders, kinds of paths, sleeping.
#pragma once
#include <stdint.h>

enum {
  shim_path_none = 0,
  shim_path_file = 1,
  shim_path_folder = 2,
  shim_path_pipe = 3,
  shim_path_device = 4,
};
// What lies at `path`, links followed.
int shim_path_kind(const char *path);

// A folder's names in no order; NULL and errno if it cannot be opened, NULL at the end.
void *shim_folder_open(const char *path);
const char *shim_folder_next(void *folder);
void shim_folder_close(void *folder);

// Sleeps about this long; a signal may end it sooner.
void shim_sleep(int64_t nanoseconds);
