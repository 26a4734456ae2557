// What a service owes its machine: signals, systemd's notification socket, a file of results.
#pragma once
#include <stddef.h>
#include <stdint.h>

// From now on SIGHUP adds 1 to *reloads and SIGUSR1 adds 1 to *questions; neither interrupts
// blocking calls. Both words have to live as long as the program.
void shim_count_signals(int32_t *reloads, int32_t *questions);

// Takes note of NOTIFY_SOCKET; 0 if there is none, and then shim_notify does nothing.
int shim_notify_open(void);
// One datagram; never waits: a message that finds no room is lost.
void shim_notify(const void *text, size_t length);
// Microseconds within which WATCHDOG=1 is expected from this process; 0: not at all.
int64_t shim_watchdog(void);

// Whether a line of at most 4096 bytes can be written without waiting; waits up to
// `milliseconds` for it. True for what was closed, so that the write tells.
int shim_can_write(int descriptor, int milliseconds);

// Opens a file of lines for appending, made if it is absent. *size becomes its size and *whole
// where its last whole line ends; both -1 for a character device. -1 and errno; EMEDIUMTYPE if
// something that is no JSON Lines lies there, or no file.
int shim_output_open(const char *path, int64_t *size, int64_t *whole);
int shim_exists(const char *path);
