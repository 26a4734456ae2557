// The system interface: what Swift cannot import (cast macros, variadics) is wrapped here.
// No _GNU_SOURCE in this header: it makes the host's fd_set differ from the Glibc module's.
#pragma once
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static inline int shim_errno(void) { return errno; }
static inline int shim_open(const char *path) { return open(path, O_RDONLY | O_CLOEXEC); }
static inline const void *shim_map(int fd, size_t size) {
  void *p = mmap(NULL, size, PROT_READ, MAP_PRIVATE, fd, 0);
  return p == MAP_FAILED ? NULL : p;
}

// pthread_t differs between libcs, and musl's default stack is only 128 KiB.
typedef struct { pthread_t id; } shim_thread;
int shim_thread_start(shim_thread *thread, void *(*body)(void *), void *context, size_t stack);
static inline void shim_thread_join(shim_thread thread) { pthread_join(thread.id, NULL); }

// Sleeps while *word == value (a wake-up without reason is possible); wakes up to `count`.
void shim_futex_wait(const void *word, int value);
void shim_futex_wake(const void *word, int count);

// Tells the core that this is a waiting loop.

static inline void shim_pause(void) {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  __asm__ volatile("yield");
#endif
}
void shim_yield(void);

// Nanoseconds of the monotonic clock.
static inline int64_t shim_monotonic(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

// The instruction sets of the running x86 CPU: bit 0 AVX2 (with FMA), bit 1 AVX-512 F/BW/VL/VNNI.
int shim_x86_features(void);
// AT_HWCAP of an arm64 kernel (0 elsewhere): bit 20 is ASIMDDP, the dot product.
int shim_hwcap(void);
