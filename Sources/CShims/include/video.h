// A camera of the kernel (V4L2, capture with mapped buffers) in terms that Swift reads.
//
// Every system call goes through a table, so that tests put a device of their own in its place.
// Calls return a value >= 0 or -errno.
#pragma once
#include <stddef.h>
#include <stdint.h>

typedef struct {
  void *context;  // first argument of each call
  int (*open)(void *context, const char *path);
  int (*close)(void *context, int file);
  int (*ioctl)(void *context, int file, unsigned long request, void *argument);
  // NULL and *error = -errno on failure.
  void *(*map)(void *context, int file, size_t length, int64_t offset, int *error);
  int (*unmap)(void *context, void *base, size_t length);
  // Waits for input: 1 a frame or an error waits, 0 time is over.
  int (*poll)(void *context, int file, int milliseconds);
  int64_t (*clock)(void *context);  // nanoseconds of the monotonic clock
  void (*sleep)(void *context, int64_t nanoseconds);
} video_calls;

// The kernel's own calls.
const video_calls *video_kernel(void);

static inline int video_open(const video_calls *calls, const char *path) {
  return calls->open(calls->context, path);
}
static inline void video_close(const video_calls *calls, int file) {
  calls->close(calls->context, file);
}
static inline int video_poll(const video_calls *calls, int file, int milliseconds) {
  return calls->poll(calls->context, file, milliseconds);
}
static inline int64_t video_clock(const video_calls *calls) {
  return calls->clock(calls->context);
}
static inline void video_sleep(const video_calls *calls, int64_t nanoseconds) {
  calls->sleep(calls->context, nanoseconds);
}

// Texts are cut to their room and always end with 0.
typedef struct {
  char card[33];
  char driver[17];
  char bus[33];
  int captures;  // single-planar capture with streaming
} video_identity;
int video_identify(const video_calls *calls, int file, video_identity *out);
// Whether `card` holds `name` (ASCII case ignored): 2 if it is the whole of it, 1 a part, 0 not.
int video_name_fits(const video_identity *identity, const char *name);

// The format of that index; -EINVAL behind the last.
int video_list_format(const video_calls *calls, int file, uint32_t index, uint32_t *fourcc);
// A size (both ends equal, step 0) or a range of sizes.
typedef struct {
  uint32_t width, max_width, step_width;
  uint32_t height, max_height, step_height;
} video_size;
int video_list_size(const video_calls *calls, int file, uint32_t index, uint32_t fourcc,
                    video_size *out);
// Frames a second of that index, the highest of a range; 0 if it makes no sense.
int video_list_rate(const video_calls *calls, int file, uint32_t index, uint32_t fourcc,
                    uint32_t width, uint32_t height, double *out);

typedef struct {
  uint32_t fourcc;
  uint32_t width, height;
  uint32_t line;        // bytes from row to row of the first plane; 0 if compressed
  uint32_t bytes;       // most bytes of a frame
  int is_bt709;         // Y'CbCr by BT.709 instead of BT.601
  int range;            // 1 full, 2 limited, 0 not said
} video_format;
// Asks for a format and size; afterwards what the driver chose.
int video_set_format(const video_calls *calls, int file, video_format *format);
// Asks for that many frames a second (0: only looks); *rate is then the driver's, 0 if it does
// not say. Returns 1 if the driver sets rates, 0 if not.
int video_set_rate(const video_calls *calls, int file, double *rate);

enum { video_max_buffers = 8 };
// What happened since the source was opened; written by one thread, read by any.
typedef struct {
  int64_t captured;    // frames taken from the driver
  int64_t dropped;     // of these, given back unread: a newer one was there, or the rate is kept
  int64_t lost;        // numbers that the driver passed over
  int64_t errors;      // frames that the driver or their size or their bytes show as damaged
  int64_t reconnects;  // times that the camera came back
  int64_t up;          // 1 while frames come
} video_counts;
static inline int64_t video_count(const int64_t *count) {
  return __atomic_load_n(count, __ATOMIC_RELAXED);
}
static inline void video_count_set(int64_t *count, int64_t value) {
  __atomic_store_n(count, value, __ATOMIC_RELAXED);
}
static inline void video_count_one(int64_t *count) {
  __atomic_fetch_add(count, 1, __ATOMIC_RELAXED);
}

typedef struct {
  const video_calls *calls;
  video_counts *counts;
  int file;
  int count;           // buffers
  unsigned queued;     // bit i: buffer i is the driver's
  size_t need;         // bytes without which a frame is damaged
  int has_last;
  uint32_t last;       // the driver's number of the last frame
  struct { void *base; size_t length; } maps[video_max_buffers];
} video_stream;

// Takes buffers, maps and queues them, and starts. On failure everything is undone and *call
// names what failed. The caller keeps the descriptor.
int video_start(video_stream *stream, const video_calls *calls, int file, size_t need,
                video_counts *counts, const char **call);
// Ends the stream and gives everything back, whatever state the device is in.
void video_stop(video_stream *stream);

typedef struct {
  int index;
  const uint8_t *bytes;
  size_t size;     // bytes that may be read
  int64_t time;    // nanoseconds of the monotonic clock
} video_frame;
// The newest whole frame: 1, to be given back by video_return; 0 if there is none now. Older
// ones go back to the driver unread.
int video_newest(video_stream *stream, video_frame *frame);
int video_return(video_stream *stream, int index);
