"""Runs a program on a terminal of its own, and tells what it looks like there.

    terminal.py COLUMNS PROGRAM [ARGUMENT ...]

Prints the program's output as the terminal got it, then `widest N`: how many columns the widest line takes by Unicode's
East Asian Width, colours left out. Exits as the program did.
"""

import fcntl
import os
import pty
import re
import struct
import sys
import termios
import unicodedata


def width(line):
    columns = 0
    for character in re.sub("\x1b\\[[0-9;]*m", "", line):
        if unicodedata.combining(character) or unicodedata.category(character) in ("Cf", "Mn", "Me", "Cc"):
            continue
        columns += 2 if unicodedata.east_asian_width(character) in "WF" else 1
    return columns


process, terminal = pty.fork()
if process == 0:
    fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", 24, int(sys.argv[1]), 0, 0))
    os.environ["TERM"] = "xterm"
    os.execv(sys.argv[2], sys.argv[2:])
output = b""
while True:
    try:
        data = os.read(terminal, 65536)
    except OSError:
        break
    if not data:
        break
    output += data
_, status = os.waitpid(process, 0)
text = output.decode("utf-8").replace("\r\n", "\n")
sys.stdout.write(text)
print("widest", max(width(line) for line in text.split("\n")))
sys.exit(os.waitstatus_to_exitcode(status))
