#include "CStillness.h"

_Bool __wrap__dispatch_workq_worker_register(void *queue) {
  (void)queue;
  return 0;
}

void __wrap__dispatch_workq_worker_unregister(void *queue) { (void)queue; }
