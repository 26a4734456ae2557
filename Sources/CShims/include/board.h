// Boards: the Raspberry Pi firmware's mailbox, the guardian process, which CPUs a thread uses.
#pragma once
#include <stddef.h>
#include <stdint.h>

// One number from the firmware by its property mailbox (/dev/vcio): `tag` with the words
// `value[0..<words]`, overwritten by the answer. 0, or the errno; EPROTO if the firmware does not
// know the tag.
int shim_mailbox(int fd, uint32_t tag, uint32_t *value, int words);
// A command of the firmware, for example "pmic_read_adc"; its text, ended by 0, in `out`.
// The length, or -1 and errno.
int64_t shim_mailbox_command(int fd, const char *command, char *out, size_t capacity);
enum {
  shim_tag_throttled = 0x00030046,
  shim_tag_temperature = 0x00030006,
};

// Starts a process that waits for the end of this one and then writes the values it was told
// into their files, removing `state` if all of that succeeded. It holds only its end of the
// connection and `lock`. Our end, or -1 and errno.
int shim_guardian_start(const char *state, int lock);
// Tells it a file and the text to restore it to. 0, or -1 and errno.
int shim_guardian_add(int fd, const char *path, const char *text);
// Everything is as it was: it forgets all.
int shim_guardian_clear(int fd);
// Ends it and waits until its lock is free. What it was told and not forgotten it restores.
void shim_guardian_end(int fd);
enum { shim_guardian_files = 40, shim_guardian_path = 256, shim_guardian_text = 24 };

// Ties the calling thread, and those it will start, to CPUs. 0, or the errno.
int shim_set_cpus(int first, int count);
// Clock ticks, pid.
int shim_process_id(void);
