#define _GNU_SOURCE 1
#include "video.h"
#include <errno.h>
#include <fcntl.h>
#include <linux/videodev2.h>
#include <poll.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

// The kernel's interface as both programs rely on it: 64-bit layouts, 64-bit time.
_Static_assert(sizeof(struct v4l2_capability) == 104 && VIDIOC_QUERYCAP == 0x80685600, "");
_Static_assert(sizeof(struct v4l2_fmtdesc) == 64 && VIDIOC_ENUM_FMT == 0xc0405602, "");
_Static_assert(sizeof(struct v4l2_format) == 208 && VIDIOC_S_FMT == 0xc0d05605, "");
_Static_assert(sizeof(struct v4l2_requestbuffers) == 20 && VIDIOC_REQBUFS == 0xc0145608, "");
_Static_assert(sizeof(struct v4l2_buffer) == 88 && VIDIOC_QUERYBUF == 0xc0585609, "");
_Static_assert(VIDIOC_QBUF == 0xc058560f && VIDIOC_DQBUF == 0xc0585611, "");
_Static_assert(VIDIOC_STREAMON == 0x40045612 && VIDIOC_STREAMOFF == 0x40045613, "");
_Static_assert(sizeof(struct v4l2_streamparm) == 204 && VIDIOC_S_PARM == 0xc0cc5616, "");
_Static_assert(VIDIOC_G_PARM == 0xc0cc5615, "");
_Static_assert(sizeof(struct v4l2_frmsizeenum) == 44 && VIDIOC_ENUM_FRAMESIZES == 0xc02c564a, "");
_Static_assert(sizeof(struct v4l2_frmivalenum) == 52, "");
_Static_assert(VIDIOC_ENUM_FRAMEINTERVALS == 0xc034564b, "");
_Static_assert(offsetof(struct v4l2_buffer, timestamp) == 24, "");
_Static_assert(offsetof(struct v4l2_buffer, sequence) == 56, "");
_Static_assert(offsetof(struct v4l2_buffer, m) == 64, "");
_Static_assert(offsetof(struct v4l2_buffer, length) == 72, "");
_Static_assert(offsetof(struct v4l2_format, fmt) == 8, "");

// MARK: the kernel's calls

static int kernel_open(void *context, const char *path) {
  (void)context;
  // Without O_NONBLOCK, DQBUF waits where it should say that there is no newer frame.
  int file = open(path, O_RDWR | O_NONBLOCK | O_CLOEXEC);
  return file < 0 ? -errno : file;
}

static int kernel_close(void *context, int file) {
  (void)context;
  return close(file) < 0 ? -errno : 0;
}

static int kernel_ioctl(void *context, int file, unsigned long request, void *argument) {
  (void)context;
  // musl's request is an int; the kernel looks at 32 bits.
  int result = ioctl(file, (unsigned)request, argument);
  return result < 0 ? -errno : result;
}

static void *kernel_map(void *context, int file, size_t length, int64_t offset, int *error) {
  (void)context;
  // Cameras' buffers may be mapped for writing only by drivers that also play; reading does.
  void *base = mmap(NULL, length, PROT_READ, MAP_SHARED, file, (off_t)offset);
  if (base != MAP_FAILED) return base;
  *error = -errno;
  return NULL;
}

static int kernel_unmap(void *context, void *base, size_t length) {
  (void)context;
  return munmap(base, length) < 0 ? -errno : 0;
}

static int kernel_poll(void *context, int file, int milliseconds) {
  (void)context;
  struct pollfd wait = {.fd = file, .events = POLLIN};
  int result = poll(&wait, 1, milliseconds);
  return result < 0 ? -errno : result;
}

