#include "images.h"
#include <limits.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <jpeglib.h>
#include <jerror.h>

// A progressive file of many scans over a large image costs hours; real ones have about ten.
enum { max_scans = 100, max_memory = 768 << 20, max_exif = 4096 };

typedef struct {
  struct jpeg_error_mgr base;
  jmp_buf escape;
  images_fault *fault;
} error_manager;

static void leave(j_common_ptr info, int status) {
  error_manager *manager = (error_manager *)info->err;
  manager->fault->status = status;
  char text[JMSG_LENGTH_MAX];
  manager->base.format_message(info, text);
  snprintf(manager->fault->text, sizeof manager->fault->text, "%s", text);
  longjmp(manager->escape, 1);
}

static void on_error(j_common_ptr info) {
  switch (info->err->msg_code) {
    case JERR_OUT_OF_MEMORY:
    case JERR_NO_BACKING_STORE: leave(info, images_memory); break;
    case JERR_BAD_PRECISION:
    case JERR_SOF_UNSUPPORTED:
    case JERR_CONVERSION_NOTIMPL:
    case JERR_NOT_COMPILED:
    case JERR_ARITH_NOTIMPL: leave(info, images_unsupported); break;
    case JERR_IMAGE_TOO_BIG:
    case JERR_WIDTH_OVERFLOW: leave(info, images_too_large); break;
    default: leave(info, images_damaged);
  }
}

// Warnings (level -1) mean that pixels are made up, except for these, which cameras write.
static void on_message(j_common_ptr info, int level) {
  if (level >= 0) return;
  switch (info->err->msg_code) {
    case JWRN_EXTRANEOUS_DATA:
    case JWRN_ADOBE_XFORM:
    case JWRN_JFIF_MAJOR: return;
    default: leave(info, images_damaged);
  }
}

static void on_output(j_common_ptr info) { (void)info; }

static void on_progress(j_common_ptr info) {
  if (((j_decompress_ptr)info)->input_scan_number > max_scans) {
    info->err->msg_code = JERR_BAD_PROGRESSION;
    leave(info, images_damaged);
  }
}

static int orientation(j_decompress_ptr info) {
  for (jpeg_saved_marker_ptr m = info->marker_list; m; m = m->next)
    if (m->marker == JPEG_APP0 + 1 && m->data_length > 6 && !memcmp(m->data, "Exif\0", 6))
      return images_orientation(m->data + 6, m->data_length - 6);
  return 1;
}

// CMYK as Adobe stores it (255 = no ink) to RGB in place: 255 - ink, darkened by black, each
// product rounded to nearest.
static void cmyk_to_rgb(uint8_t *row, unsigned width) {
  for (unsigned x = 0; x < width; x++) {
    unsigned black = row[4 * x + 3];
    for (unsigned c = 0; c < 3; c++) {
      unsigned product = (255u - row[4 * x + c]) * black + 128;
      row[3 * x + c] = (uint8_t)(black - (((product >> 8) + product) >> 8));
    }
  }
}

// The smallest of 1/8, 1/4, 1/2 and 1 that keeps both sides; ISLOW of these sizes has the same
// results on every CPU.
static void scale(j_decompress_ptr info, int min_width, int min_height) {
  info->scale_denom = 8;
  for (info->scale_num = 1; info->scale_num < 8; info->scale_num *= 2) {
    jpeg_calc_output_dimensions(info);
    if ((int)info->output_width >= min_width && (int)info->output_height >= min_height) break;
  }
  jpeg_calc_output_dimensions(info);
}

static int decode(j_decompress_ptr info, const uint8_t *bytes, size_t size, int min_width,
                  int min_height, images_buffer *buffer, images_fault *fault) {
  jpeg_mem_src(info, bytes, size);
  jpeg_save_markers(info, JPEG_APP0 + 1, max_exif);
  jpeg_read_header(info, TRUE);
  int width = fault->width = (int)info->image_width;
  int height = fault->height = (int)info->image_height;
  // Huge sizes are refused before anything is computed from them.
  if (width > images_max_side || height > images_max_side) return images_too_large;
  scale(info, min_width, min_height);
  width = (int)info->output_width;
  height = (int)info->output_height;
  int turn = orientation(info);
  int status = turn > 4 ? images_reserve(buffer, height, width)
                        : images_reserve(buffer, width, height);
  if (status != images_done) return status;
  int cmyk = info->jpeg_color_space == JCS_CMYK || info->jpeg_color_space == JCS_YCCK;
  info->out_color_space = cmyk ? JCS_CMYK : JCS_RGB;
  info->dct_method = JDCT_ISLOW;
  info->do_fancy_upsampling = TRUE;
  jpeg_start_decompress(info);
  JSAMPARRAY row = info->mem->alloc_sarray((j_common_ptr)info, JPOOL_IMAGE,
                                           info->output_width * 4, 1);
  // Where pixel (x, y) goes: first + x * right + y * down, in pixels (EXIF 2.3, table 6).
  ptrdiff_t w = width, h = height;
  ptrdiff_t line = turn > 4 ? h : w;
  int flip_x = turn == 2 || turn == 3 || turn == 7 || turn == 8;
  int flip_y = turn == 3 || turn == 4 || turn == 6 || turn == 7;
  ptrdiff_t right = turn > 4 ? line : 1, down = turn > 4 ? 1 : line;
  ptrdiff_t first = 0;
  if (flip_x) first += (w - 1) * right, right = -right;
  if (flip_y) first += (h - 1) * down, down = -down;
  while (info->output_scanline < info->output_height) {
    ptrdiff_t y = info->output_scanline;
    uint8_t *to = buffer->pixels + 3 * (first + y * down);
    if (turn == 1 && !cmyk) {
      JSAMPROW direct = to;
      jpeg_read_scanlines(info, &direct, 1);
      continue;
    }
    jpeg_read_scanlines(info, row, 1);
    if (cmyk) cmyk_to_rgb(row[0], info->output_width);
    for (ptrdiff_t x = 0; x < w; x++) memcpy(to + 3 * x * right, row[0] + 3 * x, 3);
  }
  jpeg_finish_decompress(info);
  return images_done;
}

int images_decode_jpeg(const uint8_t *bytes, size_t size, images_buffer *buffer,
                       images_fault *fault) {
  return images_decode_jpeg_scaled(bytes, size, INT_MAX, INT_MAX, buffer, fault);
}

int images_decode_jpeg_scaled(const uint8_t *bytes, size_t size, int min_width, int min_height,
                              images_buffer *buffer, images_fault *fault) {
  struct jpeg_decompress_struct info;
  struct jpeg_progress_mgr progress = {.progress_monitor = on_progress};
  error_manager manager;
  *fault = (images_fault){0};
  memset(&info, 0, sizeof info);
  info.err = jpeg_std_error(&manager.base);
  manager.base.error_exit = on_error;
  manager.base.emit_message = on_message;
  manager.base.output_message = on_output;
  manager.fault = fault;
  if (setjmp(manager.escape)) {
    jpeg_destroy_decompress(&info);
    buffer->width = buffer->height = 0;
    return fault->status;
  }
  jpeg_create_decompress(&info);
  info.mem->max_memory_to_use = max_memory;
  info.progress = &progress;
  fault->status = decode(&info, bytes, size, min_width, min_height, buffer, fault);
  jpeg_destroy_decompress(&info);
  return fault->status;
}
