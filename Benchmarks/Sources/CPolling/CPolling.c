#define _GNU_SOURCE
#include "CPolling.h"

#include <errno.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>

int polling_create(void) { return epoll_create1(EPOLL_CLOEXEC); }

int polling_watch(int poll, int descriptor, uint64_t tag, uint32_t interest) {
  struct epoll_event event = {.data.u64 = tag};
  if (interest & POLLING_READ) event.events |= EPOLLIN;
  if (interest & POLLING_WRITE) event.events |= EPOLLOUT;
  int result = epoll_ctl(poll, EPOLL_CTL_MOD, descriptor, &event);
  if (result != 0 && errno == ENOENT) result = epoll_ctl(poll, EPOLL_CTL_ADD, descriptor, &event);
  return result;
}

int polling_wait(int poll, polling_event *events, int capacity) {
  struct epoll_event ready[256];
  int count = epoll_wait(poll, ready, capacity < 256 ? capacity : 256, 1000);
  for (int index = 0; index < count; index++) {
    uint32_t flags = ready[index].events;
    events[index].tag = ready[index].data.u64;
    events[index].ready = (flags & EPOLLOUT ? POLLING_WRITE : 0) | (flags & ~EPOLLOUT ? POLLING_READ : 0);
  }
  return count;
}

int polling_timer_create(void) { return timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC); }

void polling_timer_arm(int timer, int64_t nanoseconds) {
  struct itimerspec value = {.it_value = {.tv_sec = nanoseconds / 1000000000, .tv_nsec = nanoseconds % 1000000000}};
  timerfd_settime(timer, TFD_TIMER_ABSTIME, &value, NULL);
}

ptrdiff_t polling_find(const void *bytes, size_t count, const void *needle, size_t needle_count) {
  const char *found = memmem(bytes, count, needle, needle_count);
  return found ? found - (const char *)bytes : -1;
}
