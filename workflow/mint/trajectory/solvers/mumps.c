/* MUMPS for IPOPT, faster. Loaded for all to see before MUMPS and IPOPT, the functions below take the place of those that
   CasADi brings.

   Products of matrices: CasADi's wheel has an OpenBLAS for one kind of processor of 2006, SciPy's has kernels for all,
   under names with a prefix. Factorizations: some are left out (trials.h). */
#include <dlfcn.h>

#include "dmumps_c.h"
#include "trials.h"

#define GEMM const char *ta, const char *tb, const int *m, const int *n, const int *k, const double *alpha, \
             const double *a, const int *lda, const double *b, const int *ldb, const double *beta, double *c, const int *ldc
#define GEMMT const char *uplo, const char *ta, const char *tb, const int *n, const int *k, const double *alpha, \
              const double *a, const int *lda, const double *b, const int *ldb, const double *beta, double *c, const int *ldc
#define TRSM const char *side, const char *uplo, const char *ta, const char *diag, const int *m, const int *n, \
             const double *alpha, const double *a, const int *lda, double *b, const int *ldb

/* Calls that came here, not to what CasADi brings: products of matrices, factorizations. The dynamic linker alone decides
   that, and says nothing. */
enum { PRODUCTS, FACTORIZATIONS, KINDS };
static long served[KINDS];
long mint_served(int kind) { return served[kind]; }

static void (*gemm)(GEMM);
static void (*trsm)(TRSM);

void dgemm_(GEMM) {
  served[PRODUCTS]++;
  gemm(ta, tb, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc);
}

/* A triangle of a product by columns of blocks; OpenBLAS's own goes column by column, which memory slows down. */
void dgemmt_(GEMMT) {
  enum { WIDTH = 32 };
  const int upper = *uplo == 'U' || *uplo == 'u', along_a = *ta == 'N' || *ta == 'n', along_b = *tb == 'N' || *tb == 'n';
  const double none = 0;
  double square[WIDTH * WIDTH];
  served[PRODUCTS]++;
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

static void (*mumps)(DMUMPS_STRUC_C *);

/* The matrices of an instance of MUMPS. */
typedef struct instance {
  const DMUMPS_STRUC_C *id;
  trials_t trials;
  struct instance *next;
} instance_t;
static instance_t *instances;

/* A place for an instance whose matrix has been analyzed. NULL: out of memory. */
static instance_t *begun(const DMUMPS_STRUC_C *id) {
  instance_t *i = calloc(1, sizeof *i);
  if (!i) return NULL;
  i->id = id;
  i->next = instances;
  instances = i;
  trials_begin(&i->trials, id->nnz ? (int)id->nnz : id->nz);
  for (int k = 0; k < i->trials.entries; k++) i->trials.diagonal[k] = id->irn[k] == id->jcn[k];
  return i;
}

static void ended(const DMUMPS_STRUC_C *id) {
  for (instance_t **at = &instances; *at; at = &(*at)->next)
    if ((*at)->id == id) {
      instance_t *i = *at;
      *at = i->next;
      trials_end(&i->trials), free(i);
      return;
    }
}

void dmumps_c(DMUMPS_STRUC_C *id) {
  enum { END = -2, ANALYZE = 1, FACTORIZE = 2, NEGATIVE = 11 };
  if (id->job == END || id->job == ANALYZE) ended(id);
  if (id->job == FACTORIZE) {
    served[FACTORIZATIONS]++;
    instance_t *i = instances;
    while (i && i->id != id) i = i->next;
    if (!i) i = begun(id);
    if (i && trial(&i->trials, id->a) == LEFT_OUT) {
      id->info[0] = id->infog[0] = 0;
      id->infog[NEGATIVE] = id->n;
      return;
    }
  }
  mumps(id);
}

/* Take the functions of SciPy's OpenBLAS, on one thread. 0: it does not have them. */
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

/* Take MUMPS from where CasADi has it. 0: it is not there. */
int mint_load_mumps(const char *path) {
  void *library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
  mumps = library ? (void (*)(DMUMPS_STRUC_C *))dlsym(library, "dmumps_c") : NULL;
  return mumps != NULL;
}
