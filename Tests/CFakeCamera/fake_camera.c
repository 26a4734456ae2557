#define _GNU_SOURCE 1
#include "fake_camera.h"
#include <errno.h>
#include <linux/videodev2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

uint32_t fake_fourcc(const char *letters) {
  return v4l2_fourcc(letters[0], letters[1], letters[2], letters[3]);
}

static uint64_t draw(fake_camera *c) {
  c->random ^= c->random << 13;
  c->random ^= c->random >> 7;
  c->random ^= c->random << 17;
  return c->random >> 11;
}

// One of n times, if answers are random at all.
static int lies(fake_camera *c, unsigned n) { return c->random && draw(c) % n == 0; }

// An absurd number, or a plausible one that is wrong.
static uint32_t absurd(fake_camera *c) {
  static const uint32_t odd[] = {0, 1, 2, 3, 7, 15, 319, 321, 640, 4095, 4096, 16384, 16385,
                                 65535, 1u << 20, 1u << 24, 0x7fffffff, 0x80000000, 0xffffffff};
  uint64_t pick = draw(c) % 24;
  return pick < sizeof odd / sizeof *odd ? odd[pick] : (uint32_t)draw(c);
}

static int64_t period(const fake_camera *c) {
  return (int64_t)(1e9 / (c->set_rate > 0 ? c->set_rate : c->rate));
}

static void reset(fake_camera *c) {
  c->streaming = c->count = c->queued = c->done_count = 0;
  c->sequence = 0;
  c->set_rate = 0;
  c->fourcc = c->formats[0];
}

// Lets time do its work: plugs, unplugs, frames.
static void live(fake_camera *c) {
  if (c->unplug_at && c->now >= c->unplug_at) {
    c->unplug_at = 0;
    c->is_present = 0;
  }
  if (c->replug_at && c->now >= c->replug_at) {
    c->replug_at = 0;
    c->is_present = 1;
    c->node = c->replug_node;
    c->generation++;
    reset(c);
  }
  if (!c->is_present || !c->streaming || c->is_silent) return;
  while (c->next_frame <= c->now) {
    c->frames++;
    if (c->lose_every && c->frames % c->lose_every == 0) c->sequence++;
    if (c->queued) {
      c->done[c->done_count] = c->queue[0];
      c->done_sequence[c->done_count] = c->sequence;
      c->done_time[c->done_count++] = c->next_frame;
      memmove(c->queue, c->queue + 1, sizeof *c->queue * (size_t)--c->queued);
    }
    c->sequence++;
    c->next_frame += period(c);
  }
}

// A call takes time and may fail on demand.
static int enter(fake_camera *c) {
  c->calls++;
  c->now += 10000;
  live(c);
  if (!c->fail_at || c->calls < c->fail_at) return 0;
  if (c->calls > c->fail_at && !c->fail_always) return 0;
  return -c->fail_error;
}

static int broken(fake_camera *c, int error) {
  c->violations++;
  return -error;
}

static int fake_open(void *context, const char *path) {
  fake_camera *c = context;
  int number = -1;
  if (sscanf(path, "/dev/video%d", &number) != 1 || number != c->node) {
    // Nodes that do not exist cost no fault, or there would be 256 of them.
    c->now += 1000;
    live(c);
    if (number != c->node) return -ENOENT;
  }
  int error = enter(c);
  if (error < 0) return error;
  if (!c->is_present) return -ENOENT;
  c->open_files++;
  c->file_generation = c->generation;
  return 100 + c->generation;
}

static int fake_close(void *context, int file) {
  fake_camera *c = context;
  int error = enter(c);
  if (file != 100 + c->file_generation || c->open_files != 1) return broken(c, EBADF);
  if (c->open_maps) c->violations++;
  c->open_files--;
  reset(c);
  return error;
}

static int64_t fake_clock(void *context) {
  fake_camera *c = context;
  return c->now;
}

static void fake_sleep(void *context, int64_t nanoseconds) {
  fake_camera *c = context;
  c->now += nanoseconds;
  live(c);
}