static int64_t kernel_clock(void *context) {
  (void)context;
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static void kernel_sleep(void *context, int64_t nanoseconds) {
  (void)context;
  struct timespec t = {nanoseconds / 1000000000, nanoseconds % 1000000000};
  nanosleep(&t, NULL);
}

const video_calls *video_kernel(void) {
  static const video_calls calls = {
      NULL,       kernel_open, kernel_close, kernel_ioctl, kernel_map, kernel_unmap,
      kernel_poll, kernel_clock, kernel_sleep};
  return &calls;
}

// A signal may interrupt any call; one that never gets through is an error, not a hang.
static int control(const video_calls *calls, int file, unsigned long request, void *argument) {
  int result = -EINTR;
  for (int i = 0; i < 100 && result == -EINTR; i++)
    result = calls->ioctl(calls->context, file, request, argument);
  return result;
}

// MARK: what a camera offers

static void copy_text(char *to, const uint8_t *from, size_t room) {
  size_t n = 0;
  for (; n + 1 < room && from[n]; n++)
    to[n] = from[n] < 0x20 || from[n] == 0x7f ? '?' : (char)from[n];
  to[n] = 0;
}

int video_identify(const video_calls *calls, int file, video_identity *out) {
  struct v4l2_capability info;
  memset(&info, 0, sizeof info);
  memset(out, 0, sizeof *out);
  int result = control(calls, file, VIDIOC_QUERYCAP, &info);
  if (result < 0) return result;
  copy_text(out->card, info.card, sizeof out->card);
  copy_text(out->driver, info.driver, sizeof out->driver);
  copy_text(out->bus, info.bus_info, sizeof out->bus);
  uint32_t all = info.capabilities;
  // One camera has several nodes, of which only one may capture pictures.
  uint32_t own = all & V4L2_CAP_DEVICE_CAPS ? info.device_caps : all;
  uint32_t need = V4L2_CAP_VIDEO_CAPTURE | V4L2_CAP_STREAMING;
  out->captures = (own & need) == need;
  return 0;
}

int video_name_fits(const video_identity *identity, const char *name) {
  if (!*name) return 0;
  if (strcasecmp(identity->card, name) == 0) return 2;
  return strcasestr(identity->card, name) != NULL;
}

int video_list_format(const video_calls *calls, int file, uint32_t index, uint32_t *fourcc) {
  struct v4l2_fmtdesc format;
  memset(&format, 0, sizeof format);
  format.index = index;
  format.type = V4L2_BUF_TYPE_VIDEO_CAPTURE;
  int result = control(calls, file, VIDIOC_ENUM_FMT, &format);
  *fourcc = format.pixelformat;
  return result;
}

int video_list_size(const video_calls *calls, int file, uint32_t index, uint32_t fourcc,
                    video_size *out) {
  struct v4l2_frmsizeenum size;
  memset(&size, 0, sizeof size);
  size.index = index;
  size.pixel_format = fourcc;
  int result = control(calls, file, VIDIOC_ENUM_FRAMESIZES, &size);
  if (result < 0) return result;
  if (size.type == V4L2_FRMSIZE_TYPE_DISCRETE) {
    *out = (video_size){size.discrete.width, size.discrete.width, 0,
                        size.discrete.height, size.discrete.height, 0};
  } else {
    // A range is the only entry of its format.
    if (index > 0) return -EINVAL;
    *out = (video_size){size.stepwise.min_width, size.stepwise.max_width,
                        size.stepwise.step_width, size.stepwise.min_height,
                        size.stepwise.max_height, size.stepwise.step_height};
  }
  return 0;
}

static double rate_of(struct v4l2_fract period) {
  if (period.numerator == 0 || period.denominator == 0) return 0;
  double rate = (double)period.denominator / period.numerator;
  return rate > 1e6 ? 0 : rate;
}

int video_list_rate(const video_calls *calls, int file, uint32_t index, uint32_t fourcc,
                    uint32_t width, uint32_t height, double *out) {
  struct v4l2_frmivalenum rate;
  memset(&rate, 0, sizeof rate);
  rate.index = index;
  rate.pixel_format = fourcc;
  rate.width = width;
  rate.height = height;
  *out = 0;
  int result = control(calls, file, VIDIOC_ENUM_FRAMEINTERVALS, &rate);
  if (result < 0) return result;
  if (rate.type == V4L2_FRMIVAL_TYPE_DISCRETE) {
    *out = rate_of(rate.discrete);
  } else {
    if (index > 0) return -EINVAL;
    *out = rate_of(rate.stepwise.min);
  }
  return 0;
}

int video_set_format(const video_calls *calls, int file, video_format *format) {
  struct v4l2_format wish;
  memset(&wish, 0, sizeof wish);
  wish.type = V4L2_BUF_TYPE_VIDEO_CAPTURE;
  wish.fmt.pix.width = format->width;
  wish.fmt.pix.height = format->height;
  wish.fmt.pix.pixelformat = format->fourcc;
  wish.fmt.pix.field = V4L2_FIELD_NONE;
  int result = control(calls, file, VIDIOC_S_FMT, &wish);
  if (result < 0) return result;
  const struct v4l2_pix_format *pix = &wish.fmt.pix;
  format->fourcc = pix->pixelformat;
  format->width = pix->width;
  format->height = pix->height;
  format->line = pix->bytesperline;
  format->bytes = pix->sizeimage;
  uint32_t encoding = pix->ycbcr_enc;
  if (encoding == V4L2_YCBCR_ENC_DEFAULT)
    encoding = pix->colorspace == V4L2_COLORSPACE_REC709 ? V4L2_YCBCR_ENC_709
                                                         : V4L2_YCBCR_ENC_601;
  format->is_bt709 = encoding == V4L2_YCBCR_ENC_709 || encoding == V4L2_YCBCR_ENC_XV709;
  format->range = pix->quantization == V4L2_QUANTIZATION_FULL_RANGE  ? 1
                  : pix->quantization == V4L2_QUANTIZATION_LIM_RANGE ? 2
                  : pix->colorspace == V4L2_COLORSPACE_JPEG          ? 1
                                                                     : 0;
  return 0;
}

int video_set_rate(const video_calls *calls, int file, double *rate) {
  struct v4l2_streamparm parameters;
  memset(&parameters, 0, sizeof parameters);
  parameters.type = V4L2_BUF_TYPE_VIDEO_CAPTURE;
  double wish = *rate;
  *rate = 0;
  int result = control(calls, file, VIDIOC_G_PARM, &parameters);
  if (result < 0) return result;
  struct v4l2_fract *period = &parameters.parm.capture.timeperframe;
  *rate = rate_of(*period);
  if (!(parameters.parm.capture.capability & V4L2_CAP_TIMEPERFRAME)) return 0;
  if (wish <= 0) return 1;
  memset(&parameters, 0, sizeof parameters);
  parameters.type = V4L2_BUF_TYPE_VIDEO_CAPTURE;
  period->numerator = 1000;
  period->denominator = wish < 1e6 ? (uint32_t)(wish * 1000 + 0.5) : 1000000000;
  result = control(calls, file, VIDIOC_S_PARM, &parameters);
  if (result < 0) return result;
  *rate = rate_of(*period);
  return 1;
}

// MARK: the stream

static void fill(struct v4l2_buffer *buffer, uint32_t index) {
  memset(buffer, 0, sizeof *buffer);
  buffer->type = V4L2_BUF_TYPE_VIDEO_CAPTURE;
  buffer->memory = V4L2_MEMORY_MMAP;
  buffer->index = index;
}

static int request_buffers(video_stream *stream, uint32_t count) {
  struct v4l2_requestbuffers request;
  memset(&request, 0, sizeof request);
  request.count = count;
  request.type = V4L2_BUF_TYPE_VIDEO_CAPTURE;
  request.memory = V4L2_MEMORY_MMAP;
  int result = control(stream->calls, stream->file, VIDIOC_REQBUFS, &request);
  if (result < 0) return result;
  return request.count > INT32_MAX ? INT32_MAX : (int)request.count;
}

static int map_buffer(video_stream *stream, int index, const char **call) {
  struct v4l2_buffer buffer;
  fill(&buffer, (uint32_t)index);
  *call = "VIDIOC_QUERYBUF";
  int result = control(stream->calls, stream->file, VIDIOC_QUERYBUF, &buffer);
  if (result < 0) return result;
  // A buffer that cannot hold a frame serves nothing; one of a gigabyte is a fault.
  if (buffer.length == 0 || buffer.length > 1u << 30 || buffer.length < stream->need)
    return -EOVERFLOW;
  *call = "mmap";
  int error = -ENOMEM;
  void *base = stream->calls->map(stream->calls->context, stream->file, buffer.length,
                                  buffer.m.offset, &error);
  if (!base) return error;
  stream->maps[index].base = base;
  stream->maps[index].length = buffer.length;
  stream->count = index + 1;
  return 0;
}

int video_return(video_stream *stream, int index) {
  struct v4l2_buffer buffer;
  fill(&buffer, (uint32_t)index);
  int result = control(stream->calls, stream->file, VIDIOC_QBUF, &buffer);
  if (result >= 0) stream->queued |= 1u << index;
  return result;
}

int video_start(video_stream *stream, const video_calls *calls, int file, size_t need,
                video_counts *counts, const char **call) {
  memset(stream, 0, sizeof *stream);
  stream->calls = calls;
  stream->counts = counts;
  stream->file = file;
  stream->need = need;
  *call = "VIDIOC_REQBUFS";
  // Four: one is filled, one waits, one is read, one for the moment of exchange.
  int given = request_buffers(stream, 4);
  // The driver may give more or fewer; with one it could not fill while we read.
  int result = given < 0 ? given : given < 2 ? -ENOMEM : 0;
  if (given > video_max_buffers) given = video_max_buffers;
  for (int i = 0; result >= 0 && i < given; i++) result = map_buffer(stream, i, call);
  for (int i = 0; result >= 0 && i < stream->count; i++) {
    *call = "VIDIOC_QBUF";
    result = video_return(stream, i);
  }
  if (result >= 0) {
    *call = "VIDIOC_STREAMON";
    int type = V4L2_BUF_TYPE_VIDEO_CAPTURE;
    result = control(calls, file, VIDIOC_STREAMON, &type);
  }
  if (result < 0) video_stop(stream);
  return result;
}

void video_stop(video_stream *stream) {
  int type = V4L2_BUF_TYPE_VIDEO_CAPTURE;
  control(stream->calls, stream->file, VIDIOC_STREAMOFF, &type);
  for (int i = 0; i < stream->count; i++)
    stream->calls->unmap(stream->calls->context, stream->maps[i].base, stream->maps[i].length);
  stream->count = 0;
  stream->queued = 0;
  // Only without maps may the driver free its memory.
  request_buffers(stream, 0);
}

// The driver's stamp if it is of the monotonic clock and can be true, else now.
static int64_t frame_time(const video_stream *stream, const struct v4l2_buffer *buffer) {
  int64_t now = stream->calls->clock(stream->calls->context);
  int64_t seconds = buffer->timestamp.tv_sec, micros = buffer->timestamp.tv_usec;
  if ((buffer->flags & V4L2_BUF_FLAG_TIMESTAMP_MASK) != V4L2_BUF_FLAG_TIMESTAMP_MONOTONIC ||
      seconds < 0 || seconds > INT32_MAX || micros < 0 || micros > 999999)
    return now;
  int64_t time = seconds * 1000000000 + micros * 1000;
  return time > now || time < now - 60000000000 ? now : time;
}

static void count_lost(video_stream *stream, uint32_t number) {
  uint32_t gap = number - stream->last - 1;
  // A larger gap is a driver that began to count anew.
  if (stream->has_last && gap < 100000)
    video_count_set(&stream->counts->lost, stream->counts->lost + gap);
  stream->has_last = 1;
  stream->last = number;
}

int video_newest(video_stream *stream, video_frame *frame) {
  video_counts *counts = stream->counts;
  int held = -1;
  int result = 0;
  // A driver cannot have more frames ready than there are buffers, but may fill one meanwhile.
  for (int i = 0; i < 2 * video_max_buffers; i++) {
    struct v4l2_buffer buffer;
    fill(&buffer, 0);
    result = control(stream->calls, stream->file, VIDIOC_DQBUF, &buffer);
    if (result < 0) break;
    if (buffer.index >= (uint32_t)stream->count || !(stream->queued >> buffer.index & 1))
      return -EPROTO;
    stream->queued &= ~(1u << buffer.index);
    video_count_one(&counts->captured);
    count_lost(stream, buffer.sequence);
    int back = (int)buffer.index;
    size_t used = buffer.bytesused;
    if (buffer.flags & V4L2_BUF_FLAG_ERROR || used < stream->need || used == 0 ||
        used > stream->maps[back].length) {
      video_count_one(&counts->errors);
    } else {
      int older = held;
      held = back;
      *frame = (video_frame){held, stream->maps[held].base, used, frame_time(stream, &buffer)};
      back = older;
      if (back >= 0) video_count_one(&counts->dropped);
    }
    if (back >= 0) {
      result = video_return(stream, back);
      if (result < 0) return result;
    }
  }
  if (result < 0 && result != -EAGAIN) return result;
  return held >= 0;
}
