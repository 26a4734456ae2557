#include "files.h"
#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

const void *shim_map_file(const char *path, int64_t *size, int *step) {
  *size = 0;
  *step = shim_map_open;
  // Without O_NONBLOCK the open of a pipe waits for a writer.
  int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (fd < 0) return NULL;
  const void *result = NULL;
  struct stat info;
  if (fstat(fd, &info) == 0) {
    *size = info.st_size;
    if (!S_ISREG(info.st_mode)) {
      *step = shim_map_not_regular;
    } else if (info.st_size == 0) {
      *step = shim_map_empty;
    } else {
      void *p = mmap(NULL, (size_t)info.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
      *step = p == MAP_FAILED ? shim_map_memory : shim_map_done;
      if (p != MAP_FAILED) result = p;
    }
  }
  int saved = errno;
  close(fd);
  errno = saved;
  return result;
}

int shim_create(const char *path, int mode) {
  return open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, mode);
}

int shim_open_folder(const char *path) {
  return open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

const char *shim_errno_name(int error) {
  switch (error) {
    case EACCES: return "EACCES";
    case EAGAIN: return "EAGAIN";
    case EBUSY: return "EBUSY";
    case EDQUOT: return "EDQUOT";
    case EEXIST: return "EEXIST";
    case EFBIG: return "EFBIG";
    case EINTR: return "EINTR";
    case EINVAL: return "EINVAL";
    case EIO: return "EIO";
    case EISDIR: return "EISDIR";
    case ELOOP: return "ELOOP";
    case EMEDIUMTYPE: return "EMEDIUMTYPE";
    case EMFILE: return "EMFILE";
    case ENAMETOOLONG: return "ENAMETOOLONG";
    case ENFILE: return "ENFILE";
    case ENODEV: return "ENODEV";
    case ENOENT: return "ENOENT";
    case ENOMEM: return "ENOMEM";
    case ENOTTY: return "ENOTTY";
    case EOVERFLOW: return "EOVERFLOW";
    case ENOSPC: return "ENOSPC";
    case ENOTDIR: return "ENOTDIR";
    case ENXIO: return "ENXIO";
    case EPERM: return "EPERM";
    case EROFS: return "EROFS";
    default: return "errno";
  }
}
