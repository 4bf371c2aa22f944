"""C code for a scalar CasADi function, several nodes of the mesh per call.

CasADi's own C holds one expression graph in one C function of hundreds of thousands of lines, which a compiler
digests slowly, and it evaluates one node at a time. Here the same instruction list is cut into functions of a
thousand lines that pass values through a work array, and every value is a vector over `width` nodes. Code is what
fills the processor's caches: each function goes over a few vectors before the next one, as many as leave their work
arrays room (with one vector at a time the Hessian takes 5.3, with four 3.6, with all eleven 5.0 ms).
"""

from __future__ import annotations

from typing import Any

import casadi as ca

LINES_PER_FUNCTION = 1000
VECTORS_PER_GROUP = 4

_BINARY = {
    ca.OP_ADD: "{0}+{1}",
    ca.OP_SUB: "{0}-{1}",
    ca.OP_MUL: "{0}*{1}",
    ca.OP_DIV: "{0}/{1}",
    ca.OP_FMIN: "v_fmin({0},{1})",
    ca.OP_FMAX: "v_fmax({0},{1})",
    ca.OP_LE: "v_le({0},{1})",
    ca.OP_LT: "v_lt({0},{1})",
    ca.OP_IF_ELSE_ZERO: "v_if({0},{1})",
    ca.OP_POW: "v_pow({0},{1})",
    ca.OP_CONSTPOW: "v_pow({0},{1})",
}
_UNARY = {
    ca.OP_NEG: "-{0}",
    ca.OP_SQ: "{0}*{0}",
    ca.OP_TWICE: "{0}+{0}",
    ca.OP_INV: "1.0/{0}",
    ca.OP_ASSIGN: "{0}",
    ca.OP_SIN: "v_sin({0})",
    ca.OP_COS: "v_cos({0})",
    ca.OP_TANH: "v_tanh({0})",
    ca.OP_EXP: "v_exp({0})",
    ca.OP_LOG: "v_log({0})",
    ca.OP_SQRT: "v_sqrt({0})",
    ca.OP_NOT: "v_not({0})",
    ca.OP_FABS: "v_fabs({0})",
    ca.OP_SIGN: "v_sign({0})",
}

_HEAD = """#include <math.h>
#define W {width}
typedef double V __attribute__((vector_size(8*W), aligned(8)));
#define LANES for(int i=0;i<W;i++)
#define F1(n) static __attribute__((noinline)) V v_##n(V a){{V r; LANES r[i]=n(a[i]); return r;}}
F1(sin) F1(cos) F1(exp) F1(log) F1(tanh) F1(fabs)
static inline V v_sqrt(V a){{V r; LANES r[i]=sqrt(a[i]); return r;}}
static __attribute__((noinline)) V v_pow(V a,V b){{V r; LANES r[i]=pow(a[i],b[i]); return r;}}
static inline V v_fmin(V a,V b){{V r; LANES r[i]=a[i]<b[i]?a[i]:b[i]; return r;}}
static inline V v_fmax(V a,V b){{V r; LANES r[i]=a[i]>b[i]?a[i]:b[i]; return r;}}
static inline V v_le(V a,V b){{V r; LANES r[i]=a[i]<=b[i]; return r;}}
static inline V v_lt(V a,V b){{V r; LANES r[i]=a[i]<b[i]; return r;}}
static inline V v_if(V a,V b){{V r; LANES r[i]=a[i]!=0?b[i]:0; return r;}}
static inline V v_not(V a){{V r; LANES r[i]=a[i]==0; return r;}}
static inline V v_sign(V a){{V r; LANES r[i]=(a[i]>0)-(a[i]<0); return r;}}
static inline V splat(double a){{return (V){{{lanes}}};}}
#define ARGS long K, const double*restrict x, const double*restrict p, const double*restrict l, \\
  double*restrict o, V*restrict w
#define X(j) (*(const V*)(x+(long)(j)*K))
#define L(j) (*(const V*)(l+(long)(j)*K))
#define O(j) (*(V*)(o+(long)(j)*K))
"""

