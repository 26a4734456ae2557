// Small tools of the emulated board: camera controls, INA chips and a model of the board's watts
// behind them. The test's hand on the world outside the program under test.
//
//   guest control /dev/video0 NAME VALUE|ENTRY   set a control of the test camera
//   guest chips                                  make the stubs look like INA3221 and INA219
//   guest watts MILLIWATTS                       let both chips tell that power
//   guest late                                   by how many ms a sleep was too long, at its end
//   guest board SECONDS BASE C CAP               the board: watts follow clock and load
#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <linux/i2c-dev.h>
#include <linux/i2c.h>
#include <linux/videodev2.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

static int fail(const char *what) {
  fprintf(stderr, "guest: %s: %s\n", what, strerror(errno));
  return 1;
}

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec + t.tv_nsec * 1e-9;
}

// The start of a file as text; 0 if it cannot be read.
static int text(const char *path, char *into, size_t size) {
  int file = open(path, O_RDONLY | O_CLOEXEC);
  if (file < 0) return 0;
  size_t n = 0;
  for (ssize_t got; n + 1 < size && (got = read(file, into + n, size - 1 - n)) > 0;) n += got;
  close(file);
  into[n] = 0;
  return n > 0;
}

// Camera controls.

static int set_control(const char *device, const char *name, const char *value) {
  int file = open(device, O_RDWR | O_CLOEXEC);
  if (file < 0) return fail(device);
  struct v4l2_queryctrl control = {.id = V4L2_CTRL_FLAG_NEXT_CTRL};
  while (ioctl(file, VIDIOC_QUERYCTRL, &control) == 0) {
    if (strcmp((const char *)control.name, name) == 0) {
      char *end;
      long number = strtol(value, &end, 0);
      if (*end != 0) {  // the entry of a menu
        number = -1;
        for (long i = control.minimum; i <= control.maximum; i++) {
          struct v4l2_querymenu entry = {.id = control.id, .index = i};
          if (ioctl(file, VIDIOC_QUERYMENU, &entry) == 0 &&
              strcmp((const char *)entry.name, value) == 0)
            number = i;
        }
        if (number < 0) {
          errno = ENOENT;
          return fail(value);
        }
      }
      struct v4l2_control set = {.id = control.id, .value = number};
      return ioctl(file, VIDIOC_S_CTRL, &set) == 0 ? 0 : fail(name);
    }
    control.id |= V4L2_CTRL_FLAG_NEXT_CTRL;
  }
  errno = ENOENT;
  return fail(name);
}

// INA chips on the stub bus: 16-bit registers, most significant byte first, so words are swapped.

enum { ina3221 = 0x40, ina219 = 0x41, millivolts = 5000 };

static int bus = -1;

static int put(int chip, int number, unsigned value) {
  if (bus < 0) bus = open("/dev/i2c-0", O_RDWR | O_CLOEXEC);
  if (bus < 0 || ioctl(bus, I2C_SLAVE_FORCE, chip) < 0) return -1;
  union i2c_smbus_data data = {.word = (value >> 8 & 0xff) | (value & 0xff) << 8};
  struct i2c_smbus_ioctl_data call = {
      .read_write = I2C_SMBUS_WRITE, .command = number, .size = I2C_SMBUS_WORD_DATA, .data = &data};
  return ioctl(bus, I2C_SMBUS, &call);
}

// What the drivers look for when they bind: the maker's number, the chip's, its configuration.
static int make_chips(void) {
  if (put(ina3221, 0xfe, 0x5449) || put(ina3221, 0xff, 0x3220) || put(ina3221, 0x00, 0x7127) ||
      put(ina219, 0xff, 0x2260))
    return fail("i2c-0");
  return 0;
}

// The INA219 stands in the board's supply; the first channel of the INA3221 behind it tells the
// processor's part. Shunts of 10 mOhm, as the drivers assume.
static int tell(double total, double part) {
  double milliamperes = total * 1e6 / millivolts, behind = part * 1e6 / millivolts;
  int failed = put(ina219, 0x02, millivolts / 4 * 8) | put(ina219, 0x01, milliamperes + 0.5) |
               put(ina219, 0x04, milliamperes + 0.5) | put(ina219, 0x03, total * 1000 / 20 + 0.5);
  return failed | put(ina3221, 0x02, millivolts / 8 * 8) |
         put(ina3221, 0x01, (unsigned)(behind * 10 / 40 + 0.5) * 8);
}

// The board: total = base + activity * busy cores * GHz * V^2.

struct point {
  double hertz, volts;
};
static struct point points[32];
static int count;

static uint64_t big(const unsigned char *bytes, int n) {
  uint64_t value = 0;
  while (n--) value = value << 8 | *bytes++;
  return value;
}

