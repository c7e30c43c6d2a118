#include "CStorage.h"
#include <sqlite3.h>
#include <stddef.h>

int storage_set_memory(void)
{
	int code = sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
	return code == SQLITE_OK ? sqlite3_config(SQLITE_CONFIG_PAGECACHE, NULL, 0, 0) : code;
}
