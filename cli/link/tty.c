/* SPDX-License-Identifier: BSD-2-Clause */

#include "tty.h"

#include "../../proto/errors.h"
#include "transports.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <unistd.h>

struct rate {
	uint32_t baud;
	speed_t speed;
};

static const struct rate rates[] = {
	{ 300, B300 },
	{ 600, B600 },
	{ 1200, B1200 },
	{ 2400, B2400 },
	{ 4800, B4800 },
	{ 9600, B9600 },
	{ 19200, B19200 },
	{ 38400, B38400 },
	{ 57600, B57600 },
	{ 115200, B115200 },
	{ 230400, B230400 },
	{ 460800, B460800 },
	{ 500000, B500000 },
	{ 921600, B921600 },
	{ 1000000, B1000000 },
	{ 2000000, B2000000 },
	{ 4000000, B4000000 },
};

/*
 * A lock dies with its process; TIOCEXCL would outlive one on a terminal whose
 * other end stays open.  Root passes TIOCEXCL, so it is looked at too.
 */
static int
lock(int fd)
{
	int exclusive = 0;

	if (!isatty(fd))
		return ENOTTY;
	if (ioctl(fd, TIOCGEXCL, &exclusive) == 0 && exclusive != 0)
		return EBUSY;
	if (flock(fd, LOCK_EX | LOCK_NB) != 0)
		return errno;

	return 0;
}

static int
take_refuse(const char *path, int errnum, char *why)
{
	struct device_holder holder;

	if (errnum == ENOTTY)
		return link_fail(why, E_USAGE, "%s is not a terminal", path);
	if ((errnum == EBUSY || errnum == EWOULDBLOCK) &&
	    device_holder(path, &holder))
		return link_fail(why, E_PORT_BUSY, "%s is in use by %s (%d)",
		    path, holder.name, holder.pid);

	return link_fail_errno(why, path, errnum);
}

int
tty_take(int *fd, struct termios *kept, const char *path, char *why)
{
	int errnum, opened;

	opened = open(path, O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
	if (opened < 0)
		return take_refuse(path, errno, why);
	errnum = lock(opened);
	if (errnum == 0 && tcgetattr(opened, kept) != 0)
		errnum = errno;
	if (errnum == 0) {
		*fd = opened;
		return E_OK;
	}
	close(opened);

	return take_refuse(path, errnum, why);
}

static const struct rate *
rate_find(uint32_t baud)
{
	for (size_t i = 0; i < sizeof(rates) / sizeof(*rates); i++)
		if (rates[i].baud == baud)
			return &rates[i];

	return NULL;
}

uint32_t
tty_baud(int fd)
{
	struct termios modes;
	speed_t speed;

	if (tcgetattr(fd, &modes) != 0)
		return 0;
	speed = cfgetospeed(&modes);
	for (size_t i = 0; i < sizeof(rates) / sizeof(*rates); i++)
		if (rates[i].speed == speed)
			return rates[i].baud;

	return 0;
}

int
tty_raw(int fd, uint32_t baud, char *why)
{
	const struct rate *rate = rate_find(baud);
	struct termios raw;

	if (rate == NULL)
		return link_fail(
		    why, E_USAGE, "this port has no rate of %u baud", baud);
	if (tcgetattr(fd, &raw) != 0)
		return link_fail_errno(why, "reading its settings", errno);
	raw.c_iflag = IGNBRK;
	raw.c_oflag = 0;
	raw.c_lflag = 0;
	raw.c_cflag &= ~(tcflag_t)(CSIZE | PARENB | CSTOPB | CRTSCTS);
	raw.c_cflag |= CS8 | CREAD | CLOCAL;
	raw.c_cc[VMIN] = 1;
	raw.c_cc[VTIME] = 0;
	cfsetispeed(&raw, rate->speed);
	cfsetospeed(&raw, rate->speed);
	if (tcsetattr(fd, TCSANOW, &raw) != 0)
		return link_fail_errno(why, "changing its settings", errno);

	return E_OK;
}

void
tty_give_back(int fd, const struct termios *kept)
{
	tcflush(fd, TCIOFLUSH);
	tcsetattr(fd, TCSANOW, kept);
	close(fd);
}
