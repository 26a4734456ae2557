// The kernel side of ioctl calls, answered from plain files:
// dev/vcio holds `throttled millidegrees` and then the text of pmic_read_adc;
// dev/gpiochipN holds `v1` or `v2` and then a line `NAME STATE` for each GPIO line, NAME `-` for
// none, STATE `free`, `used`, `denied` or `broken`.
#pragma once
#include <stdint.h>

// From now on the calls of this process are answered here.
void fake_kernel_install(void);

// What the last taken line was asked for.
typedef struct {
  uint64_t flags;
  uint32_t debounce_us;
  int32_t values;  // initial value of an output; -1: none given
  char consumer[32];
  uint32_t offset;
} fake_request;
fake_request fake_last_request(void);
// Our end of the last taken line: an edge is sent there, values that are set arrive there.
void fake_edge(int64_t nanoseconds);
// The next value that was set, or -1 if none waits.
int fake_value(void);
// The chip goes away.
void fake_unplug(void);
// The next SET_VALUES fails with this errno.
void fake_refuse(int error);

// Lets the `call`-th call fail (calls.h); 0: none. The count starts anew.
void fake_fault(int64_t call, int mode, int error);
int64_t fake_calls(void);
