/* SPDX-License-Identifier: BSD-2-Clause */
#include "image.h"

#include "files.h"
#include "flash.h"
#include "virtual.h"

#include "../../proto/errors.h"
#include "../../proto/frame.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FIXTURE_VERSION = 1 };

struct fixture_file {
	char magic[8];
	uint32_t version, len;
	struct fixture fixture;
};

static const char fixture_magic[8] = "collarfx";

/* In front of the memory: whose it is, and whether it is whole. */
struct ram_header {
	char magic[8];
	uint64_t build[3]; /* the program's file: its size and time */
	uint32_t len, crc;
};

static const char ram_magic[8] = "collarim";

static int
fail_errno(char *why, const char *path, const char *file)
{
	snprintf(why, VIRTUAL_WHY_MAX, "%.140s%s%s: %.40s", path,
	    *file == '\0' ? "" : "/", file,
	    errno == EINVAL ? "has the wrong length" : strerror(errno));

	return E_IO;
}

static bool
join(char path[IMAGE_PATH_MAX], const char *a, const char *b, const char *c)
{
	int len = snprintf(path, IMAGE_PATH_MAX, "%s%s%s", a, b, c);

	return len > 0 && len < IMAGE_PATH_MAX;
}

bool
image_home(char path[IMAGE_PATH_MAX])
{
	const char *dir = getenv("COLLARCTL_SIM_DIR");
	const char *data = getenv("XDG_DATA_HOME"), *home = getenv("HOME");

	if (dir != NULL && *dir != '\0')
		return join(path, dir, "", "");
	if (data != NULL && *data == '/')
		return join(path, data, "/collarctl/sim", "");

	return home != NULL && *home != '\0' &&
	    join(path, home, "/.local/share/collarctl/sim", "");
}

static int
image_path(
    char path[IMAGE_PATH_MAX], const char *name, const char *suffix, char *why)
{
	char home[IMAGE_PATH_MAX], leaf[VIRTUAL_NAME_MAX + 8];

	snprintf(leaf, sizeof(leaf), "%s%s", name, suffix);
	if (image_home(home) && join(path, home, "/", leaf))
		return E_OK;
	snprintf(why, VIRTUAL_WHY_MAX,
	    "no place for virtual collars: set HOME or COLLARCTL_SIM_DIR");

	return E_IO;
}

static bool
file_path(
    char path[IMAGE_PATH_MAX], const struct image *image, const char *file)
{
	return join(path, image->path, "/", file);
}

/* Process id in the lock file, 0 if it holds none. */
static int
lock_pid(int lock)
{
	char text[16] = "";

	if (pread(lock, text, sizeof(text) - 1, 0) <= 0)
		return 0;

	return (int)strtol(text, NULL, 10);
}

/* Is what was opened still what stands at the path? */
static bool
is_same(int descriptor, const char *path)
{
	struct stat a, b;

	return fstat(descriptor, &a) == 0 && stat(path, &b) == 0 &&
	    a.st_dev == b.st_dev && a.st_ino == b.st_ino;
}

static int
lock_fail(struct image *image, const char *name, char *why)
{
	int err = fail_errno(why, image->path, "lock");
	int pid = lock_pid(image->lock);

	if (errno == EWOULDBLOCK) {
		snprintf(why, VIRTUAL_WHY_MAX,
		    pid > 0 ? "sim:%s is open in process %d"
			    : "sim:%s is open in another process",
		    name, pid);
		err = E_PORT_BUSY;
	}
	close(image->lock);
	image->lock = -1;

	return err;
}

/*
 * Locks the directory at image->path.  It may be renamed or removed between
 * opening and locking; then the name is looked up again.
 */
static int
image_lock(struct image *image, const char *name, int flags, char *why)
{
	char path[IMAGE_PATH_MAX], pid[16];
	int len = snprintf(pid, sizeof(pid), "%d\n", (int)getpid());

	if (!file_path(path, image, "lock"))
		return fail_errno(why, image->path, "lock");
	for (;;) {
		image->lock = open(path, O_RDWR | O_CLOEXEC | flags, 0600);
		if (image->lock < 0)
			return fail_errno(why, image->path, "lock");
		if (flock(image->lock, LOCK_EX | LOCK_NB) < 0)
			return lock_fail(image, name, why);
		if (is_same(image->lock, path))
			break;
		close(image->lock);
	}
	if (ftruncate(image->lock, 0) < 0 ||
	    pwrite(image->lock, pid, (size_t)len, 0) != len)
		return lock_fail(image, name, why);

	return E_OK;
}

