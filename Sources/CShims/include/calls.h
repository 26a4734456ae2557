// System calls that a test can let fail: every call of sensors, clock limits and their restoring
// goes through here. Each returns -1 (or NULL) and sets errno.
#pragma once
#include <stddef.h>
#include <stdint.h>

// Which call fails. All zero, as at the start of a program: none.
typedef struct {
  int64_t countdown;  // the call that fails, counting down; 0: none
  int64_t calls;      // calls so far
  int32_t mode;       // 0: that call fails; 1: it and all later ones; 2: the process is killed
  int32_t error;      // the errno that is told
  int (*ioctl)(int fd, unsigned long request, void *argument);  // instead of the kernel's
} shim_fault_plan;
extern shim_fault_plan shim_faults;

// Whether the call that is about to be made has to fail; counts it.
int shim_call_fails(void);

enum { shim_read_only = 0, shim_write_only = 1, shim_read_write = 2, shim_new_file = 3 };
// Opens with O_CLOEXEC and O_NONBLOCK; shim_new_file: created or emptied, mode 0644, no links
// followed; shim_read_write likewise created, not emptied.
int shim_call_open(const char *path, int how);
int shim_call_close(int fd);
int64_t shim_call_write(int fd, const void *bytes, size_t size);
int shim_call_fsync(int fd);
int shim_call_rename(const char *from, const char *to);
int shim_call_unlink(const char *path);
int shim_call_mkdir(const char *path);
// An exclusive lock of the open file, without waiting.
int shim_call_lock(int fd);
int shim_call_ioctl(int fd, unsigned long request, void *argument);
void *shim_call_opendir(const char *path);
// Whether the file may be written: 0, or -1 and errno.
int shim_call_writable(const char *path);

// Up to `capacity` bytes from the start of the file; the count, or -1 and errno.
int64_t shim_call_pread(int fd, void *out, size_t capacity);
// The whole number at the start of a small file. 0, or the errno; EINVAL if there is no number.
int shim_read_number(int fd, int64_t *value);
