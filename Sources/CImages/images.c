#include "images.h"
#include <stdlib.h>

int images_reserve(images_buffer *buffer, int width, int height) {
  return images_reserve_bytes(buffer, width, height, (size_t)width * (size_t)height * 3);
}

int images_reserve_bytes(images_buffer *buffer, int width, int height, size_t need) {
  buffer->width = buffer->height = 0;
  if (width < 1 || height < 1 || width > images_max_side || height > images_max_side ||
      (int64_t)width * height > images_max_pixels)
    return images_too_large;
  if (need > buffer->capacity) {
    free(buffer->pixels);
    buffer->capacity = 0;
    // calloc: the slack has a value, and fresh pages cost nothing until a row reaches them.
    buffer->pixels = calloc(need + images_slack, 1);
    if (!buffer->pixels) return images_memory;
    buffer->capacity = need;
  }
  buffer->width = width;
  buffer->height = height;
  return images_done;
}

void images_release(images_buffer *buffer) {
  free(buffer->pixels);
  *buffer = (images_buffer){0};
}

static unsigned read16(const uint8_t *at, int little) {
  return little ? at[0] | (unsigned)at[1] << 8 : (unsigned)at[0] << 8 | at[1];
}

static uint32_t read32(const uint8_t *at, int little) {
  return little ? read16(at, 1) | (uint32_t)read16(at + 2, 1) << 16
                : (uint32_t)read16(at, 0) << 16 | read16(at + 2, 0);
}

// TIFF 6.0, section 2: byte order, 42, offset of a directory of 12-byte entries. Tag 0x0112 is
// the orientation, a SHORT (type 3).
int images_orientation(const uint8_t *tiff, size_t size) {
  if (size < 8) return 1;
  int little = tiff[0] == 'I' && tiff[1] == 'I';
  if (!little && !(tiff[0] == 'M' && tiff[1] == 'M')) return 1;
  if (read16(tiff + 2, little) != 42) return 1;
  size_t at = read32(tiff + 4, little);
  if (at > size - 2) return 1;
  unsigned count = read16(tiff + at, little);
  at += 2;
  for (unsigned i = 0; i < count && size - at >= 12; i++, at += 12) {
    if (read16(tiff + at, little) != 0x0112 || read16(tiff + at + 2, little) != 3) continue;
    unsigned value = read16(tiff + at + 8, little);
    return value >= 1 && value <= 8 ? (int)value : 1;
  }
  return 1;
}
