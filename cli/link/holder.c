/* SPDX-License-Identifier: BSD-2-Clause */

/* Who has a device open, as /proc tells: of other users' programs only root
 * learns it.  And who may. */

#include "link.h"

#include <dirent.h>
#include <grp.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PROC_PATH_LEN = 300 };

/*
 * Is the device among the files of a process?  Whoever serves a pseudo-terminal
 * may keep both ends open; he is not the one that uses it.
 */
static bool
has_open(int pid, const char *device)
{
	bool found = false, serves = false;
	char path[PROC_PATH_LEN], target[PATH_MAX];
	const struct dirent *entry;
	DIR *fds;

	snprintf(path, sizeof(path), "/proc/%d/fd", pid);
	fds = opendir(path);
	if (fds == NULL)
		return false;
	while ((entry = readdir(fds)) != NULL) {
		ssize_t n;

		snprintf(
		    path, sizeof(path), "/proc/%d/fd/%s", pid, entry->d_name);
		n = readlink(path, target, sizeof(target) - 1);
		if (n <= 0)
			continue;
		target[n] = '\0';
		found |= strcmp(target, device) == 0;
		serves |= strcmp(target, "/dev/ptmx") == 0 ||
		    strcmp(target, "/dev/pts/ptmx") == 0;
	}
	closedir(fds);

	return found && !(serves && strncmp(device, "/dev/pts/", 9) == 0);
}

char *
process_name(int pid, char name[PROCESS_NAME_LEN])
{
	char path[PROC_PATH_LEN];
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/comm", pid);
	file = fopen(path, "re");
	if (file == NULL || fgets(name, PROCESS_NAME_LEN, file) == NULL)
		snprintf(name, PROCESS_NAME_LEN, "?");
	name[strcspn(name, "\n")] = '\0';
	if (file != NULL)
		fclose(file);

	return name;
}

bool
device_holder(const char *path, struct device_holder *holder)
{
	char *device = realpath(path, NULL);
	DIR *proc = opendir("/proc");
	const struct dirent *entry;
	int found = 0;

	while (device != NULL && proc != NULL && found == 0 &&
	    (entry = readdir(proc)) != NULL) {
		int pid = (int)strtol(entry->d_name, NULL, 10);

		if (pid > 0 && pid != getpid() && has_open(pid, device))
			found = pid;
	}
	if (proc != NULL)
		closedir(proc);
	free(device);
	if (found == 0)
		return false;
	holder->pid = found;
	process_name(found, holder->name);

	return true;
}

bool
device_group(const char *path, char *name, size_t cap)
{
	const struct group *group;
	struct stat about;

	if (stat(path, &about) != 0 || (about.st_mode & S_IRWXG) == 0)
		return false;
	group = getgrgid(about.st_gid);
	if (group == NULL)
		return false;
	snprintf(name, cap, "%s", group->gr_name);

	return true;
}

bool
device_driver(const char *path, char *name, size_t cap)
{
	char link[PROC_PATH_LEN], target[PATH_MAX];
	const char *leaf = strrchr(path, '/'), *last;
	ssize_t len;

	snprintf(link, sizeof(link), "/sys/class/tty/%.200s/device/driver",
	    leaf != NULL ? leaf + 1 : path);
	len = readlink(link, target, sizeof(target) - 1);
	if (len <= 0)
		return false;
	target[len] = '\0';
	last = strrchr(target, '/');
	snprintf(name, cap, "%s", last != NULL ? last + 1 : target);

	return true;
}
