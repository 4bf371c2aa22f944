/* PARDISO of the Math Kernel Library behind the interface that IPOPT loads at run time (option `pardisolib`).

   IPOPT speaks to the PARDISO of pardiso-project.org. MKL's is called the same way but for one argument, and reads
   other control values: those of IPOPT are replaced, only what IPOPT reads back is passed on. */
#include <dlfcn.h>
#include <string.h>

typedef void solver(void **, const int *, const int *, const int *, const int *, const int *, const double *,
                    const int *, const int *, int *, const int *, int *, const int *, double *, double *, int *);
static solver *mkl;

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
  own[9] = 8;  /* small pivots are perturbed by 1e-8; IPOPT's iterative refinement takes that back */
  own[20] = 1; /* 1x1 and 2x2 pivots */
  mkl(memory, factors, which, type, phase, n, values, rows, columns, order, sides, own, verbose, right, x, error);
  control[6] = own[6];   /* refinement steps */
  control[13] = 0;       /* perturbed pivots: not a reason for another analysis */
  control[21] = own[21]; /* positive eigenvalues */
  control[22] = own[22]; /* negative eigenvalues */
}

/* IPOPT asks for it to tell versions apart. */
void pardiso_ipopt_newinterface(void) {}
