#ifndef CSTILLNESS_H
#define CSTILLNESS_H

/// Stand in for two functions of libdispatch, in programs that are linked with it statically and with
/// `--wrap=_dispatch_workq_worker_register --wrap=_dispatch_workq_worker_unregister`.
///
/// libdispatch looks once a second, from the first task on and for ever, whether the threads of its common pool are
/// blocked, and adds threads if they are: 60 wake-ups a minute in a process that has nothing to do. Here no thread is
/// announced to that watch, so it never begins. The pool then has as many threads as there are processors, and nothing
/// may block them: blocking work has threads of its own.
///
/// register returns whether the thread is watched. The argument is a queue, which nobody looks at.
_Bool __wrap__dispatch_workq_worker_register(void *queue);
void __wrap__dispatch_workq_worker_unregister(void *queue);

#endif
