#define _GNU_SOURCE 1
#include "gpio.h"
#include "calls.h"
#include <errno.h>
#include <linux/gpio.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

// The kernel's own header gives the layout; these are the numbers that its documentation and
// running kernels agree on, so that a header of another kind is noticed.
_Static_assert(sizeof(struct gpiochip_info) == 68, "chip");
_Static_assert(sizeof(struct gpio_v2_line_info) == 256, "line");
_Static_assert(sizeof(struct gpio_v2_line_attribute) == 16, "attribute");
_Static_assert(sizeof(struct gpio_v2_line_config) == 272, "configuration");
_Static_assert(sizeof(struct gpio_v2_line_request) == 592, "request");
_Static_assert(sizeof(struct gpio_v2_line_values) == 16, "values");
_Static_assert(sizeof(struct gpio_v2_line_event) == 48, "event");
_Static_assert(offsetof(struct gpio_v2_line_request, fd) == 588, "request.fd");
_Static_assert(GPIO_V2_GET_LINE_IOCTL == 0xc250b407, "the request's number holds its size");

int shim_gpio_lines(int fd, char name[32], char label[32]) {
  struct gpiochip_info info;
  memset(&info, 0, sizeof info);
  if (shim_call_ioctl(fd, GPIO_GET_CHIPINFO_IOCTL, &info) < 0) return -1;
  memcpy(name, info.name, 32);
  memcpy(label, info.label, 32);
  name[31] = label[31] = 0;
  return info.lines > 4096 ? 4096 : (int)info.lines;
}

int shim_gpio_line_info(int fd, uint32_t offset, shim_gpio_line *line) {
  struct gpio_v2_line_info info;
  memset(&info, 0, sizeof info);
  info.offset = offset;
  if (shim_call_ioctl(fd, GPIO_V2_GET_LINEINFO_IOCTL, &info) < 0) return errno;
  memcpy(line->name, info.name, 32);
  memcpy(line->user, info.consumer, 32);
  line->name[31] = line->user[31] = 0;
  line->is_used = (info.flags & GPIO_V2_LINE_FLAG_USED) != 0;
  line->is_output = (info.flags & GPIO_V2_LINE_FLAG_OUTPUT) != 0;
  return 0;
}

static int take(int fd, struct gpio_v2_line_request *request, uint32_t offset) {
  request->offsets[0] = offset;
  request->num_lines = 1;
  strcpy(request->consumer, "swiftlet");
  return shim_call_ioctl(fd, GPIO_V2_GET_LINE_IOCTL, request) < 0 ? -1 : request->fd;
}

int shim_gpio_input(int fd, uint32_t offset, int active_low, int bias, uint32_t debounce_us) {
  struct gpio_v2_line_request request;
  memset(&request, 0, sizeof request);
  struct gpio_v2_line_config *config = &request.config;
  // Rising is to active: with active_low the kernel turns the edges as well. Events carry the
  // monotonic clock unless asked otherwise.
  config->flags = GPIO_V2_LINE_FLAG_INPUT | GPIO_V2_LINE_FLAG_EDGE_RISING;
  if (active_low) config->flags |= GPIO_V2_LINE_FLAG_ACTIVE_LOW;
  if (bias == shim_gpio_pull_up) config->flags |= GPIO_V2_LINE_FLAG_BIAS_PULL_UP;
  if (bias == shim_gpio_pull_down) config->flags |= GPIO_V2_LINE_FLAG_BIAS_PULL_DOWN;
  if (debounce_us) {
    config->num_attrs = 1;
    config->attrs[0].mask = 1;
    config->attrs[0].attr.id = GPIO_V2_LINE_ATTR_ID_DEBOUNCE;
    config->attrs[0].attr.debounce_period_us = debounce_us;
  }
  return take(fd, &request, offset);
}

int shim_gpio_output(int fd, uint32_t offset, int active_low, int value) {
  struct gpio_v2_line_request request;
  memset(&request, 0, sizeof request);
  struct gpio_v2_line_config *config = &request.config;
  config->flags = GPIO_V2_LINE_FLAG_OUTPUT | (active_low ? GPIO_V2_LINE_FLAG_ACTIVE_LOW : 0);
  config->num_attrs = 1;
  config->attrs[0].mask = 1;
  config->attrs[0].attr.id = GPIO_V2_LINE_ATTR_ID_OUTPUT_VALUES;
  config->attrs[0].attr.values = value != 0;
  return take(fd, &request, offset);
}

int shim_gpio_set(int line, int value) {
  struct gpio_v2_line_values values = {.bits = value != 0, .mask = 1};
  return shim_call_ioctl(line, GPIO_V2_LINE_SET_VALUES_IOCTL, &values) < 0 ? errno : 0;
}

int shim_gpio_get(int line) {
  struct gpio_v2_line_values values = {.bits = 0, .mask = 1};
  if (shim_call_ioctl(line, GPIO_V2_LINE_GET_VALUES_IOCTL, &values) < 0) return -1;
  return (int)(values.bits & 1);
}

int shim_gpio_wait(int line, int milliseconds, int64_t *nanoseconds) {
  struct pollfd wait = {.fd = line, .events = POLLIN};
  if (shim_call_fails()) return -1;
  int ready = poll(&wait, 1, milliseconds);
  if (ready <= 0) return ready;
  if (!(wait.revents & POLLIN)) {
    // The chip was removed.
    errno = ENODEV;
    return -1;
  }
  struct gpio_v2_line_event event;
  if (shim_call_fails()) return -1;
  ssize_t size = read(line, &event, sizeof event);
  if (size != (ssize_t)sizeof event) {
    if (size >= 0) errno = size == 0 ? ENODEV : EIO;
    return -1;
  }
  *nanoseconds = (int64_t)event.timestamp_ns;
  return 1;
}
