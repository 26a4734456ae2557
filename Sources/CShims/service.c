#define _GNU_SOURCE 1
#include "service.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

static int32_t *counted_reloads, *counted_questions;

static void count(int number) {
  __atomic_fetch_add(number == SIGHUP ? counted_reloads : counted_questions, 1, __ATOMIC_SEQ_CST);
}

void shim_count_signals(int32_t *reloads, int32_t *questions) {
  counted_reloads = reloads;
  counted_questions = questions;
  struct sigaction action;
  memset(&action, 0, sizeof action);
  action.sa_handler = count;
  action.sa_flags = SA_RESTART;
  sigaction(SIGHUP, &action, NULL);
  sigaction(SIGUSR1, &action, NULL);
  // Whoever started this program may have had them blocked; a child inherits that.
  sigset_t both;
  sigemptyset(&both);
  sigaddset(&both, SIGHUP);
  sigaddset(&both, SIGUSR1);
  sigprocmask(SIG_UNBLOCK, &both, NULL);
}

static int notify_socket = -1;
static struct sockaddr_un notify_address;
static socklen_t notify_length;

int shim_notify_open(void) {
  const char *name = getenv("NOTIFY_SOCKET");
  size_t length = name ? strlen(name) : 0;
  // A path, or "@" for a name without a file.
  if (length < 2 || length > sizeof notify_address.sun_path) return 0;
  if (name[0] != '/' && name[0] != '@') return 0;
  notify_address.sun_family = AF_UNIX;
  memcpy(notify_address.sun_path, name, length);
  if (name[0] == '@') notify_address.sun_path[0] = 0;
  notify_length = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length);
  if (notify_socket < 0) notify_socket = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  return notify_socket >= 0;
}

void shim_notify(const void *text, size_t length) {
  if (notify_socket < 0) return;
  sendto(notify_socket, text, length, MSG_NOSIGNAL | MSG_DONTWAIT,
         (const struct sockaddr *)&notify_address, notify_length);
}

int64_t shim_watchdog(void) {
  const char *time = getenv("WATCHDOG_USEC"), *process = getenv("WATCHDOG_PID");
  if (!time || (process && strtoll(process, NULL, 10) != getpid())) return 0;
  int64_t value = strtoll(time, NULL, 10);
  return value > 0 && value < INT64_MAX / 1000 ? value : 0;
}

int shim_can_write(int descriptor, int milliseconds) {
  struct pollfd one = {descriptor, POLLOUT, 0};
  return poll(&one, 1, milliseconds) != 0 || milliseconds < 0;
}

// The end of the last line of a file that begins as JSON Lines do; -1 if it is none. Looks back
// 64 KiB at most: no line is longer.
static int64_t whole_lines(int fd, int64_t size) {
  char part[4096];
  if (size == 0) return 0;
  if (pread(fd, part, 1, 0) != 1 || part[0] != '{') return -1;
  int64_t end = size;
  while (end > 0 && size - end < 65536) {
    int64_t start = end > (int64_t)sizeof part ? end - (int64_t)sizeof part : 0;
    ssize_t got = pread(fd, part, (size_t)(end - start), start);
    if (got != end - start) return -1;
    const char *newline = memrchr(part, '\n', (size_t)got);
    if (newline) return start + (newline - part) + 1;
    end = start;
  }
  return end == 0 ? 0 : -1;
}

int shim_output_open(const char *path, int64_t *size, int64_t *whole) {
  // Without O_NONBLOCK the open of a pipe waits for a reader.
  int fd = open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC | O_NONBLOCK | O_NOCTTY, 0644);
  if (fd < 0) return -1;
  struct stat info;
  *size = *whole = -1;
  int saved = EMEDIUMTYPE;
  if (fstat(fd, &info) != 0) {
    saved = errno;
  } else if (S_ISCHR(info.st_mode)) {
    return fd;
  } else if (S_ISREG(info.st_mode)) {
    *size = info.st_size;
    *whole = whole_lines(fd, info.st_size);
    if (*whole >= 0) return fd;
  }
  close(fd);
  errno = saved;
  return -1;
}

int shim_exists(const char *path) { return access(path, F_OK) == 0; }