static int
image_map(struct image *image, char *why)
{
	char path[IMAGE_PATH_MAX];

	if (!file_path(path, image, "flash") ||
	    (image->flash = file_map(path, FLASH_LEN)) == NULL)
		return fail_errno(why, image->path, "flash");
	if (!file_path(path, image, "fixture") ||
	    (image->file = file_map(path, sizeof(*image->file))) == NULL)
		return fail_errno(why, image->path, "fixture");
	image->fixture = &image->file->fixture;

	return E_OK;
}

/* Times that can stand side by side; others would be caught up with for ever.
 */
static bool
times_agree(const struct fixture *fixture)
{
	return fixture->utc_ms <= virtual_utc_max_ms &&
	    fixture->anchor_real_ms <= virtual_utc_max_ms &&
	    fixture->anchor_utc_ms <= fixture->utc_ms &&
	    fixture->power_up_ms <= fixture->utc_ms;
}

static int
image_check(const struct image *image, char *why)
{
	const struct fixture_file *file = image->file;

	if (memcmp(file->magic, fixture_magic, sizeof(file->magic)) != 0 ||
	    file->version != FIXTURE_VERSION ||
	    file->len != sizeof(file->fixture))
		snprintf(why, VIRTUAL_WHY_MAX,
		    "%.150s was made by another version of this program",
		    image->path);
	else if (!times_agree(&file->fixture))
		snprintf(why, VIRTUAL_WHY_MAX, "%.140s/fixture is damaged",
		    image->path);
	else
		return E_OK;

	return E_BAD_DATA;
}

static void
image_init(struct image *image)
{
	memset(image, 0, sizeof(*image));
	image->lock = -1;
}

int
image_open(struct image *image, const char *name, char *why)
{
	struct stat is;
	int err;

	image_init(image);
	if ((err = image_path(image->path, name, "", why)) < 0)
		return err;
	if (stat(image->path, &is) < 0 && errno == ENOENT) {
		snprintf(why, VIRTUAL_WHY_MAX,
		    "there is no virtual collar '%s'", name);
		return E_NO_COLLAR;
	}
	if ((err = image_lock(image, name, 0, why)) < 0)
		return err;
	if ((err = image_map(image, why)) < 0) {
		/* a file of the wrong length is not ours to repair */
		err = errno == EINVAL ? E_BAD_DATA : err;
		goto out;
	}
	err = image_check(image, why);

out:
	if (err < 0)
		image_close(image);

	return err;
}

int
image_make(struct image *image, const char *name, char *why)
{
	char path[IMAGE_PATH_MAX];
	int err;

	image_init(image);
	if ((err = image_path(image->path, name, ".new", why)) < 0)
		return err;
	if (!directory_make(image->path))
		return fail_errno(why, image->path, "");
	if ((err = image_lock(image, name, O_CREAT, why)) < 0)
		return err;
	if (!file_path(path, image, "flash") ||
	    !file_fill(path, 0xff, FLASH_LEN) ||
	    !file_path(path, image, "fixture") ||
	    !file_fill(path, 0, sizeof(*image->file)))
		err = fail_errno(why, image->path, "");
	else
		err = image_map(image, why);
	if (err < 0) {
		image_close(image);
		return err;
	}
	memcpy(image->file->magic, fixture_magic, sizeof(fixture_magic));
	image->file->version = FIXTURE_VERSION;
	image->file->len = sizeof(image->file->fixture);

	return E_OK;
}

int
image_publish(struct image *image, const char *name, char *why)
{
	char path[IMAGE_PATH_MAX];
	int err = image_path(path, name, "", why);

	if (err < 0)
		return err;
	if (rename(image->path, path) == 0) {
		memcpy(image->path, path, sizeof(path));
		return E_OK;
	}
	if (errno != ENOTEMPTY && errno != EEXIST)
		return fail_errno(why, path, "");
	directory_remove(image->path);
	snprintf(why, VIRTUAL_WHY_MAX,
	    "sim:%s is being made by another program", name);

	return E_PORT_BUSY;
}

void
image_close(struct image *image)
{
	if (image->flash != NULL)
		munmap(image->flash, FLASH_LEN);
	if (image->file != NULL)
		munmap(image->file, sizeof(*image->file));
	if (image->lock >= 0)
		close(image->lock);
	image_init(image);
}

