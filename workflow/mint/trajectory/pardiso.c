/* PARDISO of the Math Kernel Library behind the interface that IPOPT loads at run time (option `pardisolib`).

   IPOPT speaks to the PARDISO of pardiso-project.org. MKL's is called the same way but for one argument, and reads
   other control values: those of IPOPT are replaced, only what IPOPT reads back is passed on.

   Small pivots are perturbed in proportion to the largest entry of the whole matrix. Near a solution of an
   interior-point method that entry is 1e6 and more, and the perturbation makes wrong signs of eigenvalues, upon which
   IPOPT adds to the Hessian until no step is left. So each matrix is equilibrated first (Ruiz 2001, A scaling algorithm
   to equilibrate both rows and columns norms in matrices, RAL-TR-2001-034): A' = D A D with largest entries near 1,
   which keeps the signs. */
#include <dlfcn.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

typedef void solver(void **, const int *, const int *, const int *, const int *, const int *, const double *,
                    const int *, const int *, int *, const int *, int *, const int *, double *, double *, int *);
static solver *mkl;

enum { PASSES = 3, ALL = -1, SOLVE = 33 }; /* passes of equilibration; phases: release everything, solve */

/* A factorized matrix: IPOPT's handle, A' and the diagonal of D. */
typedef struct system {
  void **memory;
  double *scaled, *d, *largest;
  struct system *next;
} system_t;
static system_t *systems;

/* The system of a handle, with room for n rows and `entries` values. NULL: out of memory. */
static system_t *find(void **memory, int n, int entries) {
  system_t *s = systems;
  while (s && s->memory != memory) s = s->next;
  if (!s) {
    if (!(s = calloc(1, sizeof *s))) return NULL;
    s->memory = memory;
    s->next = systems;
    systems = s;
  }
  if (!s->scaled) {
    s->scaled = malloc(entries * sizeof(double));
    s->d = malloc(n * sizeof(double));
    s->largest = malloc(n * sizeof(double));
  }
  return s->scaled && s->d && s->largest ? s : NULL;
}

static void forget(void **memory) {
  for (system_t **at = &systems; *at; at = &(*at)->next)
    if ((*at)->memory == memory) {
      system_t *s = *at;
      *at = s->next;
      free(s->scaled), free(s->d), free(s->largest), free(s);
      return;
    }
}

/* Fill D and A' from the upper triangle of A (indices from 1). */
static void equilibrate(system_t *s, int n, const double *values, const int *rows, const int *columns) {
  for (int i = 0; i < n; i++) s->d[i] = 1;
  for (int pass = 0; pass < PASSES; pass++) {
    memset(s->largest, 0, n * sizeof(double));
    for (int i = 0; i < n; i++)
      for (int k = rows[i] - 1; k < rows[i + 1] - 1; k++) {
        int j = columns[k] - 1;
        double size = fabs(values[k]) * s->d[i] * s->d[j];
        if (size > s->largest[i]) s->largest[i] = size;
        if (size > s->largest[j]) s->largest[j] = size;
      }
    for (int i = 0; i < n; i++)
      if (s->largest[i] > 0) s->d[i] /= sqrt(s->largest[i]);
  }
  for (int i = 0; i < n; i++)
    for (int k = rows[i] - 1; k < rows[i + 1] - 1; k++) s->scaled[k] = values[k] * s->d[i] * s->d[columns[k] - 1];
}

/* D times each of the right sides. */
static void multiply(const system_t *s, int n, int sides, double *right) {
  for (int k = 0; k < sides; k++)
    for (int i = 0; i < n; i++) right[(long)k * n + i] *= s->d[i];
}

/* Load MKL from a path, one thread. Returns NULL, or what failed. */
const char *mint_load_mkl(const char *path) {
  void *library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
  if (!library) return dlerror();
  int (*threading)(int) = (int (*)(int))dlsym(library, "MKL_Set_Threading_Layer");
  mkl = (solver *)dlsym(library, "pardiso_");
  if (!mkl || !threading) return "the library has no pardiso_ or no MKL_Set_Threading_Layer";
  threading(1); /* sequential */
  return NULL;
}

void pardisoinit(void **memory, const int *type, const int *method, int *control, double *more, int *error) {
  (void)type, (void)method, (void)more;
  memset(memory, 0, 64 * sizeof *memory);
  memset(control, 0, 64 * sizeof *control);
  *error = mkl ? 0 : -10; /* -10: no licence file, the nearest there is */
}

void pardiso(void **memory, const int *factors, const int *which, const int *type, const int *phase, const int *n,
             const double *values, const int *rows, const int *columns, int *order, const int *sides, int *control,
             const int *verbose, double *right, double *x, int *error, double *more) {
  (void)more;
  int own[64] = {0};
  own[0] = 1;  /* no defaults */
  own[1] = 2;  /* METIS */
  own[5] = 1;  /* the solution replaces the right side, as IPOPT expects */
  own[7] = 0;  /* no refinement of its own: IPOPT refines where a residual asks for it */
  own[9] = 8;  /* small pivots are perturbed by 1e-8 */
  own[20] = 3; /* 1x1 and 2x2 pivots, no refinement because of small ones: 6 instead of 20 ms a solution */
  system_t *s = NULL;
  if (*phase > 0) {
    if (!(s = find(memory, *n, rows[*n] - 1))) {
      *error = -2; /* memory */
      return;
    }
    if (*phase != SOLVE) equilibrate(s, *n, values, rows, columns);
    values = s->scaled;
  }
  if (*phase == SOLVE) multiply(s, *n, *sides, right);
  mkl(memory, factors, which, type, phase, n, values, rows, columns, order, sides, own, verbose, right, x, error);
  if (*phase == SOLVE) multiply(s, *n, *sides, right);
  if (*phase == ALL) forget(memory);
  control[6] = own[6];   /* refinement steps */
  control[13] = 0;       /* perturbed pivots: not a reason for another analysis */
  control[21] = own[21]; /* positive eigenvalues */
  control[22] = own[22]; /* negative eigenvalues */
}

/* IPOPT asks for it to tell versions apart. */
void pardiso_ipopt_newinterface(void) {}
