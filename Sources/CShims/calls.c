#define _GNU_SOURCE 1
#include "calls.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

shim_fault_plan shim_faults;

int shim_call_fails(void) {
  shim_faults.calls++;
  if (shim_faults.countdown == 0) return 0;
  if (shim_faults.countdown > 1) {
    shim_faults.countdown--;
    return 0;
  }
  if (shim_faults.mode == 2) kill(getpid(), SIGKILL);
  if (shim_faults.mode == 0) shim_faults.countdown = 0;
  errno = shim_faults.error;
  return 1;
}

int shim_call_open(const char *path, int how) {
  static const int flags[] = {
    O_RDONLY,
    O_WRONLY,
    O_RDWR | O_CREAT | O_NOFOLLOW,
    O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW,
  };
  // No waiting: a pipe in the place of a file must not stop anything.
  return shim_call_fails() ? -1 : open(path, flags[how & 3] | O_CLOEXEC | O_NONBLOCK, 0644);
}

int shim_call_close(int fd) {
  int failed = shim_call_fails();
  int error = errno, result = close(fd);  // closed in any case, as the kernel does
  if (!failed) return result;
  errno = error;
  return -1;
}

int64_t shim_call_write(int fd, const void *bytes, size_t size) {
  if (shim_call_fails()) return -1;
  int64_t count;
  do count = write(fd, bytes, size);
  while (count < 0 && errno == EINTR);
  return count;
}

int shim_call_fsync(int fd) { return shim_call_fails() ? -1 : fsync(fd); }
int shim_call_rename(const char *from, const char *to) {
  return shim_call_fails() ? -1 : rename(from, to);
}
int shim_call_unlink(const char *path) { return shim_call_fails() ? -1 : unlink(path); }
int shim_call_mkdir(const char *path) { return shim_call_fails() ? -1 : mkdir(path, 0755); }
int shim_call_lock(int fd) { return shim_call_fails() ? -1 : flock(fd, LOCK_EX | LOCK_NB); }
void *shim_call_opendir(const char *path) { return shim_call_fails() ? NULL : opendir(path); }

int shim_call_ioctl(int fd, unsigned long request, void *argument) {
  if (shim_call_fails()) return -1;
  // The C libraries differ in the type of the request.
  return shim_faults.ioctl ? shim_faults.ioctl(fd, request, argument)
                           : ioctl(fd, (unsigned int)request, argument);
}

int shim_call_writable(const char *path) {
  return shim_call_fails() ? -1 : faccessat(AT_FDCWD, path, W_OK, AT_EACCESS);
}

int64_t shim_call_pread(int fd, void *out, size_t capacity) {
  if (shim_call_fails()) return -1;
  int64_t count;
  do count = pread(fd, out, capacity, 0);
  while (count < 0 && errno == EINTR);
  return count;
}

int shim_read_number(int fd, int64_t *value) {
  char text[64];
  int64_t count = shim_call_pread(fd, text, sizeof text);
  if (count < 0) return errno;
  int64_t i = count > 0 && text[0] == '-', number = 0, first = i;
  for (; i < count && text[i] >= '0' && text[i] <= '9'; i++) {
    if (number > INT64_MAX / 10 - 1) return EINVAL;
    number = number * 10 + (text[i] - '0');
  }
  if (i == first) return EINVAL;
  *value = text[0] == '-' ? -number : number;
  return 0;
}