_TAIL = """
/* x (nx, K), p (np), l (nl, K), o (no, K), row major; K a multiple of {width}; w: room for {group}*{work} vectors */
typedef void part(ARGS);
static part *const parts[]={{{parts}}};
void {name}(long K, const double* x, const double* p, const double* l, double* o, void* w){{
  for(long g=0;g<K;g+={group}*W)
    for(int i=0;i<{count};i++)
      for(long k=g;k<K&&k<g+{group}*W;k+=W) parts[i](K,x+k,p,l?l+k:l,o+k,(V*)w+(k-g)/W*{work});
}}
int {name}_width(void){{return W;}}
long {name}_work(void){{return (long)sizeof(V)*{group}*{work};}}
"""


def c_source(function: Any, name: str, width: int) -> str:
    """C source of a function `(x, p[, l]) -> out` of one output with `width` nodes per vector."""
    lines = _instructions(function)
    chunks = [lines[i : i + LINES_PER_FUNCTION] for i in range(0, len(lines), LINES_PER_FUNCTION)]
    live_after = _live(chunks)
    bodies = []
    for number, (chunk, live) in enumerate(zip(chunks, live_after, strict=True)):
        bodies.append(_body(number, chunk, live))
    tail = _TAIL.format(
        name=name,
        width=width,
        work=function.sz_w() + 1,
        group=VECTORS_PER_GROUP,
        count=len(chunks),
        parts=",".join(f"f{i}" for i in range(len(chunks))),
    )
    return _HEAD.format(width=width, lanes=",".join("a" * width)) + "\n".join(bodies) + tail


_Line = tuple[int | None, list[int], str, int | None]  # written slot, read slots, expression, output index


def _instructions(function: Any) -> list[_Line]:
    lines: list[_Line] = []
    for k in range(function.n_instructions()):
        op = function.instruction_id(k)
        out, arg = function.instruction_output(k), function.instruction_input(k)
        if op == ca.OP_CONST:
            lines.append((out[0], [], f"splat({function.instruction_constant(k)!r})", None))
        elif op == ca.OP_INPUT:
            source = ("X({})", "splat(p[{}])", "L({})")[arg[0]].format(arg[1])
            lines.append((out[0], [], source, None))
        elif op == ca.OP_OUTPUT:
            lines.append((None, [arg[0]], "{0}", out[1]))
        elif op in _BINARY:
            lines.append((out[0], [arg[0], arg[1]], _BINARY[op], None))
        elif op in _UNARY:
            lines.append((out[0], [arg[0]], _UNARY[op], None))
        else:
            raise NotImplementedError(f"CasADi operation {op} has no C form here")
    return lines


def _live(chunks: list[list[_Line]]) -> list[set[int]]:
    """Work slots that some later chunk reads before it writes them, per chunk."""
    live: set[int] = set()
    out: list[set[int]] = []
    for chunk in reversed(chunks):
        out.append(set(live))
        written: set[int] = set()
        first_reads: set[int] = set()
        for slot, reads, _, _ in chunk:
            first_reads.update(r for r in reads if r not in written)
            if slot is not None:
                written.add(slot)
        live = (live - written) | first_reads
    return out[::-1]


def _body(number: int, chunk: list[_Line], live: set[int]) -> str:
    local: dict[int, str] = {}
    text = [f"static __attribute__((noinline)) void f{number}(ARGS){{"]
    for index, (slot, reads, expression, output) in enumerate(chunk):
        value = expression.format(*(local.get(r, f"w[{r}]") for r in reads))
        if output is not None:
            text.append(f"O({output})={value};")
        else:
            assert slot is not None
            text.append(f"V t{index}={value};")
            local[slot] = f"t{index}"
    text += [f"w[{slot}]={name};" for slot, name in local.items() if slot in live]
    return "\n".join([*text, "}"])
