#define _GNU_SOURCE 1
#include "survey.h"
#include <errno.h>
#include <sys/statvfs.h>
#include <unistd.h>

int shim_access(const char *path, int write) {
  return access(path, write ? R_OK | W_OK : R_OK) == 0 ? 0 : errno;
}

int64_t shim_free_bytes(const char *path) {
  struct statvfs space;
  if (statvfs(path, &space) != 0) return -1;
  return (int64_t)space.f_bavail * (int64_t)space.f_frsize;
}
