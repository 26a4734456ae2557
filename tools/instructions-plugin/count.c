// A plugin of the emulator qemu-aarch64 (plugin interface 1): counts the instructions that a
// single-threaded arm64 program executes, by class. tools/instructions builds and uses it.
//
// A program marks a point with system call 7777, whose argument is the point's number; with the
// plugin's argument "clock=on" each reading of the clock is a point too (number -1). At each
// point one line of JSON tells the counts since the point before.
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

// What is used of the emulator: its header is in no package.
typedef uint64_t plugin_id;
struct block;
struct instruction;
enum { operation_add = 0 };
typedef void block_hook(plugin_id, struct block *);
typedef void call_hook(plugin_id, unsigned cpu, int64_t number, uint64_t, uint64_t, uint64_t,
                       uint64_t, uint64_t, uint64_t, uint64_t, uint64_t);
void qemu_plugin_register_vcpu_tb_trans_cb(plugin_id, block_hook *);
void qemu_plugin_register_vcpu_syscall_cb(plugin_id, call_hook *);
void qemu_plugin_register_vcpu_tb_exec_inline(struct block *, int, void *, uint64_t);
size_t qemu_plugin_tb_n_insns(const struct block *);
struct instruction *qemu_plugin_tb_get_insn(const struct block *, size_t);
const void *qemu_plugin_insn_data(const struct instruction *);
void qemu_plugin_outs(const char *);

#define EXPORT __attribute__((visibility("default")))
EXPORT int qemu_plugin_version = 1;

// Classes by bit patterns of the Arm Architecture Reference Manual, chapter C4; the first match
// counts.
struct class {
  const char *name;
  uint32_t mask, bits;
};
static const struct class classes[] = {
  {"dot", 0x9fe0fc00, 0x0e809400},                // sdot, udot
  {"dot", 0x9fc0f400, 0x0f80e000},                // the same by element
  {"multiply_widening", 0x9f20fc00, 0x0e208000},  // smlal
  {"multiply_widening", 0x9f20fc00, 0x0e20a000},  // smlsl
  {"multiply_widening", 0x9f20fc00, 0x0e20c000},  // smull
  {"multiply_widening", 0x9f00f400, 0x0f002000},  // the same by element
  {"multiply_widening", 0x9f00f400, 0x0f006000},
  {"multiply_widening", 0x9f00f400, 0x0f00a000},
  {"multiply", 0x9f20fc00, 0x0e209400},           // mla, mls
  {"multiply", 0x9f20fc00, 0x0e209c00},           // mul
  {"multiply", 0xbf00f400, 0x2f000000},           // the same by element
  {"multiply", 0xbf00f400, 0x0f008000},
  {"add_pairs", 0x9f3ffc00, 0x0e202800},          // saddlp
  {"add_pairs", 0x9f3ffc00, 0x0e206800},          // sadalp
  {"multiply_float", 0xbfa0fc00, 0x0e20cc00},     // fmla
  {"multiply_float", 0xbfa0fc00, 0x2e20dc00},     // fmul
  {"multiply_float", 0xbf80f400, 0x0f801000},     // the same by element
  {"multiply_float", 0xbf80f400, 0x0f809000},
  {"table", 0xbfe08c00, 0x0e000000},              // tbl, tbx
  {"duplicate", 0xbfe0fc00, 0x0e000400},          // dup of an element
  {"vector", 0x0e000000, 0x0e000000},             // all other SIMD and floating point
  {"memory_vector", 0x0e000000, 0x0c000000},
  {"memory", 0x0e000000, 0x08000000},
  {"branch", 0x1c000000, 0x14000000},
  {"integer", 0, 0},
};
enum { rows = sizeof classes / sizeof *classes };

static uint64_t executed[rows], before[rows];
static int marks_clock;

static void count_block(plugin_id id, struct block *block) {
  (void)id;
  uint64_t found[rows] = {0};
  size_t size = qemu_plugin_tb_n_insns(block);
  for (size_t i = 0; i < size; i++) {
    uint32_t word;
    memcpy(&word, qemu_plugin_insn_data(qemu_plugin_tb_get_insn(block, i)), sizeof word);
    int row = 0;
    while ((word & classes[row].mask) != classes[row].bits) row++;
    found[row]++;
  }
  for (int row = 0; row < rows; row++)
    if (found[row])
      qemu_plugin_register_vcpu_tb_exec_inline(block, operation_add, &executed[row], found[row]);
}

static void see_call(plugin_id id, unsigned cpu, int64_t number, uint64_t point, uint64_t b,
                     uint64_t c, uint64_t d, uint64_t e, uint64_t f, uint64_t g, uint64_t h) {
  (void)id, (void)cpu, (void)b, (void)c, (void)d, (void)e, (void)f, (void)g, (void)h;
  enum { mark = 7777, clock_gettime = 113 };
  if (number != mark && !(marks_clock && number == clock_gettime)) return;
  char line[1024];
  uint64_t total = 0, sums[rows] = {0};
  for (int row = 0, class = 0; row < rows; row++) {
    // Rows of one class follow one another; their sum stands at the first.
    if (strcmp(classes[row].name, classes[class].name) != 0) class = row;
    uint64_t n = executed[row] - before[row];
    before[row] = executed[row];
    sums[class] += n;
    total += n;
  }
  size_t at = (size_t)snprintf(line, sizeof line, "{\"point\":%lld,\"total\":%llu",
                               number == mark ? (long long)point : -1LL, (unsigned long long)total);
  for (int row = 0; row < rows; row++)
    if (sums[row])
      at += (size_t)snprintf(line + at, sizeof line - at, ",\"%s\":%llu", classes[row].name,
                             (unsigned long long)sums[row]);
  snprintf(line + at, sizeof line - at, "}\n");
  qemu_plugin_outs(line);
}

EXPORT int qemu_plugin_install(plugin_id id, const void *info, int count, char **arguments) {
  (void)info;
  for (int i = 0; i < count; i++)
    if (strcmp(arguments[i], "clock=on") == 0) marks_clock = 1;
  qemu_plugin_register_vcpu_tb_trans_cb(id, count_block);
  qemu_plugin_register_vcpu_syscall_cb(id, see_call);
  return 0;
}
