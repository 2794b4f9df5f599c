/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

/* before cmocka.h, which has a macro called fail */
#include "../../../cli/serve.h"
#include "../../../cli/link/link.h"
#include "../../../devices/virtual/virtual.h"
#include "../../../proto/errors.h"
#include "../../../proto/frame.h"

#include <cmocka.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

static char home[] = "/tmp/collar-serve-XXXXXX";

/* A path below the test's directory; good until the next call. */
static const char *
path_of(const char *leaf)
{
	static char path[120];

	snprintf(path, sizeof(path), "%s/%s", home, leaf);

	return path;
}

static void
a_socket_on_port_0_tells_the_port_it_got(void **state)
{
	struct failure failure = { 0 };
	struct door door;

	(void)state;
	assert_int_equal(door_open(&door, DOOR_TCP, NULL, 0, &failure), E_OK);
	assert_memory_equal(door.port, "tcp:127.0.0.1:", 14);
	assert_in_range(atoi(door.port + 14), 1, 65535);
	door_close(&door);
	assert_int_equal(door.listener, -1);
}

static void
a_port_in_use_is_busy(void **state)
{
	struct failure failure = { 0 };
	struct door door, other;

	(void)state;
	assert_int_equal(door_open(&door, DOOR_TCP, NULL, 0, &failure), E_OK);
	assert_int_equal(door_open(&other, DOOR_TCP, NULL,
			     (uint16_t)atoi(door.port + 14), &failure),
	    E_PORT_BUSY);
	door_close(&door);
}

static void
a_unix_socket_is_for_its_owner_and_goes_with_its_door(void **state)
{
	struct failure failure = { 0 };
	struct door door;
	struct stat is;

	(void)state;
	assert_int_equal(
	    door_open(&door, DOOR_UNIX, path_of("own"), 0, &failure), E_OK);
	assert_int_equal(stat(path_of("own"), &is), 0);
	assert_int_equal(is.st_mode & 0777, 0600);
	door_close(&door);
	assert_int_not_equal(stat(path_of("own"), &is), 0);
}

static void
a_socket_left_behind_is_taken_away_a_live_one_is_not(void **state)
{
	struct failure failure = { 0 }, refusal = { 0 };
	struct door dead, door, other;

	(void)state;
	assert_int_equal(
	    door_open(&dead, DOOR_UNIX, path_of("left"), 0, &failure), E_OK);
	close(dead.listener); /* its process died; the file stays */
	assert_int_equal(
	    door_open(&door, DOOR_UNIX, path_of("left"), 0, &failure), E_OK);
	assert_int_equal(
	    door_open(&other, DOOR_UNIX, path_of("left"), 0, &refusal),
	    E_PORT_BUSY);
	assert_int_equal(access(path_of("left"), F_OK), 0);
	door_close(&door);
}

static void
a_file_in_the_way_is_left_alone(void **state)
{
	struct failure failure = { 0 };
	struct door door;
	FILE *file = fopen(path_of("file"), "w");

	(void)state;
	assert_non_null(file);
	fclose(file);
	assert_int_equal(
	    door_open(&door, DOOR_UNIX, path_of("file"), 0, &failure),
	    E_PORT_BUSY);
	assert_int_equal(access(path_of("file"), F_OK), 0);
	unlink(path_of("file"));
}

static void
a_path_too_long_for_a_socket_is_refused(void **state)
{
	char leaf[90];
	struct failure failure = { 0 };
	struct door door;

	(void)state;
	memset(leaf, 'x', sizeof(leaf) - 1);
	leaf[sizeof(leaf) - 1] = '\0';
	assert_int_equal(
	    door_open(&door, DOOR_UNIX, path_of(leaf), 0, &failure), E_USAGE);
}

