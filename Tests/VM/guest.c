// Small tools of the emulated board: camera controls, INA chips, a model of the board's watts.
#include <stdio.h>

int main(void) {
  puts("guest");
  return 0;
}
