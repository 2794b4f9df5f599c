/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef DEVICES_BOARD_H
#define DEVICES_BOARD_H

/*
 * All that the handler in devices/collar asks of the world.  A board gives one
 * const struct board_ops and a pointer of its own; every effect of the handler
 * goes through here.  Bytes of the link and the passing of time reach the
 * handler by the calls in collar/collar.h.  No call may block for longer than
 * it says, none may call back into the handler.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { SECRET_LEN = 32, HARDWARE_ID_MIN = 8, HARDWARE_ID_MAX = 16 };

/*
 * Flash: program only clears bits, no write unit is programmed twice between
 * erases, an erase sets a whole sector to 0xff.  The sectors are handed out to
 * three users in this order.
 */
struct flash_geometry {
	uint32_t sector_len;    /* bytes; a multiple of 1024 */
	uint32_t write_unit;    /* bytes, 1 to 32; what program aligns to */
	uint16_t store_sectors; /* record and other state; at least 2 */
	uint16_t event_sectors; /* at least 2 */
	uint16_t data_sectors;  /* interval data; at least 2 */
};

/* What the world looks like now; the handler reads it on every tick. */
struct board_inputs {
	bool utility; /* line power is present */
	bool breaker_shut;
	bool flipped;    /* the unit hangs upside down */
	bool relay_shut; /* feedback of the relay's contact */
	bool service_jumper;
	bool power_fail;         /* hold-up is running out: save now */
	bool metering_ok;        /* the values below are measured */
	uint16_t grid_dv;        /* grid side, line to line, 0.1 V */
	uint16_t der_dv;         /* DER side of the relay, 0.1 V */
	uint16_t frequency_chz;  /* 0.01 Hz */
	uint32_t current_ca;     /* 0.01 A */
	int32_t active_power_cw; /* 10 mW, positive while the DER produces */
	int32_t reactive_power_cvar; /* 10 mvar, positive: supplies vars */
	int16_t temperature_df;      /* 0.1 degrees Fahrenheit */
	bool modem_active;           /* activated with its carrier */
	bool modem_registered;       /* with the cellular network */
};

/* What the modem is asked to do with the head-end. */
enum uplink_job { UPLINK_NONE, UPLINK_REGISTER, UPLINK_REPORT, UPLINK_UPDATE };
enum uplink_result { UPLINK_IDLE, UPLINK_BUSY, UPLINK_DONE, UPLINK_FAILED };

/* Identity of the modem; empty strings if there is none. */
struct modem_identity {
	char imei[16], sim[21], ip[40];
};

enum { GLASS_LEN = 16 };

/* The glass: text on seven segments and its icons. */
struct glass {
	char text[GLASS_LEN + 1];
	bool blank; /* not lit: nothing to be seen */
	bool thumbs_up, arrow, skull;
	bool all_segments; /* test mode: everything lit */
};

struct board_ops {
	/* Reads len bytes at offset `at`; false if the flash fails. */
	bool (*flash_read)(void *board, uint32_t at, void *buf, size_t len);

	/*
	 * Programs whole write units; `at` and len are multiples of the unit.
	 * False if the flash refuses or does not read back.  A power cut inside
	 * leaves some of the bits programmed.
	 */
	bool (*flash_program)(
	    void *board, uint32_t at, const void *buf, size_t len);

	/* Erases one sector, by number; typically 45 ms, at worst 400 ms. */
	bool (*flash_erase)(void *board, uint32_t sector);

	void (*inputs)(void *board, struct board_inputs *in);

	/* Pulses the latching relay; its feedback follows within 100 ms. */
	void (*relay_drive)(void *board, bool shut);

	/* What the glass is to show; called when it changes. */
	void (*glass)(void *board, const struct glass *glass);

	/* Starts a job, giving up one that runs; its state is polled. */
	void (*uplink_start)(void *board, enum uplink_job job);
	enum uplink_result (*uplink_poll)(void *board);
	void (*modem_identity)(void *board, struct modem_identity *id);

	/*
	 * The battery-backed wall clock in milliseconds since 1970, UTC; false
	 * if it has lost power since it was last set.
	 */
	bool (*wall_get)(void *board, uint64_t *utc_ms);
	void (*wall_set)(void *board, uint64_t utc_ms);

	/* Identity of the chip; returns its length, 8 to 16. */
	size_t (*hardware_id)(void *board, uint8_t id[HARDWARE_ID_MAX]);

	void (*random)(void *board, uint8_t *buf, size_t len);

	/* HMAC-SHA-256 (RFC 2104, FIPS 180-4). */
	void (*hmac)(void *board, const uint8_t key[SECRET_LEN],
	    const uint8_t *msg, size_t len, uint8_t mac[SECRET_LEN]);

	/*
	 * Sets the line to one of bauds, both ways, once the last stop bit of
	 * all that collar_transmit has given out has gone; what it gives out
	 * afterwards goes at the new rate.  Returns at once.  A board without
	 * bauds has no need of it.
	 */
	void (*baud_set)(void *board, uint32_t baud);
};

struct board {
	const struct board_ops *ops;
	void *self; /* handed to every call */
	struct flash_geometry flash;
	uint32_t capabilities; /* bits of proto/hello.h */
	/* of a line with a rate (an UART): all that it can be set to,
	 * ascending, 0 ends; and the one of them it begins with.  NULL: USB, a
	 * socket */
	const uint32_t *bauds;
	uint32_t baud;
};

#endif
