// A plugin of the emulator qemu-aarch64 (plugin interface 1): how often each basic block of a
// single-threaded arm64 program runs between two marks. tools/rates builds and uses it.
//
// Marks are those of tools/instructions-plugin: system call 7777, and each reading of the clock.
// Between points 2 and 3 of a profiled inference the clock is read after each step, so each line
// tells of one step: pairs of a block's number and its runs. A block's first line is its code.
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
uint64_t qemu_plugin_tb_vaddr(const struct block *);
struct instruction *qemu_plugin_tb_get_insn(const struct block *, size_t);
const void *qemu_plugin_insn_data(const struct instruction *);
void qemu_plugin_outs(const char *);

#define EXPORT __attribute__((visibility("default")))
EXPORT int qemu_plugin_version = 1;

enum { most = 1 << 16 };
static uint64_t runs[most], before[most], address[most];
static size_t length[most];
static int blocks;

static void count_block(plugin_id id, struct block *block) {
  (void)id;
  uint64_t at = qemu_plugin_tb_vaddr(block);
  size_t size = qemu_plugin_tb_n_insns(block);
  int i = 0;
  while (i < blocks && (address[i] != at || length[i] != size)) i++;
  if (i == most) return;
  if (i == blocks) {
    static char line[16384];
    size_t end = (size_t)snprintf(line, sizeof line, "{\"block\":%d,\"code\":\"", i);
    for (size_t k = 0; k < size; k++) {
      uint32_t word;
      memcpy(&word, qemu_plugin_insn_data(qemu_plugin_tb_get_insn(block, k)), sizeof word);
      end += (size_t)snprintf(line + end, sizeof line - end, "%08x", word);
    }
    snprintf(line + end, sizeof line - end, "\"}\n");
    qemu_plugin_outs(line);
    address[i] = at;
    length[i] = size;
    blocks++;
  }
  qemu_plugin_register_vcpu_tb_exec_inline(block, operation_add, &runs[i], 1);
}

static void see_call(plugin_id id, unsigned cpu, int64_t number, uint64_t point, uint64_t b,
                     uint64_t c, uint64_t d, uint64_t e, uint64_t f, uint64_t g, uint64_t h) {
  (void)id, (void)cpu, (void)b, (void)c, (void)d, (void)e, (void)f, (void)g, (void)h;
  enum { mark = 7777, clock_gettime = 113 };
  if (number != mark && number != clock_gettime) return;
  char text[64];
  snprintf(text, sizeof text, "{\"point\":%lld,\"runs\":[",
           number == mark ? (long long)point : -1LL);
  qemu_plugin_outs(text);
  const char *comma = "";
  for (int i = 0; i < blocks; i++) {
    if (runs[i] == before[i]) continue;
    snprintf(text, sizeof text, "%s[%d,%llu]", comma, i, (unsigned long long)(runs[i] - before[i]));
    qemu_plugin_outs(text);
    before[i] = runs[i];
    comma = ",";
  }
  qemu_plugin_outs("]}\n");
}

EXPORT int qemu_plugin_install(plugin_id id, const void *info, int count, char **arguments) {
  (void)id, (void)info, (void)count, (void)arguments;
  qemu_plugin_register_vcpu_tb_trans_cb(id, count_block);
  qemu_plugin_register_vcpu_syscall_cb(id, see_call);
  return 0;
}
