// Latencies counted in buckets of 1/64 of a power of two: no percentile is off by more than 1.6 %, whatever the number
// of samples, and counting one costs the load maker a few instructions.
#ifndef SESSIOND_BENCH_HISTOGRAM_H
#define SESSIOND_BENCH_HISTOGRAM_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

enum { FRACTION_BITS = 6, FRACTIONS = 1 << FRACTION_BITS, BUCKETS = 64 * FRACTIONS };

struct histogram {
    uint64_t counts[BUCKETS], samples;
};

static inline size_t bucket_of(uint64_t nanoseconds) {
    if (nanoseconds < FRACTIONS) return nanoseconds;
    unsigned shift = 63 - (unsigned)__builtin_clzll(nanoseconds) - FRACTION_BITS;
    return (size_t)(shift + 1) * FRACTIONS + (size_t)((nanoseconds >> shift) - FRACTIONS);
}

static inline void count_sample(struct histogram *histogram, uint64_t nanoseconds) {
    histogram->counts[bucket_of(nanoseconds)]++;
    histogram->samples++;
}

// The lower bound of a bucket, in microseconds.
static inline double microseconds_of(size_t bucket) {
    if (bucket < FRACTIONS) return (double)bucket / 1e3;
    unsigned shift = (unsigned)(bucket / FRACTIONS) - 1;
    return (double)((uint64_t)(bucket % FRACTIONS + FRACTIONS) << shift) / 1e3;
}

// `part` is 0.99 for the 99th percentile.
static inline double percentile(const struct histogram *histogram, double part) {
    uint64_t seen = 0, wanted = (uint64_t)(part * (double)histogram->samples);
    for (size_t bucket = 0; bucket < BUCKETS; bucket++) {
        seen += histogram->counts[bucket];
        if (seen > wanted) return microseconds_of(bucket);
    }
    return 0;
}

#endif
