// Linux calls that Swift's Glibc module leaves out: epoll, timers as descriptors, and a search in bytes.
#pragma once
#include <stddef.h>
#include <stdint.h>

enum { POLLING_READ = 1, POLLING_WRITE = 2 };

typedef struct {
  uint64_t tag;
  uint32_t ready;  // POLLING_READ (also for errors), POLLING_WRITE
} polling_event;

int polling_create(void);
/// Begins to watch, or changes what is watched for. Returns 0 or -1.
int polling_watch(int poll, int descriptor, uint64_t tag, uint32_t interest);
/// Waits at most a second. Returns the number of events.
int polling_wait(int poll, polling_event *events, int capacity);

/// A descriptor that becomes readable at a moment of CLOCK_MONOTONIC.
int polling_timer_create(void);
void polling_timer_arm(int timer, int64_t nanoseconds);

/// Where `needle` begins, or -1.
ptrdiff_t polling_find(const void *bytes, size_t count, const void *needle, size_t needle_count);
