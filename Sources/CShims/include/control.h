// How a program is ended, how it waits, and what machine it runs on.
#pragma once
#include <stddef.h>
#include <stdint.h>

// Ignores SIGPIPE: a write to a closed pipe then gives EPIPE.
void shim_ignore_broken_pipe(void);
// From now on SIGINT and SIGTERM set *word to 1 and interrupt blocking calls; a second signal
// ends the program at once. `word` has to live as long as the program.
void shim_stop_on_signals(int32_t *word);
// Sleeps while *word == value, at most `nanoseconds`.
void shim_futex_wait_for(const void *word, int value, int64_t nanoseconds);
// Sleeps until that time of the monotonic clock or the next signal.
void shim_sleep_until(int64_t nanoseconds);
// Seconds since 1970 and the nanoseconds of the running one.
int64_t shim_wall_clock(int32_t *nanoseconds);
// Nanoseconds that all threads of this process have run.
int64_t shim_process_time(void);
// Bytes of physical memory in use by this process; 0 if /proc does not tell.
int64_t shim_resident_bytes(void);
// CPUs that this process may use.
int shim_cpu_count(void);
// Columns of the terminal behind a descriptor; 0 if it is none.
int shim_terminal_columns(int descriptor);
// The first value of a key such as "model name" in /proc/cpuinfo; 0 if absent.
size_t shim_cpu_field(const char *key, char *out, size_t capacity);
// Tells an emulator that counts instructions where an inference starts (0) and ends (1), or a
// profiled one (2, 3), if the environment variable SWIFTLET_MARK is set: a system call of a
// number that no kernel has.
// shim_marks tells whether it is set.
int shim_marks(void);
void shim_mark(long point);
// A word that other threads change: sequentially consistent.
static inline int32_t shim_load(const int32_t *word) {
  return __atomic_load_n(word, __ATOMIC_SEQ_CST);
}
static inline void shim_increment(int32_t *word) { __atomic_fetch_add(word, 1, __ATOMIC_SEQ_CST); }
