/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef FAULTS_LINE_H
#define FAULTS_LINE_H

/*
 * A line between two ends in virtual time: bytes take as long as its speed
 * says, and one fault happens to one of them, or to one frame.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum way { TO_COLLAR, TO_HOST, WAYS };

enum fault_kind {
	FAULT_NONE,
	/* to the byte numbered `at` */
	FAULT_FLIP, /* its bits in `with` */
	FAULT_DROP,
	FAULT_DOUBLE,
	FAULT_INSERT, /* the byte `with` comes behind it */
	/* when that byte has arrived */
	FAULT_CUT,       /* nothing passes any more, either way */
	FAULT_HANG_UP,   /* the host's port ends */
	FAULT_RESTART,   /* the collar restarts */
	FAULT_POWER,     /* its power goes, and comes back after a while */
	FAULT_KILL,      /* the host's program dies */
	FAULT_INTERRUPT, /* somebody presses ^C */
	/* to the frame numbered `at` */
	FAULT_LATE, /* by LATE_MS[with] */
	FAULT_TWICE,
	FAULT_LOST,
	/* in the collar's flash operation numbered `at`, from 1 */
	FAULT_FLASH,
	/* all the time: one bit in NOISE_BITS is flipped, which is drawn from
	 * the seed `with` */
	FAULT_NOISE,
	/* on USB, to the packet numbered `at` */
	FAULT_STALL,  /* the pipe is halted instead */
	FAULT_GARBLE, /* the host's controller gives it up (-EPROTO) */
	FAULT_BABBLE, /* it is longer than there is room for (-EOVERFLOW) */
	FAULT_MUTE,   /* for MUTE_MS nothing moves */
	FAULT_NO_ZLP, /* the first empty packet to the host is lost */
	FAULT_UNPLUG, /* before it moved, or when it has */
	FAULT_REPLUG, /* the same, and it is plugged in again soon */
	FAULT_KINDS,
};

/* What a kind of fault does. */
enum {
	RESTARTS = 1, /* the collar */
	SEVERS = 2,   /* the host from the collar, for good */
	KINDRED = 4,  /* ends as another kind does: tried at some bytes, where
		       * not all is run */
	LASTS = 8,    /* and may strike the repeats too */
};

enum { NOISE_BITS = 10000, MUTE_MS = 700 };

struct fault_row {
	const char *name;
	enum {
		PER_RUN,
		PER_SEED,
		PER_BYTE,
		PER_FRAME,
		PER_FLASH,
		PER_PACKET
	} per;
	uint8_t variants; /* values of `with` */
	unsigned does;
};

extern const struct fault_row fault_rows[FAULT_KINDS];

struct fault {
	enum fault_kind kind;
	enum way way;
	unsigned at;
	uint8_t with; /* which variant */
};

/* "KIND,WAY,AT,WITH", as the options of the runners take it.  Returns name. */
enum { FAULT_NAME_LEN = 64 };
const char *fault_name(struct fault fault, char name[FAULT_NAME_LEN]);

enum { LANE_CAP = 1 << 16 };

struct lane {
	uint8_t bytes[LANE_CAP];
	uint64_t due_us[LANE_CAP]; /* when each has arrived */
	size_t head, tail;
	uint64_t free_us; /* when the next byte can set out */
	uint64_t late_us; /* that what sets out now is late */
	unsigned count;   /* bytes that set out so far */
	unsigned frames;  /* and frames, the one under way included */
	bool in_frame;
	uint8_t frame[2048]; /* the one under way, for FAULT_TWICE */
	size_t frame_len;
	/* bytes that arrive before the one that the fault waits for; -1: it
	 * is not under way */
	long until_fault;
};

struct line {
	uint32_t baud; /* 0: as fast as it goes */
	struct fault fault;
	bool cut;
	uint64_t random; /* of FAULT_NOISE */
	struct lane lanes[WAYS];
};

/* The next of a row of numbers that look random (splitmix64): *state is the
 * seed, and where it has come to. */
uint64_t random_next(uint64_t *state);

/* A line that is whole, with one fault to come. */
void line_make(struct line *line, uint32_t baud, struct fault fault);

/* A byte sets out. */
void line_put(struct line *line, enum way way, uint8_t byte, uint64_t now_us);

/* Could a byte set out at once? */
bool line_free(const struct line *line, enum way way, uint64_t now_us);

/* When the next byte arrives; UINT64_MAX if none is under way. */
uint64_t line_due_us(const struct line *line, enum way way);

/*
 * Takes the next byte if it has arrived.  *struck is set when the fault that
 * waited for it is to happen now.
 */
bool line_take(struct line *line, enum way way, uint64_t now_us, uint8_t *byte,
    bool *struck);

/* Nothing passes any more; what is under way is lost. */
void line_cut(struct line *line);

#endif
