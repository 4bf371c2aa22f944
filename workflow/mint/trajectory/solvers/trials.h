/* Which trials of a matrix without a correction to leave out.

   IPOPT factorizes each matrix without a correction of the Hessian first, and again with one if it has too many
   negative eigenvalues. On a hard motion the first is in vain for dozens of iterations. After a trial in vain, the next
   one, two, and up to LEAPS are left out: the answer is "too many negative eigenvalues" at once. */
#include <stdlib.h>
#include <string.h>

enum { LEAPS = 4 }; /* trials left out in a row */
typedef enum { CORRECTED, TRIED, LEFT_OUT } trial_t;

/* The last matrix without a correction, which of its entries are of the diagonal, whether it was tried as it was, trials
   in vain in a row, and how many are left out from here. */
typedef struct {
  int entries, tried, in_vain, left_out;
  double *plain;
  char *diagonal;
} trials_t;

/* Room for matrices of so many entries. Out of memory `entries` is 0: then no trial is left out. */
static void trials_begin(trials_t *t, int entries) {
  memset(t, 0, sizeof *t);
  t->plain = calloc(entries, sizeof(double));
  t->diagonal = calloc(entries, 1);
  if (t->plain && t->diagonal) t->entries = entries;
}

static void trials_end(trials_t *t) { free(t->plain), free(t->diagonal); }

/* Whether a matrix is the last one but for its diagonal. */
static int is_corrected(const trials_t *t, const double *values) {
  for (int k = 0; k < t->entries; k++)
    if (!t->diagonal[k] && values[k] != t->plain[k]) return 0;
  return 1;
}

/* What to do with a matrix. A corrected one says that the trial before it was in vain. */
static trial_t trial(trials_t *t, const double *values) {
  if (is_corrected(t, values)) {
    if (t->tried) {
      if (t->in_vain < LEAPS) t->in_vain++;
      t->left_out = t->in_vain;
    }
    t->tried = 0;
    return CORRECTED;
  }
  memcpy(t->plain, values, t->entries * sizeof(double));
  if (t->left_out > 0) {
    t->left_out--;
    t->tried = 0;
    return LEFT_OUT;
  }
  if (t->tried) t->in_vain = 0; /* the last trial was not */
  t->tried = 1;
  return TRIED;
}
