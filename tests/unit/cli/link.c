/* SPDX-License-Identifier: BSD-2-Clause */

/* Links against real sockets and pseudo-terminals of this computer. */

#include "../../../cli/link/link.h"
#include "../../../proto/errors.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include <cmocka.h>

enum { PATH_LEN = 64, NOBODY = 65534 };

static char why[LINK_WHY_MAX];

static struct link *
open_port(const char *port)
{
	struct link *link = NULL;
	int err = link_open(&link, port, why);

	if (err != E_OK)
		print_error("%s: %s\n", port, why);
	assert_int_equal(err, E_OK);
	assert_string_equal(link->port, port);

	return link;
}

static void
assert_refused(const char *port, int err)
{
	struct link *link = (struct link *)why; /* must stay as it was */
	int got;

	why[0] = '\0';
	got = link_open(&link, port, why);
	if (got != err)
		print_error("%s: %d, not %d\n", port, got, err);
	assert_int_equal(got, err);
	assert_ptr_equal(link, why);
	assert_true(strlen(why) > 0);
}

static void
assert_carries(struct link *link, int other)
{
	static const uint8_t all[] = { 0, 3, 4, 10, 13, 17, 19, 26, 0x7f, 255 };
	uint8_t buf[32];
	int ms = 1000;

	assert_int_equal(link_write(link, all, sizeof(all), &ms), E_OK);
	assert_int_equal(read(other, buf, sizeof(buf)), sizeof(all));
	assert_memory_equal(buf, all, sizeof(all));

	assert_int_equal(write(other, all, sizeof(all)), sizeof(all));
	assert_int_equal(link_read(link, buf, sizeof(buf), &ms), sizeof(all));
	assert_memory_equal(buf, all, sizeof(all));
	assert_true(ms > 0);
}

static void
what_is_not_a_port_is_a_usage_error(void **state)
{
	static const char *const bad[] = { "", "serial:", "serial:@9600",
		"serial:/dev/null@", "serial:/dev/null@fast",
		"serial:/dev/null@299", "serial:/dev/null@4000001",
		"serial:/dev/null", "unix:", "tcp:", "tcp:host", "tcp::5000",
		"tcp:host:", "tcp:host:0", "tcp:host:65536", "tcp:host:12x",
		"tcp:::1:5000", "tcp:[]:5000", "nonsense", "Sim",
		"usb:", "optical:", "optical:@9600", "optical:/dev/null@9599",
		"optical:/dev/null" };
	char long_path[200] = "unix:/";

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		assert_refused(bad[i], E_USAGE);
	memset(long_path + 6, 'a', sizeof(long_path) - 7);
	assert_refused(long_path, E_USAGE);
}

static void
a_port_that_is_not_there_is_told_from_a_bad_one(void **state)
{
	(void)state;
	assert_refused("serial:/dev/tty-not-there", E_NO_COLLAR);
	assert_refused("/dev/tty-not-there@9600", E_NO_COLLAR);
	assert_refused("COM3", E_NO_COLLAR);
	assert_refused("optical:/dev/tty-not-there", E_NO_COLLAR);
	assert_refused("unix:/nowhere/at/all", E_NO_COLLAR);
	assert_refused("tcp:127.0.0.1:1", E_NO_COLLAR);
	assert_refused("usb:NOT-THERE", E_NO_COLLAR);
}

static int
listen_on(int family, const struct sockaddr *at, socklen_t len)
{
	int fd = socket(family, SOCK_STREAM, 0);

	assert_true(fd >= 0);
	assert_int_equal(bind(fd, at, len), 0);
	assert_int_equal(listen(fd, 1), 0);

	return fd;
}