static void
a_pseudo_terminal_passes_bytes_as_they_are(void **state)
{
	static const uint8_t bytes[] = { 0x00, 0x03, 0x04, 0x0a, 0x0d, 0x11,
		0x13, 0x1a, 0x7f, 0xff };
	struct failure failure = { 0 };
	uint8_t is[sizeof(bytes)];
	struct door door;
	int line;

	(void)state;
	assert_int_equal(door_open(&door, DOOR_PTY, NULL, 0, &failure), E_OK);
	assert_memory_equal(door.port, "serial:/dev/pts/", 16);
	line = open(door.port + 7, O_RDWR | O_NOCTTY);
	assert_true(line >= 0);
	assert_int_equal(write(line, bytes, sizeof(bytes)), sizeof(bytes));
	assert_int_equal(read(door.line, is, sizeof(is)), sizeof(is));
	assert_memory_equal(is, bytes, sizeof(is));
	assert_int_equal(write(door.line, bytes, sizeof(bytes)), sizeof(bytes));
	assert_int_equal(read(line, is, sizeof(is)), sizeof(is));
	assert_memory_equal(is, bytes, sizeof(is));
	assert_int_equal(read(door.line, is, 1), -1); /* no echo */
	close(line);
	door_close(&door);
}

/* A server in a process of its own, and a line to it. */
struct server {
	pid_t pid;
	int line;
	char port[DOOR_PORT_MAX];
};

static void
on_term(int number)
{
	(void)number;
	link_interrupted = 1;
}

static int
announce(void *ctx, const char *name, const char *port)
{
	(void)name;

	return write(*(int *)ctx, port, strlen(port)) < 0 ? E_IO : E_OK;
}

static void
server_run(const struct serve_options *options, const char *name, int told)
{
	struct sigaction action = { .sa_handler = on_term };
	struct serve_unit unit = { .keys = "seed=9,history=0" };
	struct failure failure = { 0 };

	sigaction(SIGTERM, &action, NULL);
	strcpy(unit.name, name);
	_exit(serve(&unit, 1, options, announce, &told, &failure) == E_OK ? 0
									  : 1);
}

static void
server_connect(struct server *server)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };

	strcpy(address.sun_path, server->port + 5);
	server->line = socket(AF_UNIX, SOCK_STREAM, 0);
	assert_int_equal(
	    connect(server->line, (const struct sockaddr *)&address,
		sizeof(address)),
	    0);
}

static void
server_start(struct server *server, struct serve_options options)
{
	int told[2];
	ssize_t len;

	assert_int_equal(pipe(told), 0);
	options.door = DOOR_UNIX;
	options.path = path_of("line");
	server->pid = fork();
	if (server->pid == 0)
		server_run(&options, "served", told[1]);
	close(told[1]);
	len = read(told[0], server->port, sizeof(server->port) - 1);
	assert_true(len > 5);
	server->port[len] = '\0';
	close(told[0]);
	server_connect(server);
}

/* Ends it and removes its unit; it must have ended in good order. */
static void
server_stop(struct server *server)
{
	char why[VIRTUAL_WHY_MAX];
	int status;

	close(server->line);
	kill(server->pid, SIGTERM);
	assert_int_equal(waitpid(server->pid, &status, 0), server->pid);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
	assert_int_not_equal(access(server->port + 5, F_OK), 0);
	assert_int_equal(access(path_of("served/ram"), F_OK), 0);
	assert_int_equal(virtual_remove("served", why), E_OK);
}

/* hello: [0, 1, 0, {1: 16 octets, 2: 1, 3: 1, 4: 1056}]; returns its bytes. */
static size_t
say_hello(int line)
{
	static const uint8_t hello[] = { 0x84, 0x00, 0x01, 0x00, 0xa4, 0x01,
		0x50, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15,
		0x02, 0x01, 0x03, 0x01, 0x04, 0x19, 0x04, 0x20 };
	uint8_t frame[FRAME_LINE_LEN(sizeof(hello))];
	size_t len = frame_encode(frame, sizeof(frame), hello, sizeof(hello));

	assert_int_equal(write(line, frame, len), len);

	return len;
}

/* What comes until the line is silent for ms, or gone. */
static size_t
hear(int line, uint8_t *bytes, size_t cap, int ms)
{
	struct pollfd watched = { .fd = line, .events = POLLIN };
	size_t len = 0;

	while (len < cap && poll(&watched, 1, ms) == 1) {
		ssize_t part = read(line, bytes + len, cap - len);

		if (part <= 0)
			break;
		len += (size_t)part;
	}

	return len;
}

