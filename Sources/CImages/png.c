#include "images.h"
#include <stdio.h>
#include <string.h>
#include <png.h>

typedef struct {
  const uint8_t *bytes;
  size_t left;
} reader;

static void on_error(png_structp png, png_const_charp text) {
  images_fault *fault = png_get_error_ptr(png);
  fault->status = strstr(text, "emory") ? images_memory : images_damaged;
  snprintf(fault->text, sizeof fault->text, "%s", text);
  png_longjmp(png, 1);
}

// Warnings concern data about the image, not its pixels.
static void on_warning(png_structp png, png_const_charp text) {
  (void)png;
  (void)text;
}

static void on_read(png_structp png, png_bytep to, size_t size) {
  reader *source = png_get_io_ptr(png);
  if (size > source->left) png_error(png, "the file ends too early");
  memcpy(to, source->bytes, size);
  source->bytes += size;
  source->left -= size;
}

static int decode(png_structp png, png_infop info, images_buffer *buffer, images_fault *fault) {
  // Text, profiles and other side data are passed over unread: nothing to inflate there.
  png_set_keep_unknown_chunks(png, PNG_HANDLE_CHUNK_NEVER, NULL, -1);
  // Larger sizes get our own message below.
  png_set_user_limits(png, 0x7fffffff, 0x7fffffff);
  png_read_info(png, info);
  png_uint_32 width = png_get_image_width(png, info), height = png_get_image_height(png, info);
  fault->width = (int)width;
  fault->height = (int)height;
  int status = images_reserve(buffer, fault->width, fault->height);
  if (status != images_done) return status;
  png_set_palette_to_rgb(png);
  png_set_expand_gray_1_2_4_to_8(png);
  png_set_strip_16(png);
  png_set_strip_alpha(png);
  png_set_gray_to_rgb(png);
  int passes = png_set_interlace_handling(png);
  png_read_update_info(png, info);
  size_t line = (size_t)width * 3;
  if (png_get_rowbytes(png, info) != line) png_error(png, "rows are not RGB");
  for (int pass = 0; pass < passes; pass++)
    for (png_uint_32 y = 0; y < height; y++)
      png_read_row(png, buffer->pixels + y * line, NULL);
  png_read_end(png, NULL);
  return images_done;
}

int images_decode_png(const uint8_t *bytes, size_t size, images_buffer *buffer,
                      images_fault *fault) {
  *fault = (images_fault){0};
  reader source = {bytes, size};
  png_structp png = png_create_read_struct(PNG_LIBPNG_VER_STRING, fault, on_error, on_warning);
  png_infop info = png ? png_create_info_struct(png) : NULL;
  if (!info) {
    png_destroy_read_struct(&png, NULL, NULL);
    return fault->status = images_memory;
  }
  if (setjmp(png_jmpbuf(png))) {
    png_destroy_read_struct(&png, &info, NULL);
    buffer->width = buffer->height = 0;
    return fault->status;
  }
  png_set_read_fn(png, &source, on_read);
  fault->status = decode(png, info, buffer, fault);
  png_destroy_read_struct(&png, &info, NULL);
  return fault->status;
}