static void
a_unix_socket_carries_every_byte_until_it_is_closed(void **state)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	char port[2 * PATH_LEN];
	struct link *link;
	int server, other, ms = 1000;
	uint8_t byte = 0;

	(void)state;
	snprintf(at.sun_path, PATH_LEN, "/tmp/link-test-%d", (int)getpid());
	unlink(at.sun_path);
	server = listen_on(AF_UNIX, (struct sockaddr *)&at, sizeof(at));
	snprintf(port, sizeof(port), "unix:%s", at.sun_path);
	link = open_port(port);
	assert_string_equal(link->ops->transport, "unix");
	assert_int_equal(link->baud, 0);
	other = accept(server, NULL, NULL);
	assert_carries(link, other);

	close(other);
	assert_int_equal(link_read(link, &byte, 1, &ms), E_IO);
	assert_int_equal(link_write(link, &byte, 1, &ms), E_IO);
	link_close(&link);
	assert_null(link);
	close(server);
	assert_refused(port, E_NO_COLLAR); /* a socket nobody listens on */
	unlink(at.sun_path);
}

static void
tcp_reaches_both_kinds_of_address(void **state)
{
	struct sockaddr_in v4 = { .sin_family = AF_INET };
	struct sockaddr_in6 v6 = { .sin6_family = AF_INET6 };
	socklen_t len = sizeof(v4);
	char port[PATH_LEN];
	struct link *link;
	int server, other;

	(void)state;
	v4.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	server = listen_on(AF_INET, (struct sockaddr *)&v4, sizeof(v4));
	getsockname(server, (struct sockaddr *)&v4, &len);
	snprintf(port, sizeof(port), "tcp:127.0.0.1:%d", ntohs(v4.sin_port));
	link = open_port(port);
	other = accept(server, NULL, NULL);
	assert_carries(link, other);
	link_close(&link);
	close(other);
	close(server);

	v6.sin6_addr = in6addr_loopback;
	v6.sin6_port = v4.sin_port;
	server = socket(AF_INET6, SOCK_STREAM, 0);
	if (server < 0 || bind(server, (struct sockaddr *)&v6, sizeof(v6)) != 0)
		skip(); /* no such addresses here */
	assert_int_equal(listen(server, 1), 0);
	snprintf(port, sizeof(port), "tcp:[::1]:%d", ntohs(v6.sin6_port));
	link = open_port(port);
	link_close(&link);
	close(server);
}

static int
pty_open(char *port, size_t cap)
{
	int master = posix_openpt(O_RDWR | O_NOCTTY);

	assert_true(master >= 0);
	assert_int_equal(grantpt(master), 0);
	assert_int_equal(unlockpt(master), 0);
	snprintf(port, cap, "serial:%s", ptsname(master));

	return master;
}

static void
a_pseudo_terminal_is_a_serial_port(void **state)
{
	char port[PATH_LEN], with_baud[PATH_LEN + 8];
	struct link *link;
	int master = pty_open(port, sizeof(port));

	(void)state;
	link = open_port(port);
	assert_string_equal(link->ops->transport, "serial");
	assert_int_equal(link->baud, 115200);
	assert_carries(link, master);
	link_close(&link);

	snprintf(with_baud, sizeof(with_baud), "%s@9600", port);
	link = open_port(with_baud);
	assert_int_equal(link->baud, 9600);
	link_close(&link);

	snprintf(with_baud, sizeof(with_baud), "%s@12345", port);
	assert_refused(with_baud, E_USAGE);
	close(master);
}

/* As an optical probe of that kind gives it: an echo, and then an answer. */
static void
assert_turn(struct link *link, int master, const char *echo)
{
	static const uint8_t said[] = "\0said and done";
	static const uint8_t reply[] = "\0another tale";
	uint8_t buf[64];
	size_t len = 0;
	int ms = 1000;

	assert_int_equal(link_write(link, said, 5, &ms), E_OK);
	assert_int_equal(
	    link_write(link, said + 5, sizeof(said) - 5, &ms), E_OK);
	while (len < sizeof(said)) {
		ssize_t n = read(master, buf + len, sizeof(buf) - len);

		assert_true(n > 0);
		len += (size_t)n;
	}
	assert_memory_equal(buf, said, sizeof(said));
	len = 0;
	assert_int_equal(write(master, echo, strlen(echo)), strlen(echo));
	assert_int_equal(write(master, reply, sizeof(reply)), sizeof(reply));
	while (len < strlen((const char *)reply + 1)) {
		int n = link_read(link, buf + len, 1, &ms);

		assert_int_equal(n, 1);
		len += buf[len] != 0;
	}
	assert_memory_equal(buf, reply + 1, len);
}

