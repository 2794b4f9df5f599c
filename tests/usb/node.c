/* SPDX-License-Identifier: BSD-2-Clause */

#include "node.h"

#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <termios.h>
#include <unistd.h>

#include "../faults/must.h"

/* umockdev answers for what is opened below /dev; this is ours, so that libc is
 * passed by. */
static int
raw_open(const char *path)
{
	return (int)syscall(
	    SYS_openat, AT_FDCWD, path, O_RDWR | O_NOCTTY | O_CLOEXEC);
}

static long
raw_ioctl(int fd, unsigned long request, void *arg)
{
	return syscall(SYS_ioctl, fd, request, arg);
}

void
node_init(struct node *node)
{
	*node = (struct node){ .master = -1, .slave = -1 };
}

void
node_tell(struct node *node, bool ready)
{
	if (node->slave < 0 || node->ready == ready)
		return;
	raw_ioctl(
	    node->slave, TCXONC, (void *)(uintptr_t)(ready ? TCOON : TCOOFF));
	node->ready = ready;
}

void
node_open(struct node *node, bool plain)
{
	char slave[32];
	int unlocked = 0;
	unsigned number = 0;

	node->master = raw_open("/dev/ptmx");
	must(node->master >= 0 &&
		raw_ioctl(node->master, TIOCSPTLCK, &unlocked) == 0 &&
		raw_ioctl(node->master, TIOCGPTN, &number) == 0,
	    "/dev/ptmx");
	snprintf(slave, sizeof(slave), "/dev/pts/%u", number);
	node->slave = raw_open(slave);
	must(node->slave >= 0, slave);
	unlink(node->path);
	if (plain)
		must(close(creat(node->path, 0666)) == 0, node->path);
	else
		must(symlink(slave, node->path) == 0, node->path);
	node->ready = true;
	node_tell(node, false);
}

void
node_hang_up(struct node *node)
{
	if (node->master >= 0)
		close(node->master);
	node->master = -1;
}

void
node_close(struct node *node)
{
	node_hang_up(node);
	if (node->slave >= 0)
		close(node->slave);
	node->slave = -1;
	unlink(node->path);
}
