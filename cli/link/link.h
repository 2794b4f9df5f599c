/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LINK_LINK_H
#define LINK_LINK_H

/*
 * A link: a stream of bytes to a collar, whatever carries it.  One file per
 * transport, one vtable.  Links know bytes, speed and time, never messages.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { LINK_WHY_MAX = 256 };

struct link;

/* What a transport does; private to cli/link, except for reading. */
struct link_ops {
	const char *transport; /* "serial", "optical", "usb", … */
	int (*read)(struct link *link, uint8_t *buf, size_t cap, int *ms);
	int (*write)(
	    struct link *link, const uint8_t *buf, size_t len, int *ms);
	int (*wait)(struct link *link, uint32_t ms);
	uint64_t (*now_ms)(struct link *link);
	uint64_t (*now_utc_ms)(struct link *link);
	/* NULL: its line has no rate that could be set */
	int (*set_baud)(struct link *link, uint32_t baud);
	/* as link_again; NULL: what has gone does not come back */
	int (*again)(struct link *link, int *ms);
	void (*close)(struct link *link);
};

/* What came back of what was said on half duplex; the doctor tells. */
struct link_echoes {
	unsigned turns;   /* after which something came */
	unsigned whole;   /* of these: with an echo as it was sent */
	unsigned damaged; /* and with one that was not */
};

struct link {
	const struct link_ops *ops;
	char port[LINK_WHY_MAX]; /* as -p takes it, in full */
	uint32_t baud;           /* of the line; 0: as fast as it goes */
	uint32_t latency_ms; /* of adapters on the way, both ways together */
	uint32_t baud_top;   /* the rate may be raised to, by agreement; or 0 */
	bool half_duplex;    /* one end talks at a time */
	bool powered;        /* DTR and RTS feed the probe */
	struct link_echoes echoes;
};

/*
 * Opens a port as collarctl(1) names them.  On failure *link stays as it was
 * and why (LINK_WHY_MAX bytes) tells what happened: E_USAGE (not a port),
 * E_NO_COLLAR (not there), E_PORT_BUSY, E_PORT_PERMISSION, E_IO,
 * E_NO_ANSWER (it does not say in time who it is).
 */
int link_open(struct link **link, const char *port, char *why);

/* The transport of a port, "serial" of "/dev/ttyUSB0", whether or not there is
 * one; NULL: no port, though it may be the name of one in the configuration. */
const char *link_transport(const char *port);

/* Closes it and sets *link to NULL; NULL is accepted. */
void link_close(struct link **link);

/*
 * Reads at least one byte, at most cap, waiting until *ms have passed, from
 * which the time it took is taken off.  Returns the number of bytes, 0 when the
 * time is up, E_IO when the link is gone, E_INTERRUPTED on ^C.
 */
int link_read(struct link *link, uint8_t *buf, size_t cap, int *ms);

/* Writes all len bytes.  E_OK, E_IO, E_NO_ANSWER (too late), E_INTERRUPTED. */
int link_write(struct link *link, const uint8_t *buf, size_t len, int *ms);

/*
 * After E_IO: opens it anew if what it led to comes back within *ms, which is
 * taken off, as a unit on USB does that restarts.  E_OK, E_IO, E_INTERRUPTED.
 */
int link_again(struct link *link, int *ms);

/* Lets time pass: real, or the virtual collar's.  E_OK or E_INTERRUPTED. */
int link_wait(struct link *link, uint32_t ms);

/* Monotonic time in ms, and UTC in ms, as this end of the link has them: for a
 * virtual collar the time of its world. */
uint64_t link_now_ms(struct link *link);
uint64_t link_now_utc_ms(struct link *link);

/*
 * Sets the rate of the line, which must be quiet both ways, and link->baud.
 * E_OK, or E_IO: it has no such rate, or none at all.
 */
int link_set_baud(struct link *link, uint32_t baud);