static void
a_served_unit_answers_one_after_the_other(void **state)
{
	uint8_t first[300], second[300];
	struct server server;
	size_t len;

	(void)state;
	server_start(&server, (struct serve_options){ .baud = 0 });
	say_hello(server.line);
	len = hear(server.line, first, sizeof(first), 300);
	assert_true(len > 50);
	assert_int_equal(first[0], 0);
	assert_int_equal(first[len - 1], 0);
	close(server.line);
	server_connect(&server);
	say_hello(server.line);
	assert_int_equal(hear(server.line, second, sizeof(second), 300), len);
	server_stop(&server);
}

static double
now_s(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);

	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* 9600 baud: 960 bytes a second, each way in its turn. */
static void
bytes_pass_no_faster_than_the_line(void **state)
{
	struct server server;
	uint8_t bytes[300];
	double began_s, took_s, least_s;
	size_t len;

	(void)state;
	server_start(&server, (struct serve_options){ .baud = 9600 });
	began_s = now_s();
	len = say_hello(server.line);
	len += hear(server.line, bytes, sizeof(bytes), 300);
	took_s = now_s() - began_s - 0.3;
	least_s = (double)len / 960;
	assert_true(least_s > 0.1);
	assert_true(took_s > least_s - 0.01);
	assert_true(took_s < 2 * least_s + 0.2);
	server_stop(&server);
}

static size_t
hear_noise(double noise, uint8_t *bytes, size_t cap)
{
	struct server server;
	size_t len;

	server_start(&server, (struct serve_options){ .noise = noise });
	say_hello(server.line);
	len = hear(server.line, bytes, cap, 300);
	server_stop(&server);

	return len;
}

/* With seed 9 and this noise the request comes through and the answer not. */
static void
noise_damages_the_same_bytes_every_time(void **state)
{
	uint8_t clean[300], first[300], second[300];
	size_t len = hear_noise(0, clean, sizeof(clean));

	(void)state;
	assert_true(len > 50);
	assert_int_equal(hear_noise(0.03, first, sizeof(first)), len);
	assert_int_equal(hear_noise(0.03, second, sizeof(second)), len);
	assert_memory_equal(first, second, len);
	assert_memory_not_equal(first, clean, len);
	assert_int_equal(hear_noise(1, first, sizeof(first)), 0);
}

static void
the_line_is_cut_after_so_many_bytes(void **state)
{
	struct server server;
	uint8_t bytes[300];
	size_t sent;

	(void)state;
	server_start(&server, (struct serve_options){ .cut_after = 60 });
	sent = say_hello(server.line);
	assert_int_equal(
	    hear(server.line, bytes, sizeof(bytes), 1000), 60 - sent);
	/* it ends by itself; the signal finds a process that waits for us */
	server_stop(&server);
}

static int
make_home(void **state)
{
	(void)state;

	return mkdtemp(home) == NULL || setenv("COLLARCTL_SIM_DIR", home, 1);
}

static int
remove_home(void **state)
{
	(void)state;

	return rmdir(home);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_socket_on_port_0_tells_the_port_it_got),
		cmocka_unit_test(a_port_in_use_is_busy),
		cmocka_unit_test(
		    a_unix_socket_is_for_its_owner_and_goes_with_its_door),
		cmocka_unit_test(
		    a_socket_left_behind_is_taken_away_a_live_one_is_not),
		cmocka_unit_test(a_file_in_the_way_is_left_alone),
		cmocka_unit_test(a_path_too_long_for_a_socket_is_refused),
		cmocka_unit_test(a_pseudo_terminal_passes_bytes_as_they_are),
		cmocka_unit_test(a_served_unit_answers_one_after_the_other),
		cmocka_unit_test(bytes_pass_no_faster_than_the_line),
		cmocka_unit_test(noise_damages_the_same_bytes_every_time),
		cmocka_unit_test(the_line_is_cut_after_so_many_bytes),
	};

	return cmocka_run_group_tests(tests, make_home, remove_home);
}
