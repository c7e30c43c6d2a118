"""Whether a program dumps its core when it is told to, with no limit set.

    core_dump.py LINE PROGRAM [ARGUMENT...]

Runs the program in its folder, sends it SIGABRT once it has written something with LINE in it (at once if LINE is empty),
and prints `dumped` or `not dumped`, or how else it ended.
"""

import os
import resource
import signal
import subprocess
import sys

# Whoever started us may have done so from a thread that takes no signals; a program inherits that.
signal.pthread_sigmask(signal.SIG_SETMASK, [])
resource.setrlimit(resource.RLIMIT_CORE, (resource.getrlimit(resource.RLIMIT_CORE)[1],) * 2)
line, *command = sys.argv[1:]
process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
while line and line not in (said := process.stderr.readline()):
    if not said:
        sys.exit("it ended before it said that")
process.send_signal(signal.SIGABRT)
_, status = os.waitpid(process.pid, 0)
if not os.WIFSIGNALED(status) or os.WTERMSIG(status) != signal.SIGABRT:
    sys.exit(f"it ended otherwise: {status}")
print("dumped" if os.WCOREDUMP(status) else "not dumped")
