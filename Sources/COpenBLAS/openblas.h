// OpenBLAS from Debian's libopenblas-dev: products for the float interpreter and the quantiser.
#include <cblas.h>

// The one LAPACK function in use (Cholesky factor); OpenBLAS holds it, its header does not
// declare it.
void dpotrf_(const char *uplo, const int *n, double *a, const int *lda, int *info);