static void
an_optical_port_takes_its_echo_away(void **state)
{
	char port[PATH_LEN], fixed[PATH_LEN + 8];
	struct link *link;
	int master = pty_open(port, sizeof(port));

	(void)state;
	snprintf(fixed, sizeof(fixed), "optical:%s", port + strlen("serial:"));
	link = open_port(fixed);
	assert_string_equal(link->ops->transport, "optical");
	assert_int_equal(link->baud, 9600);
	assert_int_equal(link->baud_top, 115200);
	assert_true(link->half_duplex);
	assert_false(link->powered); /* a pseudo-terminal has no DTR */
	assert_turn(link, master, "");
	assert_turn(link, master, "said and done");
	assert_turn(link, master, "said and don");
	assert_turn(link, master, "said amd dine");
	assert_int_equal(link->echoes.turns, 4);
	assert_int_equal(link->echoes.whole, 1);
	assert_int_equal(link->echoes.damaged, 2);
	assert_int_equal(link_set_baud(link, 57600), E_OK);
	assert_int_equal(link->baud, 57600);
	assert_int_equal(link_set_baud(link, 57601), E_IO);
	assert_int_equal(link->baud, 57600);
	link_close(&link);

	snprintf(
	    fixed, sizeof(fixed), "optical:%s@19200", port + strlen("serial:"));
	link = open_port(fixed);
	assert_int_equal(link->baud, 19200);
	assert_int_equal(link->baud_top, 0);
	link_close(&link);
	close(master);
}

/* Whoever is talking is not talked over, and not waited for. */
static void
an_optical_port_waits_for_its_turn(void **state)
{
	char port[PATH_LEN], optical[PATH_LEN + 8];
	struct link *link;
	int master = pty_open(port, sizeof(port)), ms = 0;

	(void)state;
	snprintf(
	    optical, sizeof(optical), "optical:%s", port + strlen("serial:"));
	link = open_port(optical);
	assert_int_equal(write(master, "and on", 6), 6);
	assert_int_equal(
	    link_write(link, (uint8_t *)port, 1, &ms), E_NO_ANSWER);
	ms = 1000;
	assert_int_equal(link_write(link, (uint8_t *)port, 1, &ms), E_OK);
	link_close(&link);
	close(master);
}

static void
a_port_in_use_is_busy_until_it_is_closed(void **state)
{
	char port[PATH_LEN];
	struct link *link;
	int master = pty_open(port, sizeof(port));

	(void)state;
	link = open_port(port);
	assert_refused(port, E_PORT_BUSY);
	link_close(&link);
	link = open_port(port);
	link_close(&link);
	close(master);
}

static void
who_holds_a_port_is_told_by_name(void **state)
{
	struct device_holder holder = { .pid = 0 };
	char port[PATH_LEN], cat[] = "cat", number[24];
	int master = pty_open(port, sizeof(port)), told[2];
	const char *device = port + strlen("serial:");
	pid_t child;

	(void)state;
	assert_false(device_holder(device, &holder));
	assert_int_equal(pipe(told), 0);
	child = fork();
	if (child == 0) {
		int fd = open(device, O_RDWR | O_NOCTTY);

		close(master); /* or the child would be its server */
		if (fd < 0 || flock(fd, LOCK_EX) != 0 ||
		    write(told[1], "x", 1) != 1)
			_exit(1);
		dup2(fd, STDIN_FILENO);
		execlp(cat, cat, (char *)NULL);
		_exit(1);
	}
	assert_int_equal(read(told[0], number, 1), 1);
	while (
	    !device_holder(device, &holder) || strcmp(holder.name, "cat") != 0)
		usleep(1000);
	assert_int_equal(holder.pid, child);
	assert_refused(port, E_PORT_BUSY);
	snprintf(number, sizeof(number), "cat (%d)", (int)child);
	assert_non_null(strstr(why, number));
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
	close(told[0]);
	close(told[1]);
	close(master);
}