int
image_read_settings(
    const struct image *image, struct settings *settings, char *why)
{
	char path[IMAGE_PATH_MAX], text[SETTINGS_TEXT_MAX];
	ssize_t len;
	int err;

	if (!file_path(path, image, "settings") ||
	    (len = file_read(path, text, sizeof(text) - 1)) < 0)
		return fail_errno(why, image->path, "settings");
	text[len] = '\0';
	err = settings_parse(settings, text, '\n', why);

	return err == E_USAGE ? E_BAD_DATA : err;
}

int
image_write_settings(
    const struct image *image, const struct settings *settings, char *why)
{
	char path[IMAGE_PATH_MAX], text[SETTINGS_TEXT_MAX];
	size_t len = settings_text(settings, text);
	const struct piece piece = { text, len };

	if (!file_path(path, image, "settings") ||
	    !file_replace(path, &piece, 1))
		return fail_errno(why, image->path, "settings");

	return E_OK;
}

int
image_peek(const char *name, struct settings *settings, char *why)
{
	struct image image;
	int err;

	image_init(&image);
	if ((err = image_path(image.path, name, "", why)) < 0)
		return err;
	if (access(image.path, F_OK) < 0) {
		snprintf(why, VIRTUAL_WHY_MAX,
		    "there is no virtual collar '%s'", name);
		return E_NO_COLLAR;
	}

	return image_read_settings(&image, settings, why);
}

int
image_holder(const char *name, char *why)
{
	struct image image;
	char path[IMAGE_PATH_MAX];
	int err, lock, pid = 0;

	image_init(&image);
	if ((err = image_path(image.path, name, "", why)) < 0)
		return err;
	if (!file_path(path, &image, "lock") ||
	    (lock = open(path, O_RDONLY | O_CLOEXEC)) < 0)
		return fail_errno(why, image.path, "lock");
	if (flock(lock, LOCK_SH | LOCK_NB) < 0)
		pid = lock_pid(lock);
	close(lock);

	return pid;
}

/* Which program this is: the memory of another one may be laid out otherwise.
 */
static void
build_id(uint64_t build[3])
{
	struct stat self;

	memset(build, 0, 3 * sizeof(*build));
	if (stat("/proc/self/exe", &self) < 0)
		return;
	build[0] = (uint64_t)self.st_size;
	build[1] = (uint64_t)self.st_mtim.tv_sec;
	build[2] = (uint64_t)self.st_mtim.tv_nsec;
}

static void
ram_describe(struct ram_header *header, const void *ram, size_t len)
{
	memset(header, 0, sizeof(*header));
	memcpy(header->magic, ram_magic, sizeof(ram_magic));
	build_id(header->build);
	header->len = (uint32_t)len;
	header->crc = crc32c(0, ram, len);
}

bool
image_take_ram(const struct image *image, void *ram, size_t len)
{
	struct ram_header header, wanted;
	char path[IMAGE_PATH_MAX];
	bool whole;
	int file;

	if (!file_path(path, image, "ram") ||
	    (file = open(path, O_RDONLY | O_CLOEXEC)) < 0)
		return false;
	whole =
	    read(file, &header, sizeof(header)) == (ssize_t)sizeof(header) &&
	    read(file, ram, len) == (ssize_t)len;
	close(file);
	if (unlink(path) < 0 || !whole)
		return false;
	ram_describe(&wanted, ram, len);

	return memcmp(&header, &wanted, sizeof(header)) == 0;
}

int
image_keep_ram(const struct image *image, const void *ram, size_t len)
{
	struct ram_header header;
	char path[IMAGE_PATH_MAX];
	const struct piece pieces[] = { { &header, sizeof(header) },
		{ ram, len } };

	ram_describe(&header, ram, len);

	return file_path(path, image, "ram") && file_replace(path, pieces, 2)
	    ? E_OK
	    : E_IO;
}

int
image_remove(const char *name, char *why)
{
	struct image image;
	char gone[IMAGE_PATH_MAX];
	struct stat is;
	int err;

	image_init(&image);
	if ((err = image_path(image.path, name, "", why)) < 0 ||
	    (err = image_path(gone, name, ".gone", why)) < 0)
		return err;
	if (stat(image.path, &is) < 0) {
		snprintf(why, VIRTUAL_WHY_MAX,
		    "there is no virtual collar '%s'", name);
		return E_NO_COLLAR;
	}
	/* one whose lock is missing is removed all the same */
	if ((err = image_lock(&image, name, O_CREAT, why)) < 0)
		return err;
	directory_remove(gone);
	if (rename(image.path, gone) < 0 || !directory_remove(gone))
		err = fail_errno(why, image.path, "");
	image_close(&image);

	return err;
}
