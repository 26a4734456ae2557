#define _GNU_SOURCE 1
#include "board.h"
#include "calls.h"
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

// The guardian is a forked child without exec: it needs no second program and no hidden argument.
// It uses only what is allowed between fork and exec (system calls, its own static memory), so
// that it may be started while other threads run.

typedef struct {
  char path[shim_guardian_path];
  char text[shim_guardian_text];
} record;
static record records[shim_guardian_files];
static int count;
static char state_path[512];

static int put_back(const record *r) {
  int fd = open(r->path, O_WRONLY | O_CLOEXEC | O_NONBLOCK);
  if (fd < 0) return -1;
  size_t length = strlen(r->text);
  ssize_t written = write(fd, r->text, length);
  close(fd);
  return written == (ssize_t)length ? 0 : -1;
}

static void put_all_back(void) {
  int failed = 0;
  for (int i = 0; i < count; i++) {
    int tries = 0;
    while (put_back(&records[i]) != 0 && ++tries < 5) {
      struct timespec pause = {0, 50 * 1000 * 1000};
      nanosleep(&pause, NULL);
    }
    failed += tries == 5;
  }
  // What could not be restored stays in the file, for the next start.
  if (failed == 0) unlink(state_path);
}

static void close_all_but(int one, int other) {
  int low = one < other ? one : other, high = one < other ? other : one;
  unsigned limits[3][2] = {
    {0, (unsigned)low - 1}, {(unsigned)low + 1, (unsigned)high - 1}, {(unsigned)high + 1, ~0u}};
  for (int i = 0; i < 3; i++) {
    unsigned first = limits[i][0], last = limits[i][1];
    if (last + 1 <= first && last != ~0u) continue;
#ifdef SYS_close_range
    if (syscall(SYS_close_range, first, last, 0) == 0) continue;
#endif
    // Kernels before 5.9.
    for (unsigned fd = first; fd <= last && fd < 4096; fd++) close((int)fd);
  }
}

static void stand_guard(int fd, int lock) {
  setsid();
  for (int number = 1; number < 32; number++) {
    // SIGCHLD keeps its default; SIGKILL and SIGSTOP cannot be ignored.
    if (number != SIGCHLD) signal(number, SIG_IGN);
  }
  prctl(PR_SET_NAME, "swiftlet-guard");
  close_all_but(fd, lock);
  if (chdir("/") != 0) errno = 0;
  // From here on no signal to the terminal's group can end it: it may be relied on.
  if (send(fd, "r", 1, MSG_NOSIGNAL) != 1) _exit(1);
  for (;;) {
    record message;
    ssize_t size = recv(fd, &message, sizeof message, 0);
    if (size < 0 && errno == EINTR) continue;
    if (size == (ssize_t)sizeof message && count < shim_guardian_files) {
      records[count++] = message;
    } else if (size == 1) {
      count = 0;
    } else if (size <= 0) {
      break;
    }
  }
  if (count > 0) put_all_back();
  close(lock);
  _exit(0);
}

int shim_guardian_start(const char *state, int lock) {
  int ends[2];
  if (strlen(state) >= sizeof state_path) {
    errno = ENAMETOOLONG;
    return -1;
  }
  if (shim_call_fails() || socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0) return -1;
  strcpy(state_path, state);
  pid_t child = shim_call_fails() ? -1 : fork();
  if (child == 0) {
    // Forked twice: nobody has to wait for the guardian.
    pid_t second = fork();
    if (second != 0) _exit(second < 0 ? 1 : 0);
    count = 0;
    stand_guard(ends[1], lock);
  }
  int error = errno, status = 1;
  close(ends[1]);
  if (child > 0) {
    while (waitpid(child, &status, 0) < 0 && errno == EINTR) {}
    error = EAGAIN;
  }
  struct timeval patience = {2, 0};
  setsockopt(ends[0], SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  char ready = 0;
  while (child > 0 && status == 0 && recv(ends[0], &ready, 1, 0) < 0 && errno == EINTR) {}
  if (!ready) {
    close(ends[0]);
    errno = error;
    return -1;
  }
  return ends[0];
}

int shim_guardian_add(int fd, const char *path, const char *text) {
  record message = {{0}, {0}};
  if (strlen(path) >= sizeof message.path || strlen(text) >= sizeof message.text) {
    errno = ENAMETOOLONG;
    return -1;
  }
  strcpy(message.path, path);
  strcpy(message.text, text);
  if (shim_call_fails()) return -1;
  return send(fd, &message, sizeof message, MSG_NOSIGNAL) == (ssize_t)sizeof message ? 0 : -1;
}

int shim_guardian_clear(int fd) {
  return !shim_call_fails() && send(fd, "c", 1, MSG_NOSIGNAL) == 1 ? 0 : -1;
}

void shim_guardian_end(int fd) {
  char byte;
  shutdown(fd, SHUT_WR);
  while (recv(fd, &byte, 1, 0) < 0 && errno == EINTR) {}
  close(fd);
}

int shim_set_cpus(int first, int amount) {
  cpu_set_t set;
  CPU_ZERO(&set);
  for (int i = first; i < first + amount && i < CPU_SETSIZE; i++) {
    if (i >= 0) CPU_SET(i, &set);
  }
  return sched_setaffinity(0, sizeof set, &set) == 0 ? 0 : errno;
}

int shim_process_id(void) { return (int)getpid(); }
