// Swift's Glibc module does not have timerfd's flag for clocks that are set.
#define _GNU_SOURCE
#include "CClock.h"

#include <errno.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/timerfd.h>
#include <sys/timex.h>
#include <time.h>
#include <unistd.h>

/// The year 2200: no clock gets there by itself in the life of a process. Farther ahead, some kernels overflow.
static const long long far_away = 7258118400LL;

static const int flags = TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET;

int cclock_flags(void) { return flags; }

long long cclock_far(void) { return far_away; }

static int arm(int watch, int how, long long seconds) {
  struct itimerspec timer = {.it_value = {.tv_sec = (time_t)seconds}};
  return timerfd_settime(watch, how, &timer, NULL);
}

static long read_watch(int watch, void *buffer, unsigned long size) {
  return (long)read(watch, buffer, size);
}

static const struct cclock_calls system_calls = {.arm = arm, .read = read_watch};

/// A clock that is set at that very moment cancels the new timer at once: then it is armed again. Not for ever, lest
/// somebody who sets it all the time keeps us here.
static int arm_again(int watch, const struct cclock_calls *calls) {
  for (int attempt = 0; attempt < 8; attempt++) {
    if (calls->arm(watch, flags, far_away) == 0) return 0;
    if (errno != ECANCELED) return -1;
  }
  return -1;
}

int cclock_watch(void) {
  int watch = timerfd_create(CLOCK_REALTIME, TFD_NONBLOCK | TFD_CLOEXEC);
  if (watch < 0) return -1;
  if (arm_again(watch, &system_calls) == 0) return watch;
  int why = errno;
  close(watch);
  errno = why;
  return -1;
}

int cclock_look_with(int watch, const struct cclock_calls *calls) {
  uint64_t expirations = 0;
  long count = calls->read(watch, &expirations, sizeof expirations);
  if (count < 0 && (errno == EAGAIN || errno == EINTR)) return CCLOCK_QUIET;
  // It went off: the clock is beyond that year, so it was set. It can be armed, but would go off at once for ever.
  if (count == (long)sizeof expirations) return CCLOCK_BROKEN;
  if (count < 0 && errno == ECANCELED) return arm_again(watch, calls) == 0 ? CCLOCK_SET : CCLOCK_BROKEN;
  return CCLOCK_BROKEN;
}

int cclock_look(int watch) { return cclock_look_with(watch, &system_calls); }

int cclock_is_synchronised(void) {
  struct timex state = {.modes = 0};
  int answer = adjtimex(&state);
  if (answer < 0) return -1;
  return answer != TIME_ERROR && (state.status & STA_UNSYNC) == 0;
}
