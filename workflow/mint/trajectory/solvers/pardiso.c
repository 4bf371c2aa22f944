/* PARDISO of the Math Kernel Library behind the interface that IPOPT loads at run time (option `pardisolib`).

   IPOPT speaks to the PARDISO of pardiso-project.org. MKL's is called the same way but for one argument, and reads
   other control values: those of IPOPT are replaced, only what IPOPT reads back is passed on.

   Small pivots are perturbed in proportion to the largest entry of the whole matrix. Near a solution of an
   interior-point method that entry is 1e6 and more, and the perturbation makes wrong signs of eigenvalues, upon which
   IPOPT adds to the Hessian until no step is left. So each matrix is equilibrated first (Ruiz 2001, A scaling algorithm
   to equilibrate both rows and columns norms in matrices, RAL-TR-2001-034): A' = D A D with largest entries near 1,
   which keeps the signs. D starts from that of the last matrix, so that one pass is enough, and stays where only the
   correction of the Hessian differs. */
#include <dlfcn.h>
#include <math.h>

#include "trials.h"

typedef void solver(void **, const int *, const int *, const int *, const int *, const int *, const double *,
                    const int *, const int *, int *, const int *, int *, const int *, double *, double *, int *);
static solver *mkl;

enum { PASSES = 3 };                           /* of the first equilibration */
enum { ALL = -1, ANALYZE = 11, FACTORIZE = 22, SOLVE = 33 }; /* phases; ALL releases everything */

/* A factorized matrix: IPOPT's handle, A' and the diagonal of D with the passes it still needs, trials of A. */
typedef struct system {
  void **memory;
  double *scaled, *d, *largest;
  int passes;
  trials_t trials;
  struct system *next;
} system_t;
static system_t *systems;

/* The system of a handle, with room for the upper triangle of A (indices from 1). NULL: out of memory. */
static system_t *find(void **memory, int n, const int *rows, const int *columns) {
  const int entries = rows[n] - 1;
  system_t *s = systems;
  while (s && s->memory != memory) s = s->next;
  if (!s) {
    if (!(s = calloc(1, sizeof *s))) return NULL;
    s->memory = memory;
    s->next = systems;
    systems = s;
    s->scaled = malloc(entries * sizeof(double));
    s->d = malloc(n * sizeof(double));
    s->largest = malloc(n * sizeof(double));
    s->passes = PASSES;
    trials_begin(&s->trials, entries);
    for (int i = 0; s->d && i < n; i++) s->d[i] = 1;
    for (int i = 0; s->trials.entries && i < n; i++)
      for (int k = rows[i] - 1; k < rows[i + 1] - 1; k++) s->trials.diagonal[k] = columns[k] - 1 == i;
  }
  return s->scaled && s->d && s->largest && s->trials.entries ? s : NULL;
}

static void forget(void **memory) {
  for (system_t **at = &systems; *at; at = &(*at)->next)
    if ((*at)->memory == memory) {
      system_t *s = *at;
      *at = s->next;
      free(s->scaled), free(s->d), free(s->largest), trials_end(&s->trials), free(s);
      return;
    }
}

/* Fill D and A' from the upper triangle of A (indices from 1). */
static void equilibrate(system_t *s, int n, const double *values, const int *rows, const int *columns) {
  for (; s->passes > 0; s->passes--) {
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
    if (!(s = find(memory, *n, rows, columns))) {
      *error = -2; /* memory */
      return;
    }
    if (*phase == FACTORIZE) {
      trial_t what = trial(&s->trials, values);
      if (what != CORRECTED && s->passes == 0) s->passes = 1;
      if (what == LEFT_OUT) {
        control[21] = 0, control[22] = *n; /* all negative */
        control[6] = control[13] = *error = 0;
        return;
      }
      equilibrate(s, *n, values, rows, columns);
    }
    if (*phase != ANALYZE) values = s->scaled;
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
