"""Runs a migration as nudged does, and is killed before its transaction ends.

usage: interrupted_migration.py DATABASE MIGRATION STATEMENTS

Ends by SIGKILL after so many statements (all of them if there are fewer), the changed pages already in the write-ahead log.
"""

import os
import signal
import sqlite3
import sys

database, migration, count = sys.argv[1], sys.argv[2], int(sys.argv[3])
connection = sqlite3.connect(database, isolation_level=None)
for pragma in ("journal_mode = WAL", "synchronous = FULL", "cache_size = 1", "cache_spill = 1"):
    connection.execute(f"PRAGMA {pragma}")
connection.execute("BEGIN IMMEDIATE")
statement = ""
for line in open(migration, encoding="utf-8"):
    statement += line
    if sqlite3.complete_statement(statement):
        if count == 0:
            break
        connection.execute(statement)
        statement, count = "", count - 1
os.kill(os.getpid(), signal.SIGKILL)
