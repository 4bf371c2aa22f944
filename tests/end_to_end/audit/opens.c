/* Preloaded into the processes of jobs: notes every file that is opened, renamed or linked, whatever library does it.
 *
 * An audit hook of Python sees what Python opens; Parquet files and models are opened by C++. Of each job, named by the
 * environment variable MINT_AUDIT_JOB that its children inherit, a file of $MINT_AUDIT_LOG gets lines "R pid path" (opened
 * to read), "W pid path" (opened to write), "M pid old<tab>new" (renamed), "L pid old<tab>new" (linked). Paths are absolute; what failed,
 * folders, and what lies elsewhere than below $MINT_AUDIT_BELOW are left out. Each note opens and closes its file, so that no
 * descriptor of the program is in the way. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define LONGEST 4096

static void absolute(char *out, int folder, const char *path)
{
    char place[64];
    ssize_t length = 0;
    if (path[0] == '/') {
        snprintf(out, LONGEST, "%s", path);
        return;
    }
    snprintf(place, sizeof place, folder == AT_FDCWD ? "/proc/self/cwd" : "/proc/self/fd/%d", folder);
    length = readlink(place, out, LONGEST - 1);
    if (length < 0)
        length = 0;
    snprintf(out + length, LONGEST - (size_t)length, "/%s", path);
}

static int below(const char *path)
{
    const char *roots = getenv("MINT_AUDIT_BELOW");
    while (roots && *roots) {
        size_t length = strcspn(roots, ":");
        if (length && strncmp(path, roots, length) == 0)
            return 1;
        roots += length + (roots[length] == ':');
    }
    return 0;
}

static void note(char kind, int from, const char *path, int to, const char *target)
{
    static __thread char first[LONGEST], second[LONGEST], line[2 * LONGEST + 32], name[LONGEST];
    const char *log = getenv("MINT_AUDIT_LOG"), *job = getenv("MINT_AUDIT_JOB");
    int kept = errno, length, handle;
    if (!log || !job || !path)
        return;
    absolute(first, from, path);
    second[0] = 0;
    if (target)
        absolute(second, to, target);
    if (below(first) || (target && below(second))) {
        length = snprintf(line, sizeof line, "%c %d %s%s%s\n", kind, (int)getpid(), first, target ? "\t" : "", second);
        snprintf(name, sizeof name, "%s/%s.opened", log, job);
        handle = (int)syscall(SYS_openat, AT_FDCWD, name, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
        if (handle >= 0) {
            if (write(handle, line, (size_t)length) < 0)
                _exit(120); /* a log with holes would pass for a clean one */
            close(handle);
        }
    }
    errno = kept;
}

static void opened(int handle, int flags, int folder, const char *path)
{
    struct stat what;
    if (handle >= 0 && fstat(handle, &what) == 0 && !S_ISDIR(what.st_mode))
        note((flags & O_ACCMODE) == O_RDONLY ? 'R' : 'W', folder, path, 0, NULL);
}

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

#define OPEN(name)                                                                                                     \
    int name(const char *path, int flags, ...)                                                                         \
    {                                                                                                                  \
        va_list rest;                                                                                                  \
        mode_t mode;                                                                                                   \
        int handle;                                                                                                    \
        va_start(rest, flags);                                                                                         \
        mode = va_arg(rest, mode_t);                                                                                   \
        va_end(rest);                                                                                                  \
        handle = REAL(name)(path, flags, mode);                                                                        \
        opened(handle, flags, AT_FDCWD, path);                                                                         \
        return handle;                                                                                                 \
    }
OPEN(open)
OPEN(open64)

#define OPENAT(name)                                                                                                   \
    int name(int folder, const char *path, int flags, ...)                                                             \
    {                                                                                                                  \
        va_list rest;                                                                                                  \
        mode_t mode;                                                                                                   \
        int handle;                                                                                                    \
        va_start(rest, flags);                                                                                         \
        mode = va_arg(rest, mode_t);                                                                                   \
        va_end(rest);                                                                                                  \
        handle = REAL(name)(folder, path, flags, mode);                                                                \
        opened(handle, flags, folder, path);                                                                           \
        return handle;                                                                                                 \
    }
OPENAT(openat)
OPENAT(openat64)

#define FOPEN(name)                                                                                                    \
    FILE *name(const char *path, const char *mode)                                                                     \
    {                                                                                                                  \
        FILE *file = REAL(name)(path, mode);                                                                           \
        if (file)                                                                                                      \
            note(mode[0] == 'r' && !strchr(mode, '+') ? 'R' : 'W', AT_FDCWD, path, 0, NULL);                           \
        return file;                                                                                                   \
    }
FOPEN(fopen)
FOPEN(fopen64)

int rename(const char *old, const char *new)
{
    int failed = REAL(rename)(old, new);
    if (!failed)
        note('M', AT_FDCWD, old, AT_FDCWD, new);
    return failed;
}

int renameat(int from, const char *old, int to, const char *new)
{
    int failed = REAL(renameat)(from, old, to, new);
    if (!failed)
        note('M', from, old, to, new);
    return failed;
}

int link(const char *old, const char *new)
{
    int failed = REAL(link)(old, new);
    if (!failed)
        note('L', AT_FDCWD, old, AT_FDCWD, new);
    return failed;
}

int linkat(int from, const char *old, int to, const char *new, int flags)
{
    int failed = REAL(linkat)(from, old, to, new, flags);
    if (!failed)
        note('L', from, old, to, new);
    return failed;
}
