// libjpeg and libpng behind two total functions: bytes in, RGB888 out, never exit or abort.
#pragma once
#include <stddef.h>
#include <stdint.h>

// Longest side of an image, and most pixels: 64 million, the largest Raspberry Pi camera.
enum { images_max_side = 16384, images_max_pixels = 1 << 26 };
// Bytes after the last pixel that readers may load and writers may store.
enum { images_slack = 64 };

// Pixels in memory: 3 bytes each, rows without gaps, then images_slack bytes.
typedef struct {
  uint8_t *pixels;  // malloc; NULL before the first image
  size_t capacity;  // bytes for pixels, without the slack
  int width;
  int height;
} images_buffer;

enum {
  images_done = 0,
  images_damaged = 1,      // cut short or inconsistent
  images_too_large = 2,    // beyond the limits above
  images_unsupported = 3,  // a kind of image that the library cannot read
  images_memory = 4,       // no memory
};

typedef struct {
  int status;  // as returned
  int width;   // of the header, once known
  int height;
  char text[200];  // the library's words, for images_damaged and images_unsupported
} images_fault;

// Decodes into `buffer`, which grows as needed and is kept by the caller for the next image.
// JPEG: accurate integer transform and smooth chroma, so that every CPU gives the same pixels;
// CMYK becomes RGB as Pillow does it; EXIF orientation is applied.
int images_decode_jpeg(const uint8_t *bytes, size_t size, images_buffer *buffer,
                       images_fault *fault);
// The same, but at 1/2, 1/4 or 1/8 of the size (rounded up) if that is still at least min_width x
// min_height: much less work.
int images_decode_jpeg_scaled(const uint8_t *bytes, size_t size, int min_width, int min_height,
                              images_buffer *buffer, images_fault *fault);
// PNG: alpha is ignored, 16 bits keep the high byte, palettes and grey become RGB.
int images_decode_png(const uint8_t *bytes, size_t size, images_buffer *buffer,
                      images_fault *fault);

// Makes room for width x height pixels and sets the size; images_too_large or images_memory
// leaves the buffer empty (0 x 0).
int images_reserve(images_buffer *buffer, int width, int height);
// The same for pixels that take `need` bytes in all, in another layout than RGB888.
int images_reserve_bytes(images_buffer *buffer, int width, int height, size_t need);
void images_release(images_buffer *buffer);

// The orientation 1...8 in an Exif block (after its 6 bytes "Exif\0\0"), else 1.
int images_orientation(const uint8_t *tiff, size_t size);
