// Counts what a program asks of its allocator, whichever that is: preloaded, it stands before glibc's functions and
// before those of a jemalloc that is linked dynamically, and passes every call on. BENCH_ALLOCATIONS names the file to
// count in (counter.h). A realloc counts as one, a free as none.
//
// An allocator that is linked into the program, or reached by names of its own, is not seen: the count is then 0 from
// the start, which the caller checks.
#define _GNU_SOURCE
#include "counter.h"
#include <dlfcn.h>
#include <errno.h>
#include <stddef.h>
#include <string.h>

// Until the file is mapped. Nobody reads it.
static _Atomic uint64_t unread;
static _Atomic uint64_t *counter = &unread;

// dlsym may allocate while the real functions are being looked up; that little comes from here, and is never freed.
enum { EARLY_ROOM = 16 * 1024 };
static _Alignas(max_align_t) char early[EARLY_ROOM];
static size_t early_used;
static _Thread_local int is_looking;

static void *(*real_malloc)(size_t);
static void *(*real_calloc)(size_t, size_t);
static void *(*real_realloc)(void *, size_t);
static void *(*real_aligned_alloc)(size_t, size_t);
static void *(*real_memalign)(size_t, size_t);
static int (*real_posix_memalign)(void **, size_t, size_t);
static void (*real_free)(void *);

static void look_up(void) {
    if (real_free != NULL) return;
    is_looking = 1;
    real_malloc = dlsym(RTLD_NEXT, "malloc");
    real_calloc = dlsym(RTLD_NEXT, "calloc");
    real_realloc = dlsym(RTLD_NEXT, "realloc");
    real_aligned_alloc = dlsym(RTLD_NEXT, "aligned_alloc");
    real_memalign = dlsym(RTLD_NEXT, "memalign");
    real_posix_memalign = dlsym(RTLD_NEXT, "posix_memalign");
    real_free = dlsym(RTLD_NEXT, "free");
    is_looking = 0;
}

__attribute__((constructor)) static void begin(void) {
    look_up();
    const char *path = getenv("BENCH_ALLOCATIONS");
    if (path != NULL) counter = counter_in(path);
}

static void *early_bytes(size_t size) {
    size_t start = (early_used + _Alignof(max_align_t) - 1) / _Alignof(max_align_t) * _Alignof(max_align_t);
    if (size > EARLY_ROOM - start) abort();
    early_used = start + size;
    return early + start;
}

static int is_early(const void *pointer) {
    return (const char *)pointer >= early && (const char *)pointer < early + EARLY_ROOM;
}

// Whether this call is to be passed on; counts it then.
static int counts(void) {
    if (is_looking) return 0;
    look_up();
    atomic_fetch_add_explicit(counter, 1, memory_order_relaxed);
    return 1;
}

void *malloc(size_t size) { return counts() ? real_malloc(size) : early_bytes(size); }
void *calloc(size_t count, size_t size) { return counts() ? real_calloc(count, size) : early_bytes(count * size); }
void *memalign(size_t alignment, size_t size) { return counts() ? real_memalign(alignment, size) : NULL; }
void *aligned_alloc(size_t alignment, size_t size) { return counts() ? real_aligned_alloc(alignment, size) : NULL; }

void *realloc(void *pointer, size_t size) {
    if (!is_early(pointer)) return counts() ? real_realloc(pointer, size) : early_bytes(size);
    void *moved = malloc(size);
    size_t rest = (size_t)(early + EARLY_ROOM - (char *)pointer);
    if (moved != NULL) memcpy(moved, pointer, size < rest ? size : rest);
    return moved;
}

int posix_memalign(void **pointer, size_t alignment, size_t size) {
    return counts() ? real_posix_memalign(pointer, alignment, size) : ENOMEM;
}

void free(void *pointer) {
    if (is_early(pointer)) return;
    look_up();
    if (real_free != NULL) real_free(pointer);
}
