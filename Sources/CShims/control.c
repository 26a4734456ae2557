#define _GNU_SOURCE 1
#include "control.h"
#include <linux/futex.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static int32_t *stop_word;

static void stop(int number) {
  (void)number;
  __atomic_store_n(stop_word, 1, __ATOMIC_SEQ_CST);
}

void shim_ignore_broken_pipe(void) { signal(SIGPIPE, SIG_IGN); }

void shim_stop_on_signals(int32_t *word) {
  stop_word = word;
  struct sigaction action;
  memset(&action, 0, sizeof action);
  action.sa_handler = stop;
  // No SA_RESTART: a read that waits for a frame has to return.
  action.sa_flags = (int)SA_RESETHAND;
  sigaction(SIGINT, &action, NULL);
  sigaction(SIGTERM, &action, NULL);
  // Whoever started this program may have had them blocked; a child inherits that.
  sigset_t both;
  sigemptyset(&both);
  sigaddset(&both, SIGINT);
  sigaddset(&both, SIGTERM);
  sigprocmask(SIG_UNBLOCK, &both, NULL);
}

void shim_futex_wait_for(const void *word, int value, int64_t nanoseconds) {
  if (nanoseconds <= 0) return;
  struct timespec t = {(time_t)(nanoseconds / 1000000000), (long)(nanoseconds % 1000000000)};
  syscall(SYS_futex, word, FUTEX_WAIT_PRIVATE, value, &t, NULL, 0);
}

void shim_sleep_until(int64_t nanoseconds) {
  struct timespec t = {(time_t)(nanoseconds / 1000000000), (long)(nanoseconds % 1000000000)};
  clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &t, NULL);
}

int64_t shim_wall_clock(int32_t *nanoseconds) {
  struct timespec t;
  clock_gettime(CLOCK_REALTIME, &t);
  *nanoseconds = (int32_t)t.tv_nsec;
  return (int64_t)t.tv_sec;
}

int64_t shim_process_time(void) {
  struct timespec t;
  if (clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t) != 0) return 0;
  return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

int64_t shim_resident_bytes(void) {
  // The second number of the file, in pages. Not by scanf: it would be most of this module.
  FILE *file = fopen("/proc/self/statm", "re");
  if (!file) return 0;
  char line[128];
  char *at = fgets(line, sizeof line, file) ? strchr(line, ' ') : NULL;
  fclose(file);
  return at ? strtoll(at, NULL, 10) * sysconf(_SC_PAGESIZE) : 0;
}

int shim_marks(void) { return getenv("SWIFTLET_MARK") != NULL; }

void shim_mark(long point) { syscall(7777, point); }

int shim_cpu_count(void) {
  cpu_set_t set;
  if (sched_getaffinity(0, sizeof set, &set) == 0) return CPU_COUNT(&set);
  long count = sysconf(_SC_NPROCESSORS_ONLN);
  return count > 0 ? (int)count : 1;
}

int shim_terminal_columns(int descriptor) {
  struct winsize size;
  if (!isatty(descriptor)) return 0;
  if (ioctl(descriptor, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return 80;
  return size.ws_col;
}

size_t shim_cpu_field(const char *key, char *out, size_t capacity) {
  FILE *file = fopen("/proc/cpuinfo", "re");
  if (!file) return 0;
  char line[4096];
  size_t length = 0, wanted = strlen(key);
  while (length == 0 && fgets(line, sizeof line, file)) {
    if (strncmp(line, key, wanted) != 0) continue;
    char *at = line + wanted;
    while (*at == ' ' || *at == '\t') at++;
    if (*at++ != ':') continue;
    while (*at == ' ') at++;
    length = strcspn(at, "\n");
    if (length >= capacity) length = capacity - 1;
    memcpy(out, at, length);
  }
  fclose(file);
  out[length] = 0;
  return length;
}
