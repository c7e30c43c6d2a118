#include "CStorage.h"
#include <sqlite3.h>
#include <string.h>

/* SQLite writes each page of the log with two system calls, its header and the page: for 64 events well over a hundred.
 * They follow one another in the file, so that one call can write thirty of them.
 *
 * What is gathered is written before the file is read, measured, cut or synced. Nobody sees the difference: SQLite tells
 * readers of a page only after the sync of its commit. */

enum {
	FILE_BYTES = 512, /* room for a file of the VFS below, and for what is beside it */
	GATHERED_BYTES = 0x1ffff, /* the most that SQLite's unix VFS writes in one call */
};

/* The log. The file of the VFS below lies behind it. */
struct log_file {
	sqlite3_file base;
	char *gathered;
	sqlite3_int64 offset; /* where in the file `gathered` begins */
	int used;
};

static sqlite3_vfs *below(void)
{
	return sqlite3_vfs_find(NULL);
}

static sqlite3_file *real(sqlite3_file *file)
{
	return (sqlite3_file *)((struct log_file *)file + 1);
}

/* Writes what is gathered. If that fails, it is gathered no more: SQLite rolls the commit back, and writes all anew. */
static int let_go(sqlite3_file *base)
{
	struct log_file *file = (struct log_file *)base;
	int used = file->used;
	file->used = 0;
	return used ? real(base)->pMethods->xWrite(real(base), file->gathered, used, file->offset) : SQLITE_OK;
}

static int log_write(sqlite3_file *base, const void *bytes, int amount, sqlite3_int64 offset)
{
	struct log_file *file = (struct log_file *)base;
	if (file->used + amount > GATHERED_BYTES || offset != file->offset + file->used) {
		int code = let_go(base);
		if (code != SQLITE_OK)
			return code;
		file->offset = offset;
	}
	if (amount > GATHERED_BYTES)
		return real(base)->pMethods->xWrite(real(base), bytes, amount, offset);
	memcpy(file->gathered + file->used, bytes, (size_t)amount);
	file->used += amount;
	return SQLITE_OK;
}

static int log_read(sqlite3_file *base, void *bytes, int amount, sqlite3_int64 offset)
{
	int code = let_go(base);
	return code == SQLITE_OK ? real(base)->pMethods->xRead(real(base), bytes, amount, offset) : code;
}

static int log_truncate(sqlite3_file *base, sqlite3_int64 size)
{
	int code = let_go(base);
	return code == SQLITE_OK ? real(base)->pMethods->xTruncate(real(base), size) : code;
}

static int log_sync(sqlite3_file *base, int flags)
{
	int code = let_go(base);
	return code == SQLITE_OK ? real(base)->pMethods->xSync(real(base), flags) : code;
}

static int log_file_size(sqlite3_file *base, sqlite3_int64 *size)
{
	int code = let_go(base);
	return code == SQLITE_OK ? real(base)->pMethods->xFileSize(real(base), size) : code;
}

/* Nothing is let go for it: who only gives a hint does not look whether that went well. */
static int log_file_control(sqlite3_file *base, int verb, void *argument)
{
	return real(base)->pMethods->xFileControl(real(base), verb, argument);
}

static int log_sector_size(sqlite3_file *base)
{
	return real(base)->pMethods->xSectorSize(real(base));
}

static int log_device_characteristics(sqlite3_file *base)
{
	return real(base)->pMethods->xDeviceCharacteristics(real(base));
}

static int log_close(sqlite3_file *base)
{
	int code = let_go(base), closing = real(base)->pMethods->xClose(real(base));
	sqlite3_free(((struct log_file *)base)->gathered);
	return code == SQLITE_OK ? closing : code;
}

/* Of version 1: a log is neither locked, shared nor mapped, and SQLite asks for nothing of that. */
static const sqlite3_io_methods log_methods = {
	.iVersion = 1,
	.xClose = log_close,
	.xRead = log_read,
	.xWrite = log_write,
	.xTruncate = log_truncate,
	.xSync = log_sync,
	.xFileSize = log_file_size,
	.xFileControl = log_file_control,
	.xSectorSize = log_sector_size,
	.xDeviceCharacteristics = log_device_characteristics,
};

static int open_log(const char *name, sqlite3_file *base, int flags, int *opened)
{
	struct log_file *file = (struct log_file *)base;
	memset(file, 0, sizeof *file);
	file->gathered = sqlite3_malloc(GATHERED_BYTES);
	if (!file->gathered)
		return SQLITE_NOMEM;
	int code = below()->xOpen(below(), name, real(base), flags, opened);
	if (code == SQLITE_OK) {
		file->base.pMethods = &log_methods;
	} else {
		if (real(base)->pMethods)
			real(base)->pMethods->xClose(real(base));
		sqlite3_free(file->gathered);
	}
	return code;
}

/* All files but the log are those of the VFS below. */
static int gathering_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *file, int flags, int *opened)
{
	(void)vfs;
	file->pMethods = NULL;
	if (below()->szOsFile + (int)sizeof(struct log_file) > FILE_BYTES)
		return SQLITE_CANTOPEN;
	if (flags & SQLITE_OPEN_WAL)
		return open_log(name, file, flags, opened);
	return below()->xOpen(below(), name, file, flags, opened);
}

static int gathering_delete(sqlite3_vfs *vfs, const char *name, int syncs_folder)
{
	(void)vfs;
	return below()->xDelete(below(), name, syncs_folder);
}

static int gathering_access(sqlite3_vfs *vfs, const char *name, int flags, int *answer)
{
	(void)vfs;
	return below()->xAccess(below(), name, flags, answer);
}

static int gathering_full_pathname(sqlite3_vfs *vfs, const char *name, int room, char *path)
{
	(void)vfs;
	return below()->xFullPathname(below(), name, room, path);
}

static int gathering_randomness(sqlite3_vfs *vfs, int count, char *bytes)
{
	(void)vfs;
	return below()->xRandomness(below(), count, bytes);
}

static int gathering_sleep(sqlite3_vfs *vfs, int microseconds)
{
	(void)vfs;
	return below()->xSleep(below(), microseconds);
}

static int gathering_current_time(sqlite3_vfs *vfs, double *days)
{
	(void)vfs;
	return below()->xCurrentTime(below(), days);
}

static int gathering_last_error(sqlite3_vfs *vfs, int room, char *text)
{
	(void)vfs;
	return below()->xGetLastError(below(), room, text);
}

/* Without what loads extensions, which nobody asks for. */
static sqlite3_vfs gathering = {
	.iVersion = 1,
	.szOsFile = FILE_BYTES,
	.zName = STORAGE_GATHERING,
	.xOpen = gathering_open,
	.xDelete = gathering_delete,
	.xAccess = gathering_access,
	.xFullPathname = gathering_full_pathname,
	.xRandomness = gathering_randomness,
	.xSleep = gathering_sleep,
	.xCurrentTime = gathering_current_time,
	.xGetLastError = gathering_last_error,
};

int storage_add_gathering(void)
{
	gathering.mxPathname = below()->mxPathname;
	return sqlite3_vfs_register(&gathering, 0);
}
