/* What Swift cannot say to SQLite: functions with a variable number of arguments, and a file of our own. */
#ifndef CSTORAGE_H
#define CSTORAGE_H

/* Lets SQLite allocate without counting, and no pages ahead of their use, and has it take names of files that begin with
 * "file:" for URIs, as it is built on Debian anyway. To be called before anything else of SQLite in the process: returns
 * SQLITE_OK, or SQLITE_MISUSE if SQLite is in use already, and then nothing has changed. */
int storage_configure(void);

/* The name of a VFS that is the default one but for a database's log: what SQLite writes there piece by piece goes to the
 * file system in few large pieces, at the latest with the sync of the commit. */
#define STORAGE_GATHERING "gathering"

/* Makes that VFS known. Works as often as it is called; returns a code of SQLite's. */
int storage_add_gathering(void);

#endif
