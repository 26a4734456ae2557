// OpenBLAS from Debian's libopenblas-dev: single precision products for the float interpreter.
#include <cblas.h>
