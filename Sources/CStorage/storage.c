#include "CStorage.h"
#include <sqlite3.h>
#include <stddef.h>

int storage_configure(void)
{
	int code = sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
	if (code == SQLITE_OK)
		code = sqlite3_config(SQLITE_CONFIG_PAGECACHE, NULL, 0, 0);
	return code == SQLITE_OK ? sqlite3_config(SQLITE_CONFIG_URI, 1) : code;
}
