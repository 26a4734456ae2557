#define _GNU_SOURCE 1
#include "folders.h"
#include <dirent.h>
#include <sys/stat.h>
#include <time.h>

int shim_path_kind(const char *path) {
  struct stat status;
  if (stat(path, &status) != 0) return shim_path_none;
  if (S_ISREG(status.st_mode)) return shim_path_file;
  if (S_ISDIR(status.st_mode)) return shim_path_folder;
  if (S_ISFIFO(status.st_mode) || S_ISSOCK(status.st_mode)) return shim_path_pipe;
  return shim_path_device;
}

void *shim_folder_open(const char *path) { return opendir(path); }

const char *shim_folder_next(void *folder) {
  struct dirent *entry = readdir(folder);
  return entry ? entry->d_name : 0;
}

void shim_folder_close(void *folder) { closedir(folder); }

void shim_sleep(int64_t nanoseconds) {
  struct timespec t = {nanoseconds / 1000000000, nanoseconds % 1000000000};
  nanosleep(&t, 0);
}