static int is_dead(const fake_camera *c) {
  return !c->is_present || c->file_generation != c->generation;
}

static int fake_poll(void *context, int file, int milliseconds) {
  fake_camera *c = context;
  (void)file;
  int error = enter(c);
  if (error < 0) return error;
  int64_t end = c->now + (int64_t)milliseconds * 1000000;
  while (c->now < end) {
    live(c);
    // POLLERR counts as an answer.
    if (is_dead(c) || !c->streaming || c->done_count) return 1;
    int64_t next = end;
    if (!c->is_silent && c->next_frame < next) next = c->next_frame;
    if (c->unplug_at && c->unplug_at < next) next = c->unplug_at;
    c->now = next > c->now ? next : c->now + 1;
  }
  live(c);
  return is_dead(c) || c->done_count > 0;
}

enum { page = 4096 };

static void *fake_map(void *context, int file, size_t length, int64_t offset, int *error) {
  fake_camera *c = context;
  (void)file;
  *error = enter(c);
  if (*error < 0) return NULL;
  *error = -ENODEV;
  if (is_dead(c)) return NULL;
  *error = -EINVAL;
  if (!c->random && (offset % 0x1000000 || offset / 0x1000000 >= c->count ||
                     length != c->slot)) {
    c->violations++;
    return NULL;
  }
  if (length == 0 || length > 64 << 20) return NULL;
  // The last byte lies before a page that may not be touched.
  size_t whole = (length + page - 1) / page * page + page;
  uint8_t *base = mmap(NULL, whole, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (base == MAP_FAILED) return NULL;
  mprotect(base + whole - page, page, PROT_NONE);
  for (int i = 0; i < 64; i++) {
    if (c->maps[i]) continue;
    c->maps[i] = base + whole - page - length;
    c->map_sizes[i] = length;
    c->open_maps++;
    return c->maps[i];
  }
  munmap(base, whole);
  return NULL;
}

static int fake_unmap(void *context, void *base, size_t length) {
  fake_camera *c = context;
  c->now += 10000;
  for (int i = 0; i < 64; i++) {
    if (c->maps[i] != base || c->map_sizes[i] != length) continue;
    size_t whole = (length + page - 1) / page * page + page;
    munmap((uint8_t *)base + length + page - whole, whole);
    c->maps[i] = NULL;
    c->open_maps--;
    return 0;
  }
  return broken(c, EINVAL);
}

static int is_offered(const fake_camera *c, uint32_t fourcc) {
  for (int i = 0; i < fake_max_formats && c->formats[i]; i++)
    if (c->formats[i] == fourcc) return 1;
  return 0;
}

static void set_format(fake_camera *c, struct v4l2_pix_format *pix) {
  uint32_t fourcc = is_offered(c, pix->pixelformat) ? pix->pixelformat : c->formats[0];
  uint32_t width = pix->width & ~1u, height = pix->height & ~1u;
  if (c->sizes[0][0]) {
    int best = 0;
    uint64_t least = UINT64_MAX;
    for (int i = 0; i < fake_max_sizes && c->sizes[i][0]; i++) {
      int64_t dx = (int64_t)c->sizes[i][0] - width, dy = (int64_t)c->sizes[i][1] - height;
      uint64_t far = (uint64_t)(dx * dx + dy * dy);
      if (far < least) least = far, best = i;
    }
    width = c->sizes[best][0];
    height = c->sizes[best][1];
  }
  int packed = fourcc == V4L2_PIX_FMT_YUYV;
  int planes = fourcc == V4L2_PIX_FMT_NV12 || fourcc == V4L2_PIX_FMT_NV21 ||
               fourcc == V4L2_PIX_FMT_YUV420;
  int squeezed = fourcc == V4L2_PIX_FMT_MJPEG;
  uint32_t line = squeezed ? 0 : (packed ? 2 * width : width) + c->padding;
  pix->pixelformat = fourcc;
  pix->width = width;
  pix->height = height;
  pix->field = V4L2_FIELD_NONE;
  pix->bytesperline = line;
  pix->sizeimage = squeezed ? width * height * 2 : planes ? line * height * 3 / 2 : line * height;
  pix->colorspace = V4L2_COLORSPACE_SRGB;
  pix->quantization = c->field_quantization;
}

static int dequeue(fake_camera *c, struct v4l2_buffer *buffer) {
  if (!c->streaming) return -EINVAL;
  if (!c->done_count) return -EAGAIN;
  int index = c->done[0];
  uint32_t sequence = c->done_sequence[0];
  int64_t time = c->done_time[0];
  c->done_count--;
  memmove(c->done, c->done + 1, sizeof *c->done * (size_t)c->done_count);
  memmove(c->done_sequence, c->done_sequence + 1, sizeof *c->done_sequence * (size_t)c->done_count);
  memmove(c->done_time, c->done_time + 1, sizeof *c->done_time * (size_t)c->done_count);
  buffer->index = (uint32_t)index;
  buffer->sequence = sequence;
  buffer->bytesused = c->image_bytes;
  buffer->flags = V4L2_BUF_FLAG_MAPPED;
  if (!c->no_monotonic) buffer->flags |= V4L2_BUF_FLAG_TIMESTAMP_MONOTONIC;
  buffer->timestamp.tv_sec = time / 1000000000;
  buffer->timestamp.tv_usec = time % 1000000000 / 1000;
  if (c->random) return 0;
  uint8_t *base = c->maps[index];
  if (c->content) {
    memcpy(base, c->content, c->content_size);
    buffer->bytesused = c->content_size;
  } else {
    for (uint32_t i = 0; i < c->image_bytes; i++) base[i] = fake_byte(sequence, i);
  }
  if (c->error_every && sequence % (uint32_t)c->error_every == 0)
    buffer->flags |= V4L2_BUF_FLAG_ERROR;
  if (c->short_every && sequence % (uint32_t)c->short_every == 1) buffer->bytesused /= 2;
  return 0;
}

// A driver that answers with anything where nothing holds it to the truth.
static void lie(fake_camera *c, unsigned long request, void *argument) {
  switch (request) {
    case VIDIOC_QUERYCAP: {
      struct v4l2_capability *info = argument;
      if (lies(c, 30)) memset(info->card, 0xff, sizeof info->card);
      if (lies(c, 30)) info->device_caps = absurd(c);
      break;
    }
    case VIDIOC_ENUM_FMT:
      if (lies(c, 6)) ((struct v4l2_fmtdesc *)argument)->pixelformat = absurd(c);
      break;
    case VIDIOC_ENUM_FRAMESIZES: {
      struct v4l2_frmsizeenum *size = argument;
      if (lies(c, 4)) size->type = absurd(c) % 4;
      for (int i = 0; i < 6; i++)
        if (lies(c, 4)) (&size->stepwise.min_width)[i] = absurd(c);
      break;
    }
    case VIDIOC_ENUM_FRAMEINTERVALS: {
      struct v4l2_frmivalenum *rate = argument;
      if (lies(c, 4)) rate->type = absurd(c) % 4;
      if (lies(c, 4)) rate->discrete.numerator = absurd(c);
      if (lies(c, 4)) rate->discrete.denominator = absurd(c);
      break;
    }
    case VIDIOC_S_FMT: {
      struct v4l2_pix_format *pix = &((struct v4l2_format *)argument)->fmt.pix;
      if (lies(c, 12)) pix->width = absurd(c);
      if (lies(c, 12)) pix->height = absurd(c);
      if (lies(c, 12)) pix->bytesperline = absurd(c);
      if (lies(c, 12)) pix->sizeimage = absurd(c);
      if (lies(c, 12)) pix->pixelformat = absurd(c);
      if (lies(c, 12)) pix->quantization = absurd(c);
      if (lies(c, 12)) pix->colorspace = absurd(c);
      break;
    }
    case VIDIOC_G_PARM:
    case VIDIOC_S_PARM: {
      struct v4l2_captureparm *parameters = &((struct v4l2_streamparm *)argument)->parm.capture;
      if (lies(c, 4)) parameters->timeperframe.numerator = absurd(c);
      if (lies(c, 4)) parameters->timeperframe.denominator = absurd(c);
      break;
    }
    case VIDIOC_REQBUFS:
      if (lies(c, 8)) ((struct v4l2_requestbuffers *)argument)->count = absurd(c);
      break;
    case VIDIOC_QUERYBUF:
    case VIDIOC_DQBUF: {
      struct v4l2_buffer *buffer = argument;
      if (lies(c, 20)) buffer->index = absurd(c);
      if (lies(c, 6)) buffer->bytesused = absurd(c);
      if (lies(c, 20)) buffer->length = absurd(c);
      if (lies(c, 20)) buffer->m.offset = absurd(c);
      if (lies(c, 6)) buffer->flags = absurd(c);
      if (lies(c, 6)) buffer->sequence = absurd(c);
      if (lies(c, 6)) buffer->timestamp.tv_sec = (int64_t)draw(c) << 11 ^ (int64_t)draw(c);
      if (lies(c, 6)) buffer->timestamp.tv_usec = (int64_t)draw(c) << 11 ^ (int64_t)draw(c);
      break;
    }
    default: break;
  }
}

static int control(fake_camera *c, unsigned long request, void *argument) {
  switch (request) {
    case VIDIOC_QUERYCAP: {
      struct v4l2_capability *info = argument;
      snprintf((char *)info->driver, sizeof info->driver, "fake");
      memcpy(info->card, c->card, sizeof info->card);
      snprintf((char *)info->bus_info, sizeof info->bus_info, "usb-1.%d", c->generation % 10);
      info->device_caps =
          (c->not_capture ? V4L2_CAP_META_CAPTURE : V4L2_CAP_VIDEO_CAPTURE) | V4L2_CAP_STREAMING;
      info->capabilities = V4L2_CAP_VIDEO_CAPTURE | V4L2_CAP_META_CAPTURE | V4L2_CAP_STREAMING |
                           V4L2_CAP_DEVICE_CAPS;
      return 0;
    }
    case VIDIOC_ENUM_FMT: {
      struct v4l2_fmtdesc *format = argument;
      if (format->index >= fake_max_formats || !c->formats[format->index]) return -EINVAL;
      format->pixelformat = c->formats[format->index];
      return 0;
    }
    case VIDIOC_ENUM_FRAMESIZES: {
      struct v4l2_frmsizeenum *size = argument;
      if (!is_offered(c, size->pixel_format)) return -EINVAL;
      if (size->index >= fake_max_sizes || !c->sizes[size->index][0]) return -EINVAL;
      size->type = V4L2_FRMSIZE_TYPE_DISCRETE;
      size->discrete.width = c->sizes[size->index][0];
      size->discrete.height = c->sizes[size->index][1];
      return 0;
    }
    case VIDIOC_ENUM_FRAMEINTERVALS: {
      struct v4l2_frmivalenum *rate = argument;
      if (rate->index > 0) return -EINVAL;
      rate->type = V4L2_FRMIVAL_TYPE_DISCRETE;
      rate->discrete.numerator = 1000;
      rate->discrete.denominator = (uint32_t)(c->rate * 1000);
      return 0;
    }
    case VIDIOC_S_FMT: {
      struct v4l2_format *format = argument;
      if (format->type != V4L2_BUF_TYPE_VIDEO_CAPTURE) return broken(c, EINVAL);
      if (c->count) return broken(c, EBUSY);
      set_format(c, &format->fmt.pix);
      c->fourcc = format->fmt.pix.pixelformat;
      c->width = format->fmt.pix.width;
      c->height = format->fmt.pix.height;
      c->line = format->fmt.pix.bytesperline;
      c->image_bytes = format->fmt.pix.sizeimage;
      return 0;
    }
    case VIDIOC_G_PARM:
    case VIDIOC_S_PARM: {
      struct v4l2_captureparm *parameters = &((struct v4l2_streamparm *)argument)->parm.capture;
      if (request == VIDIOC_S_PARM) {
        if (!c->sets_rate) return -EINVAL;
        if (c->streaming) return broken(c, EBUSY);
        if (!parameters->timeperframe.numerator) return broken(c, EINVAL);
        double wish =
            (double)parameters->timeperframe.denominator / parameters->timeperframe.numerator;
        c->set_rate = wish < c->rate ? wish : c->rate;
      }
      parameters->capability = c->sets_rate ? V4L2_CAP_TIMEPERFRAME : 0;
      parameters->timeperframe.numerator = 1000;
      parameters->timeperframe.denominator =
          (uint32_t)((c->set_rate > 0 ? c->set_rate : c->rate) * 1000 + 0.5);
      return 0;
    }
    case VIDIOC_REQBUFS: {
      struct v4l2_requestbuffers *request_ = argument;
      if (request_->memory != V4L2_MEMORY_MMAP) return broken(c, EINVAL);
      if (c->streaming || c->open_maps) return broken(c, EBUSY);
      if (request_->count && !c->image_bytes) return broken(c, EINVAL);
      if (request_->count > (uint32_t)c->buffers) request_->count = (uint32_t)c->buffers;
      c->count = (int)request_->count;
      c->slot = c->image_bytes;
      c->queued = c->done_count = 0;
      return 0;
    }
    case VIDIOC_QUERYBUF: {
      struct v4l2_buffer *buffer = argument;
      if (buffer->index >= (uint32_t)c->count) return broken(c, EINVAL);
      buffer->length = c->slot;
      buffer->m.offset = buffer->index * 0x1000000;
      return 0;
    }
    case VIDIOC_QBUF: {
      struct v4l2_buffer *buffer = argument;
      if (buffer->index >= (uint32_t)c->count) return broken(c, EINVAL);
      for (int i = 0; i < c->queued; i++)
        if (c->queue[i] == (int)buffer->index) return broken(c, EINVAL);
      for (int i = 0; i < c->done_count; i++)
        if (c->done[i] == (int)buffer->index) return broken(c, EINVAL);
      c->queue[c->queued++] = (int)buffer->index;
      return 0;
    }
    case VIDIOC_DQBUF: return dequeue(c, argument);
    case VIDIOC_STREAMON:
      if (!c->queued) return broken(c, EINVAL);
      c->streaming = 1;
      c->sequence = 0;
      c->next_frame = c->now + period(c);
      return 0;
    case VIDIOC_STREAMOFF:
      c->streaming = c->queued = c->done_count = 0;
      return 0;
    default: return broken(c, ENOTTY);
  }
}

static int fake_ioctl(void *context, int file, unsigned long request, void *argument) {
  fake_camera *c = context;
  int error = enter(c);
  if (error < 0) return error;
  if (c->open_files != 1 || file != 100 + c->file_generation) return broken(c, EBADF);
  if (is_dead(c)) return -ENODEV;
  if (lies(c, 60)) {
    static const int errors[] = {EIO, EINVAL, EBUSY, ENOMEM, EPROTO, ENOTTY, EINTR, EAGAIN};
    return -errors[draw(c) % 8];
  }
  int result = control(c, request, argument);
  if (result >= 0) lie(c, request, argument);
  return result;
}

void fake_make(fake_camera *c, video_calls *calls) {
  memset(c, 0, sizeof *c);
  snprintf(c->card, sizeof c->card, "Fake Camera: HD");
  c->formats[0] = V4L2_PIX_FMT_YUYV;
  c->sizes[0][0] = 640, c->sizes[0][1] = 480;
  c->sizes[1][0] = 320, c->sizes[1][1] = 240;
  c->rate = 30;
  c->sets_rate = 1;
  c->buffers = 8;
  c->is_present = 1;
  c->now = 1000000000;
  *calls = (video_calls){c,          fake_open, fake_close, fake_ioctl, fake_map,
                         fake_unmap, fake_poll, fake_clock, fake_sleep};
}

void fake_end(fake_camera *c) {
  for (int i = 0; i < 64; i++)
    if (c->maps[i]) fake_unmap(c, c->maps[i], c->map_sizes[i]);
}