static void
the_settings_of_a_terminal_come_back(void **state)
{
	struct termios before, during, after;
	char port[PATH_LEN];
	struct link *link;
	int master = pty_open(port, sizeof(port));
	int slave = open(port + strlen("serial:"), O_RDWR | O_NOCTTY);

	(void)state;
	assert_true(slave >= 0);
	assert_int_equal(tcgetattr(slave, &before), 0);
	assert_true((before.c_lflag & ICANON) != 0);
	link = open_port(port);
	assert_int_equal(tcgetattr(slave, &during), 0);
	assert_int_equal(during.c_lflag & (ICANON | ECHO | ISIG), 0);
	link_close(&link);
	assert_int_equal(tcgetattr(slave, &after), 0);
	assert_int_equal(after.c_lflag, before.c_lflag);
	assert_int_equal(after.c_iflag, before.c_iflag);
	assert_int_equal(after.c_oflag, before.c_oflag);
	assert_int_equal(after.c_cflag, before.c_cflag);
	close(slave);
	close(master);
}

static void
a_port_of_others_is_a_matter_of_permission(void **state)
{
	char path[PATH_LEN], port[PATH_LEN + 8];
	int fd;

	(void)state;
	/* root may do everything: be somebody else for a while */
	if (getuid() == 0)
		assert_int_equal(seteuid(NOBODY), 0);
	snprintf(path, sizeof(path), "/tmp/link-test-%d", (int)getpid());
	fd = open(path, O_CREAT | O_RDWR, 0);
	close(fd);
	snprintf(port, sizeof(port), "serial:%s", path);
	assert_refused(port, E_PORT_PERMISSION);
	unlink(path);
	assert_int_equal(seteuid(getuid()), 0);
}

static void
silence_uses_up_the_time_given(void **state)
{
	char port[PATH_LEN];
	struct link *link;
	int master = pty_open(port, sizeof(port));
	int ms = 30;
	uint64_t before;
	uint8_t byte;

	(void)state;
	link = open_port(port);
	before = link_now_ms(link);
	assert_int_equal(link_read(link, &byte, 1, &ms), 0);
	assert_int_equal(ms, 0);
	assert_true(link_now_ms(link) - before >= 29);
	assert_int_equal(link_wait(link, 20), E_OK);
	assert_true(link_now_ms(link) - before >= 48);
	link_close(&link);
	close(master);
}

static void
an_interrupt_ends_every_wait(void **state)
{
	char port[PATH_LEN];
	struct link *link;
	int master = pty_open(port, sizeof(port));
	int ms = 10000;
	uint8_t byte = 0;

	(void)state;
	link = open_port(port);
	link_interrupted = 1;
	assert_int_equal(link_read(link, &byte, 1, &ms), E_INTERRUPTED);
	assert_int_equal(link_write(link, &byte, 1, &ms), E_INTERRUPTED);
	assert_int_equal(link_wait(link, 10000), E_INTERRUPTED);
	link_interrupted = 0;
	assert_true(ms > 9000);
	link_close(&link);
	close(master);
}

static void
time_on_the_line_is_ten_bits_a_byte_rounded_up(void **state)
{
	struct link link = { .baud = 9600 };

	(void)state;
	assert_int_equal(link_line_ms(&link, 0), 0);
	assert_int_equal(link_line_ms(&link, 1), 2);
	assert_int_equal(link_line_ms(&link, 960), 1000);
	assert_int_equal(link_line_ms(&link, 961), 1002);
	link.baud = 115200;
	assert_int_equal(link_line_ms(&link, 1152), 100);
	link.baud = 0;
	assert_int_equal(link_line_ms(&link, 100000), 0);
}

