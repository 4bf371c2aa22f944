/* The matrix products of MUMPS by another BLAS than the one that CasADi brings.

   CasADi's wheel has an OpenBLAS for one kind of processor of 2006, SciPy's has kernels for all, under names with a
   prefix. Loaded for all to see before MUMPS, the functions below take the place of CasADi's. */
#include <dlfcn.h>

#define GEMM const char *ta, const char *tb, const int *m, const int *n, const int *k, const double *alpha, \
             const double *a, const int *lda, const double *b, const int *ldb, const double *beta, double *c, const int *ldc
#define GEMMT const char *uplo, const char *ta, const char *tb, const int *n, const int *k, const double *alpha, \
              const double *a, const int *lda, const double *b, const int *ldb, const double *beta, double *c, const int *ldc
#define TRSM const char *side, const char *uplo, const char *ta, const char *diag, const int *m, const int *n, \
             const double *alpha, const double *a, const int *lda, double *b, const int *ldb

static void (*gemm)(GEMM);
static void (*trsm)(TRSM);

void dgemm_(GEMM) { gemm(ta, tb, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc); }

/* A triangle of a product by columns of blocks; OpenBLAS's own goes column by column, which memory slows down. */
void dgemmt_(GEMMT) {
  enum { WIDTH = 32 };
  const int upper = *uplo == 'U' || *uplo == 'u', along_a = *ta == 'N' || *ta == 'n', along_b = *tb == 'N' || *tb == 'n';
  const double none = 0;
  double square[WIDTH * WIDTH];
  for (int at = 0; at < *n; at += WIDTH) {
    const int width = *n - at < WIDTH ? *n - at : WIDTH, first = upper ? 0 : at + width;
    const int rows = upper ? at : *n - at - width;
    const double *right = b + (long)at * (along_b ? *ldb : 1);
    double *corner = c + at + (long)at * *ldc;
    if (rows)
      gemm(ta, tb, &rows, &width, k, alpha, a + (long)first * (along_a ? 1 : *lda), lda, right, ldb, beta,
           c + first + (long)at * *ldc, ldc);
    gemm(ta, tb, &width, &width, k, alpha, a + (long)at * (along_a ? 1 : *lda), lda, right, ldb, &none, square, &width);
    for (int j = 0; j < width; j++)
      for (int i = upper ? 0 : j; i < (upper ? j + 1 : width); i++)
        corner[i + (long)j * *ldc] = square[i + j * width] + (*beta ? *beta * corner[i + (long)j * *ldc] : 0);
  }
}

void dtrsm_(TRSM) { trsm(side, uplo, ta, diag, m, n, alpha, a, lda, b, ldb); }

/* Take the functions from SciPy's OpenBLAS at `path`, on one thread. 0: it does not have them. */
int mint_load_blas(const char *path) {
  void *library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
  if (!library) return 0;
  void (*threads)(int) = (void (*)(int))dlsym(library, "scipy_openblas_set_num_threads");
  gemm = (void (*)(GEMM))dlsym(library, "scipy_dgemm_");
  trsm = (void (*)(TRSM))dlsym(library, "scipy_dtrsm_");
  if (!threads || !gemm || !trsm) return 0;
  threads(1);
  return 1;
}