// The operating points of the device tree: the same that the kernel uses.
static void read_points(void) {
  glob_t found;
  if (glob("/proc/device-tree/opp-table/opp-*", 0, 0, &found) != 0) return;
  for (size_t i = 0; i < found.gl_pathc && count < 32; i++) {
    char path[300], data[16];
    snprintf(path, sizeof path, "%s/opp-hz", found.gl_pathv[i]);
    if (!text(path, data, sizeof data)) continue;
    points[count].hertz = big((unsigned char *)data, 8);
    snprintf(path, sizeof path, "%s/opp-microvolt", found.gl_pathv[i]);
    if (!text(path, data, sizeof data)) continue;
    points[count++].volts = big((unsigned char *)data, 4) * 1e-6;
  }
}

static double volts(double hertz) {
  double best = 0.86, least = 1e18;
  for (int i = 0; i < count; i++)
    if (points[i].hertz >= hertz * 0.999 && points[i].hertz < least) {
      least = points[i].hertz;
      best = points[i].volts;
    }
  return best;
}

// Ticks of all CPUs since the start: busy and all.
static void ticks(double *busy, double *idle) {
  char data[4096];
  unsigned long long v[8] = {0};
  if (text("/proc/stat", data, sizeof data))
    sscanf(data, "cpu %llu %llu %llu %llu %llu %llu %llu %llu", v, v + 1, v + 2, v + 3, v + 4,
           v + 5, v + 6, v + 7);
  *busy = v[0] + v[1] + v[2] + v[5] + v[6] + v[7];
  *idle = v[3] + v[4];
}

static volatile sig_atomic_t stopped;
static void stop(int signal) {
  (void)signal;
  stopped = 1;
}

static int board(double seconds, double base, double activity, double cap) {
  read_points();
  if (count == 0) return fail("operating points");
  signal(SIGTERM, stop);
  double cores = sysconf(_SC_NPROCESSORS_ONLN);
  double busy, idle, start = now(), sum = 0, most = 0, over = 0, run = 0, longest = 0;
  double past_busy, past_idle, load = 0;
  long steps = 0, writes = 0, last = 0;
  ticks(&past_busy, &past_idle);
  while (!stopped && now() - start < seconds) {
    usleep(100000);
    ticks(&busy, &idle);
    double all = busy - past_busy + idle - past_idle;
    if (all >= 4) {
      load = (busy - past_busy) / all * cores;
      past_busy = busy;
      past_idle = idle;
    }
    char data[64];
    if (!text("/sys/devices/system/cpu/cpufreq/policy0/scaling_cur_freq", data, sizeof data))
      return fail("scaling_cur_freq");
    double hertz = strtod(data, 0) * 1000, v = volts(hertz);
    if (text("/sys/devices/system/cpu/cpufreq/policy0/scaling_max_freq", data, sizeof data) &&
        strtol(data, 0, 10) != last) {
      if (last) writes++;
      last = strtol(data, 0, 10);
    }
    double part = activity * load * hertz * 1e-9 * v * v, total = base + part;
    if (tell(total, part) != 0) return fail("i2c-0");
    steps++;
    sum += total;
    if (total > most) most = total;
    run = total > cap ? run + 0.1 : 0;
    if (total > cap) over += 0.1;
    if (run > longest) longest = run;
  }
  printf("{\"steps\":%ld,\"mean_w\":%.3f,\"max_w\":%.3f,\"over_s\":%.1f,\"longest_over_s\":%.1f,"
         "\"limit_changes\":%ld}\n",
         steps, steps ? sum / steps : 0, most, over, longest, writes);
  return 0;
}

// Sleeps of 10 ms until it is ended: by how much the longest was too long. What is late here is
// late everywhere: the emulator did not get its share of the machine.
static int late(void) {
  signal(SIGTERM, stop);
  double most = 0;
  while (!stopped) {
    double start = now();
    usleep(10000);
    double over = now() - start - 0.01;
    if (over > most) most = over;
  }
  printf("%d\n", (int)(most * 1000));
  return 0;
}

int main(int n, char **word) {
  const char *what = n > 1 ? word[1] : "";
  if (strcmp(what, "control") == 0 && n == 5) return set_control(word[2], word[3], word[4]);
  if (strcmp(what, "chips") == 0) return make_chips();
  if (strcmp(what, "watts") == 0 && n == 3) {
    double watts = atof(word[2]) / 1000;
    return tell(watts, watts / 2) == 0 ? 0 : fail("i2c-0");
  }
  if (strcmp(what, "board") == 0 && n == 6)
    return board(atof(word[2]), atof(word[3]), atof(word[4]), atof(word[5]));
  if (strcmp(what, "late") == 0) return late();
  fprintf(stderr, "guest: unknown words\n");
  return 64;
}