static void
a_port_has_a_transport_and_perhaps_a_file(void **state)
{
	static const struct {
		const char *port, *transport, *device;
	} rows[] = {
		{ "serial:/dev/ttyUSB0", "serial", "/dev/ttyUSB0" },
		{ "serial:/dev/ttyUSB0@9600", "serial", "/dev/ttyUSB0" },
		{ "/dev/a:b@300", "serial", "/dev/a:b" },
		{ "COM3", "serial", "COM3" },
		{ "optical:/dev/ttyUSB0", "optical", "/dev/ttyUSB0" },
		{ "usb", "usb", NULL },
		{ "usb:A1", "usb", NULL },
		{ "unix:/tmp/a", "unix", NULL },
		{ "tcp:localhost:1", "tcp", NULL },
		{ "sim", "sim", NULL },
		{ "sim,seed=1", "sim", NULL },
		{ "sim:a", "sim", NULL },
		{ "simple", NULL, NULL },
		{ "serial", NULL, NULL },
		{ "roof", NULL, NULL },
		{ "", NULL, NULL },
	};
	char path[LINK_WHY_MAX];

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		const char *transport = link_transport(rows[i].port);

		assert_int_equal(transport != NULL, rows[i].transport != NULL);
		if (transport != NULL)
			assert_string_equal(transport, rows[i].transport);
		assert_int_equal(
		    link_device(rows[i].port, path), rows[i].device != NULL);
		if (rows[i].device != NULL)
			assert_string_equal(path, rows[i].device);
	}
}

static void
a_file_is_the_same_by_another_name(void **state)
{
	(void)state;
	assert_true(link_same_file("/dev/null", "/dev/../dev/null"));
	assert_false(link_same_file("/dev/null", "/dev/zero"));
	assert_false(link_same_file("/dev/no-such", "/dev/no-such"));
}

static void
the_group_of_a_file_is_told_where_it_has_a_say(void **state)
{
	char path[] = "/tmp/collar-link-XXXXXX", name[32] = "";
	int fd = mkstemp(path);

	(void)state;
	assert_true(fd >= 0);
	assert_false(device_group(path, name, sizeof(name))); /* 0600 */
	assert_int_equal(fchmod(fd, 0660), 0);
	assert_true(device_group(path, name, sizeof(name)));
	assert_true(name[0] != '\0');
	assert_int_equal(unlink(path), 0);
	assert_false(device_group(path, name, sizeof(name)));
	close(fd);
}

static void
only_adapters_of_probes_are_known_as_probes(void **state)
{
	struct serial_port port = { .usb = true, .vid = 0x0403, .pid = 0xe700 };

	(void)state;
	assert_non_null(serial_probe(&port));
	port.pid = 0x6001; /* the chip itself */
	assert_null(serial_probe(&port));
	port =
	    (struct serial_port){ .usb = false, .vid = 0x0403, .pid = 0xe700 };
	assert_null(serial_probe(&port));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_port_has_a_transport_and_perhaps_a_file),
		cmocka_unit_test(a_file_is_the_same_by_another_name),
		cmocka_unit_test(
		    the_group_of_a_file_is_told_where_it_has_a_say),
		cmocka_unit_test(only_adapters_of_probes_are_known_as_probes),
		cmocka_unit_test(what_is_not_a_port_is_a_usage_error),
		cmocka_unit_test(
		    a_port_that_is_not_there_is_told_from_a_bad_one),
		cmocka_unit_test(
		    a_unix_socket_carries_every_byte_until_it_is_closed),
		cmocka_unit_test(tcp_reaches_both_kinds_of_address),
		cmocka_unit_test(a_pseudo_terminal_is_a_serial_port),
		cmocka_unit_test(an_optical_port_takes_its_echo_away),
		cmocka_unit_test(an_optical_port_waits_for_its_turn),
		cmocka_unit_test(a_port_in_use_is_busy_until_it_is_closed),
		cmocka_unit_test(who_holds_a_port_is_told_by_name),
		cmocka_unit_test(the_settings_of_a_terminal_come_back),
		cmocka_unit_test(a_port_of_others_is_a_matter_of_permission),
		cmocka_unit_test(silence_uses_up_the_time_given),
		cmocka_unit_test(an_interrupt_ends_every_wait),
		cmocka_unit_test(
		    time_on_the_line_is_ten_bits_a_byte_rounded_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
