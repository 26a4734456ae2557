#include "board.h"
#include "calls.h"
#include <errno.h>
#include <string.h>
#include <sys/ioctl.h>

// A message is words: size in bytes, request (0) or answer (0x80000000), then tags, then 0. A tag
// is words: number, room for values in bytes, request (0) or 0x80000000 + bytes of the answer,
// values. Documented by the firmware's wiki page "Mailbox property interface".
#define PROPERTY _IOWR(100, 0, char *)
#define ANSWERED 0x80000000u

int shim_mailbox(int fd, uint32_t tag, uint32_t *value, int words) {
  uint32_t message[16] = {0};
  if (words < 1 || words > 8) return EINVAL;
  message[0] = (uint32_t)(6 + words) * 4;
  message[2] = tag;
  message[3] = (uint32_t)words * 4;
  memcpy(message + 5, value, (size_t)words * 4);
  if (shim_call_ioctl(fd, PROPERTY, message) < 0) return errno;
  if (message[1] != ANSWERED || !(message[4] & ANSWERED)) return EPROTO;
  memcpy(value, message + 5, (size_t)words * 4);
  return 0;
}

int64_t shim_mailbox_command(int fd, const char *command, char *out, size_t capacity) {
  enum { tag = 0x00030080, room = 1024 };
  // One word more than other tags: the firmware's error number stands before the text.
  uint32_t message[7 + room / 4] = {0};
  size_t length = strlen(command);
  if (length >= room || capacity == 0) {
    errno = EINVAL;
    return -1;
  }
  message[0] = sizeof message;
  message[2] = tag;
  message[3] = room;
  memcpy(message + 6, command, length + 1);
  if (shim_call_ioctl(fd, PROPERTY, message) < 0) return -1;
  if (message[1] != ANSWERED || message[5] != 0) {
    errno = EPROTO;
    return -1;
  }
  const char *text = (const char *)(message + 6);
  length = strnlen(text, room);
  if (length >= capacity) length = capacity - 1;
  memcpy(out, text, length);
  out[length] = 0;
  return (int64_t)length;
}
