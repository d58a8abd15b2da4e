// SPDX-License-Identifier: GPL-2.0
/* Where a box's files are, and which boxes there are. */
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "libmmbox.h"
#include "parse.h"

bool mmbox_name_valid(const char *name)
{
	static const char allowed[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				      "abcdefghijklmnopqrstuvwxyz0123456789-_";
	size_t len = strlen(name);

	return len && len < MMBOX_NAME_LEN && strspn(name, allowed) == len;
}

static int put_path(char *path, size_t len, const char *text)
{
	if (strlen(text) >= len)
		return -ENAMETOOLONG;
	strcpy(path, text);
	return 0;
}

int mmbox_root(char *path, size_t len)
{
	const char *env = secure_getenv("MMBOX_ROOT");

	if (env && *env)
		return put_path(path, len, env);
	if (!access(MMBOX_PROC_ROOT, F_OK))
		return put_path(path, len, MMBOX_PROC_ROOT);
	if (!access(MMBOX_DEBUGFS_ROOT, F_OK))
		return put_path(path, len, MMBOX_DEBUGFS_ROOT);
	return -ENOENT;
}

int mmbox_file_path(const char *box, const char *file, char *path, size_t len)
{
	char root[4096];
	int err, n;

	if (!mmbox_name_valid(box))
		return -EINVAL;
	err = mmbox_root(root, sizeof(root));
	if (err)
		return err;
	n = snprintf(path, len, "%s/%s/%s", root, box, file);
	return n < 0 || (size_t)n >= len ? -ENAMETOOLONG : 0;
}

int mmbox_file_open(const char *box, const char *file, FILE **fp)
{
	char path[4096];
	int err = mmbox_file_path(box, file, path, sizeof(path));

	if (err)
		return err;
	*fp = fopen(path, "re");
	return *fp ? 0 : -errno;
}

static int compare_names(const void *a, const void *b)
{
	return strcmp(a, b);
}

int mmbox_boxes(struct mmbox_names *names)
{
	char root[4096];
	struct dirent *e;
	DIR *dir;
	int err;

	memset(names, 0, sizeof(*names));
	err = mmbox_root(root, sizeof(root));
	if (err)
		return err;
	dir = opendir(root);
	if (!dir)
		return -errno;
	while ((e = readdir(dir))) {
		/* Files beside the boxes, "." and ".." are none. */
		if (!mmbox_name_valid(e->d_name))
			continue;
		if (e->d_type != DT_DIR && e->d_type != DT_UNKNOWN)
			continue;
		if (grow_array((void **)&names->name, names->nr, sizeof(*names->name))) {
			closedir(dir);
			mmbox_names_release(names);
			return -ENOMEM;
		}
		strcpy(names->name[names->nr++], e->d_name);
	}
	closedir(dir);
	if (names->nr)
		qsort(names->name, names->nr, sizeof(*names->name), compare_names);
	return 0;
}

void mmbox_names_release(struct mmbox_names *names)
{
	free(names->name);
	memset(names, 0, sizeof(*names));
}
