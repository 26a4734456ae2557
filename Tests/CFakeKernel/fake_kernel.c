#define _GNU_SOURCE 1
#include "fake_kernel.h"
#include "calls.h"
#include <errno.h>
#include <linux/gpio.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

static fake_request last;
static int far_end = -1, refused;

// One line of a chip's file: 0 and name and state, or -1.
static int line_of(const char *text, uint32_t number, char name[32], char state[16]) {
  const char *at = text;
  for (uint32_t i = 0; i <= number && at; i++) {
    at = strchr(at, '\n');
    if (at) at++;
  }
  return at && sscanf(at, "%31s %15s", name, state) == 2 ? 0 : -1;
}

static int count_lines(const char *text) {
  char name[32], state[16];
  int count = 0;
  while (line_of(text, (uint32_t)count, name, state) == 0) count++;
  return count;
}

static int fail(int error) {
  errno = error;
  return -1;
}

static int take_line(struct gpio_v2_line_request *request, const char *text) {
  char name[32], state[16];
  if (request->num_lines != 1) return fail(EINVAL);
  for (int i = 0; i < 5; i++) {
    if (request->padding[i] || request->config.padding[i]) return fail(EINVAL);
  }
  if (line_of(text, request->offsets[0], name, state) != 0) return fail(EINVAL);
  if (strcmp(state, "used") == 0) return fail(EBUSY);
  if (strcmp(state, "denied") == 0) return fail(EPERM);
  if (strcmp(state, "broken") == 0) return fail(EIO);
  memset(&last, 0, sizeof last);
  last.flags = request->config.flags;
  last.values = -1;
  last.offset = request->offsets[0];
  memcpy(last.consumer, request->consumer, 32);
  // What the kernel demands: one direction, edges only of inputs.
  uint64_t in = last.flags & GPIO_V2_LINE_FLAG_INPUT, out = last.flags & GPIO_V2_LINE_FLAG_OUTPUT;
  if ((in != 0) == (out != 0) || (out && last.flags & GPIO_V2_LINE_FLAG_EDGE_RISING)) {
    return fail(EINVAL);
  }
  for (uint32_t i = 0; i < request->config.num_attrs; i++) {
    struct gpio_v2_line_config_attribute *a = &request->config.attrs[i];
    if (a->attr.padding || !(a->mask & 1)) return fail(EINVAL);
    if (a->attr.id == GPIO_V2_LINE_ATTR_ID_DEBOUNCE) last.debounce_us = a->attr.debounce_period_us;
    if (a->attr.id == GPIO_V2_LINE_ATTR_ID_OUTPUT_VALUES) last.values = (int)(a->attr.values & 1);
  }
  int ends[2];
  if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0) return -1;
  if (far_end >= 0) close(far_end);
  far_end = ends[1];
  request->fd = ends[0];
  return 0;
}

static int mailbox(const char *text, uint32_t *message) {
  unsigned throttled = 0, millidegrees = 0;
  int used = 0;
  sscanf(text, "%x %u\n%n", &throttled, &millidegrees, &used);
  message[1] = 0x80000000;
  switch (message[2]) {
    case 0x00030046: message[5] = throttled; break;
    case 0x00030006: message[6] = millidegrees; break;
    case 0x00030080:
      if (strcmp((char *)(message + 6), "pmic_read_adc") != 0 || used == 0) {
        message[5] = 1;
        break;
      }
      snprintf((char *)(message + 6), 1024, "%s", text + used);
      break;
    default: return 0;  // a tag the firmware does not know keeps its code
  }
  message[4] |= 0x80000000;
  return 0;
}

static int answer(int fd, unsigned long request, void *argument) {
  if ((uint32_t)request == (uint32_t)GPIO_V2_LINE_SET_VALUES_IOCTL) {
    struct gpio_v2_line_values *values = argument;
    int error = refused;
    refused = 0;
    if (error) return fail(error);
    char byte = values->mask & 1 ? (char)(values->bits & 1) : 9;
    return send(fd, &byte, 1, MSG_NOSIGNAL) == 1 ? 0 : -1;
  }
  if ((uint32_t)request == (uint32_t)GPIO_V2_LINE_GET_VALUES_IOCTL) {
    struct gpio_v2_line_values *values = argument;
    values->bits = 1;
    return 0;
  }
  char text[4096];
  ssize_t size = pread(fd, text, sizeof text - 1, 0);
  if (size < 0) return -1;
  text[size] = 0;
  if ((uint32_t)request == (uint32_t)_IOWR(100, 0, char *)) return mailbox(text, argument);
  if (text[0] != 'v') return fail(ENOTTY);
  if ((uint32_t)request == (uint32_t)GPIO_GET_CHIPINFO_IOCTL) {
    struct gpiochip_info *info = argument;
    strcpy(info->name, "gpiochip");
    info->lines = (uint32_t)count_lines(text);
    return 0;
  }
  if (text[1] == '1') return fail(EINVAL);
  if ((uint32_t)request == (uint32_t)GPIO_V2_GET_LINEINFO_IOCTL) {
    struct gpio_v2_line_info *info = argument;
    char state[16], name[32];
    if (line_of(text, info->offset, name, state) != 0) return fail(EINVAL);
    if (strcmp(name, "-") != 0) strcpy(info->name, name);
    if (strcmp(state, "used") == 0) {
      info->flags |= GPIO_V2_LINE_FLAG_USED;
      strcpy(info->consumer, "led0");
    }
    return 0;
  }
  if ((uint32_t)request == (uint32_t)GPIO_V2_GET_LINE_IOCTL) return take_line(argument, text);
  return fail(ENOTTY);
}

void fake_kernel_install(void) { shim_faults.ioctl = answer; }
fake_request fake_last_request(void) { return last; }

void fake_edge(int64_t nanoseconds) {
  struct gpio_v2_line_event event;
  memset(&event, 0, sizeof event);
  event.timestamp_ns = (uint64_t)nanoseconds;
  event.id = GPIO_V2_LINE_EVENT_RISING_EDGE;
  if (send(far_end, &event, sizeof event, MSG_NOSIGNAL) < 0) abort();
}

int fake_value(void) {
  char byte;
  return recv(far_end, &byte, 1, MSG_DONTWAIT) == 1 ? byte : -1;
}

void fake_unplug(void) {
  close(far_end);
  far_end = -1;
}

void fake_refuse(int error) { refused = error; }

void fake_fault(int64_t call, int mode, int error) {
  shim_faults.countdown = call;
  shim_faults.mode = mode;
  shim_faults.error = error;
  shim_faults.calls = 0;
}

int64_t fake_calls(void) { return shim_faults.calls; }
