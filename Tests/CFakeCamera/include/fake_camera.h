// A camera of the kernel, as far as V4L2's rules go, behind the table of system calls: with its
// own clock, faults on demand, and counts of what is open.
#pragma once
#include <stdint.h>
#include "video.h"

enum { fake_max_formats = 8, fake_max_sizes = 8 };

typedef struct {
  // What the camera is. fourcc 0 ends the list.
  char card[33];
  int node;  // N of /dev/videoN
  uint32_t formats[fake_max_formats];
  // Sizes of every format, 0 ends the list; none: the driver has no list and takes any size.
  uint32_t sizes[fake_max_sizes][2];
  uint32_t padding;   // bytes behind each row
  double rate;        // frames a second
  int sets_rate;      // whether S_PARM works
  int buffers;        // at most so many
  uint32_t field_quantization;
  int no_monotonic;   // stamps of another clock
  int is_present;     // plugged in
  int is_silent;      // streams without frames
  int not_capture;    // only metadata
  const uint8_t *content;  // bytes of a frame of MJPG
  uint32_t content_size;

  // The world. Times in nanoseconds.
  int64_t now;
  int64_t unplug_at;  // 0: never
  int64_t replug_at;
  int replug_node;
  int calls;          // system calls so far
  int fail_at;        // the call of this number fails with fail_error; 0: none
  int fail_error;
  int fail_always;    // and all after it
  uint64_t random;    // not 0: answers are random where a driver could lie
  int error_every;    // each n-th frame carries V4L2_BUF_FLAG_ERROR
  int short_every;    // each n-th frame is cut short
  int lose_every;     // each n-th number is passed over

  // What is held; 0 when all was given back.
  int open_files;
  int open_maps;
  int violations;     // calls that break the rules of V4L2

  // Inside.
  int generation;     // each plug-in begins a new one; files of an old one are dead
  int file_generation;
  uint32_t fourcc, width, height, line, image_bytes;
  int count;
  int streaming;
  int64_t next_frame;
  uint32_t sequence;
  int frames;
  double set_rate;
  int queue[8], queued;           // empty buffers, in order
  int done[8], done_count;        // full ones, in order
  uint32_t done_sequence[8];
  int64_t done_time[8];
  uint8_t *memory;
  uint32_t slot;      // bytes of a buffer
  void *maps[64];     // those given out, guard pages behind them
  uint64_t map_sizes[64];
} fake_camera;

// A camera that offers YUYV 640 x 480 and 320 x 240 at 30 frames a second; `calls` gets its table.
void fake_make(fake_camera *camera, video_calls *calls);
void fake_end(fake_camera *camera);
// The byte at `at` of every raw frame with this number.
static inline uint8_t fake_byte(uint32_t sequence, uint64_t at) {
  return (uint8_t)(at * 37 + (at >> 8) * 11 + sequence * 5);
}
uint32_t fake_fourcc(const char *letters);
