// GPIO lines by the kernel's character device, interface version 2 (Linux 5.10).
#pragma once
#include <stddef.h>
#include <stdint.h>

typedef struct {
  char name[32];   // empty: it has none
  char user[32];   // who uses the line
  int is_used;
  int is_output;
} shim_gpio_line;

// Number of lines of a chip; -1 and errno if `fd` is none.
int shim_gpio_lines(int fd, char name[32], char label[32]);
// What is known of one line. 0, or the errno; EINVAL on kernels with version 1 only.
int shim_gpio_line_info(int fd, uint32_t offset, shim_gpio_line *line);

enum { shim_gpio_no_bias = 0, shim_gpio_pull_up = 1, shim_gpio_pull_down = 2 };
// Takes a line as an input that tells edges to active, debounced. A descriptor of the line, or
// -1 and errno.
int shim_gpio_input(int fd, uint32_t offset, int active_low, int bias, uint32_t debounce_us);
// Takes a line as an output that shows `value` (0 or 1, logical) from the first moment.
int shim_gpio_output(int fd, uint32_t offset, int active_low, int value);
// Sets an output. 0, or the errno.
int shim_gpio_set(int line, int value);
// The logical value; -1 and errno if it cannot be read.
int shim_gpio_get(int line);
// Waits at most `milliseconds` (negative: for ever) for an edge. 1 and its time on the monotonic
// clock, 0 after the time, -1 and errno (EINTR: a signal).
int shim_gpio_wait(int line, int milliseconds, int64_t *nanoseconds);
