#ifndef CCLOCK_H
#define CCLOCK_H

/// What a look at a watch on the wall clock says.
enum {
  /// Nothing has happened.
  CCLOCK_QUIET = 0,
  /// Somebody set the wall clock, or the machine woke up from suspend, since the last look.
  CCLOCK_SET = 1,
  /// The watch is of no use any more.
  CCLOCK_BROKEN = 2,
};

/// Begins to watch the wall clock: a timer of CLOCK_REALTIME that the kernel cancels when the clock is set, and that
/// would go off in some centuries only.
///
/// Returns a descriptor that becomes readable when the clock is set, not blocking and closed on exec; or -1, with errno,
/// if the kernel or a filter of system calls does not allow it. Whoever has it closes it.
int cclock_watch(void);

/// Says what has become readable, and watches on.
int cclock_look(int watch);

/// Returns 1 if the kernel says that a time server keeps the wall clock right, 0 if it does not, -1 if it may not be asked.
int cclock_is_synchronised(void);

/// The two system calls that a watch consists of: a test gives others, to see what becomes of their answers.
///
/// arm: as timerfd_settime(watch, TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET, …) with a time that is far away; returns
/// 0, or -1 with errno. read: as read(2).
struct cclock_calls {
  int (*arm)(int watch, int flags, long long seconds);
  long (*read)(int watch, void *buffer, unsigned long size);
};

/// As cclock_look, with other system calls.
int cclock_look_with(int watch, const struct cclock_calls *calls);

/// The flags that a watch is armed with, and when it would go off, in seconds since 1970.
int cclock_flags(void);
long long cclock_far(void);

#endif
