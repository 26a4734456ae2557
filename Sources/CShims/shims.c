#define _GNU_SOURCE 1
#include "shims.h"
#include <linux/futex.h>
#include <sched.h>
#include <sys/syscall.h>

int shim_thread_start(shim_thread *thread, void *(*body)(void *), void *context, size_t stack) {
  pthread_attr_t attr;
  pthread_attr_init(&attr);
  pthread_attr_setstacksize(&attr, stack);
  int rc = pthread_create(&thread->id, &attr, body, context);
  pthread_attr_destroy(&attr);
  return rc;
}

void shim_futex_wait(const void *word, int value) {
  syscall(SYS_futex, word, FUTEX_WAIT_PRIVATE, value, NULL, NULL, 0);
}

void shim_futex_wake(const void *word, int count) {
  syscall(SYS_futex, word, FUTEX_WAKE_PRIVATE, count, NULL, NULL, 0);
}

void shim_yield(void) { sched_yield(); }

int shim_x86_features(void) {
#if defined(__x86_64__)
  __builtin_cpu_init();
  int avx2 = __builtin_cpu_supports("avx2") != 0;
  int vnni = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
             __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512dq") &&
             __builtin_cpu_supports("avx512vnni");
  return avx2 | vnni << 1;
#else
  return 0;
#endif
}

int shim_hwcap(void) {
#if defined(__aarch64__)
  return (int)getauxval(AT_HWCAP);
#else
  return 0;
#endif
}