/* ms that len bytes take on the line, rounded up; 0 if it is not paced. */
uint32_t link_line_ms(const struct link *link, size_t len);

/* Set by the signals of stop.h; every call that waits ends with
 * E_INTERRUPTED. */
extern volatile int link_interrupted;

/* A serial port that the system knows, for `list`. */
struct serial_port {
	char port[LINK_WHY_MAX]; /* as -p takes it */
	bool usb;
	uint16_t vid, pid;
	char serial[64], product[64]; /* of the adapter, "" if unknown */
	char by_path[LINK_WHY_MAX];   /* below /dev/serial/by-path, or "" */
};

/* Calls each(port, ctx) for every serial port, none of which it opens; E_OK,
 * E_INTERNAL (out of memory) or each's failure. */
int serial_ports(int (*each)(const struct serial_port *, void *), void *ctx);

/* What the optical probe is called that the port's adapter is known to be;
 * NULL: an adapter that may have anything behind it. */
const char *serial_probe(const struct serial_port *port);

/*
 * The file behind a port, "/dev/ttyUSB0" of "optical:/dev/ttyUSB0@9600", into
 * path (LINK_WHY_MAX bytes).  False if a port of its kind has none.
 */
bool link_device(const char *port, char *path);

/* Are they the same file, be it by links? */
bool link_same_file(const char *path, const char *other);

/* The group that may use the file at path, where it is not everybody: its name,
 * cut to cap.  False if there is none, or the file is not there. */
bool device_group(const char *path, char *name, size_t cap);

/* A collar on USB, or what has its interface and cannot be looked at. */
struct usb_collar {
	char port[LINK_WHY_MAX]; /* "usb:SERIAL"; "usb" if that is not known */
	char node[32];           /* of the system, for device_holder */
	uint8_t bus, address;    /* as lsusb(8) has them */
	uint16_t vid, pid;
	char serial[64], product[64]; /* "" if they could not be read */
	int err;                      /* E_OK, or as link_open would fail */
	char why[LINK_WHY_MAX];       /* with err: what happened */
};

/*
 * Calls each(collar, ctx) for every collar on USB, without disturbing whoever
 * uses it.  Takes 0.2 s for one that does not answer.  E_OK, also where there
 * is no USB; E_INTERRUPTED, E_INTERNAL or each's failure.
 */
int usb_collars(int (*each)(const struct usb_collar *, void *), void *ctx);

/* Notices what is plugged in and unplugged, collars and adapters of serial
 * ports alike; it hears of what happens while it is open. */
struct plug_watch;

/* E_OK, E_NO_COLLAR where the system tells nobody, E_INTERNAL. */
int plug_watch_open(struct plug_watch **watch);

/*
 * Waits until something was plugged in or unplugged and the system has come to
 * rest with it, or *ms have passed, which are taken off.  Returns 1, 0 when the
 * time is up, E_INTERRUPTED, E_IO.
 */
int plug_watch_wait(struct plug_watch *watch, int *ms);

/* Ends it and sets *watch to NULL; NULL is accepted. */
void plug_watch_close(struct plug_watch **watch);

/* The driver that the system has for the terminal at path, such as "ftdi_sio",
 * cut to cap.  False if there is no hardware behind it, or it is not there. */
bool device_driver(const char *path, char *name, size_t cap);

enum { PROCESS_NAME_LEN = 32 };

/* Another program that has a device open. */
struct device_holder {
	char name[PROCESS_NAME_LEN];
	int pid;
};

/* The name of a process, "?" if it may not be known.  Returns name. */
char *process_name(int pid, char name[PROCESS_NAME_LEN]);

/* Who has the device at path open; false if nobody, or it may not be known. */
bool device_holder(const char *path, struct device_holder *holder);

/* Version of libserialport; that of libusb into text. */
const char *link_library_version(void);
void link_usb_version(char *text, size_t cap);

#endif
