/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * A virtual collar whose files have been damaged on disk.  The input says what
 * is done to the files of a sound one; it is then refused, or it lives: it
 * ticks, answers, and can be opened again.
 */

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "../../devices/virtual/flash.h"
#include "../../devices/virtual/virtual.h"
#include "../../proto/errors.h"
#include "../../proto/frame.h"
#include "support/feed.h"
#include "support/scratch.h"

int __wrap_clock_gettime(clockid_t clock, struct timespec *now);

enum { NEWS_MAX = 200, MINUTE_MS = 60000 };

struct kept_file {
	const char *name;
	uint8_t *bytes, *now;
	size_t len, now_len;
};

static struct kept_file files[] = { { .name = "a/settings" },
	{ .name = "a/flash" }, { .name = "a/fixture" }, { .name = "a/ram" } };

/* The computer's clock stands still: what is found can be found again. */
int
__wrap_clock_gettime(clockid_t clock, struct timespec *now)
{
	(void)clock;
	*now = (struct timespec){ .tv_sec = 1795273200 };

	return 0;
}

static void
ask(struct virtual_collar *collar, enum op_code op)
{
	uint8_t payload[PAYLOAD_FIRST_MAX],
	    line[FRAME_LINE_LEN(PAYLOAD_FIRST_MAX)], answer[512];
	struct cbor_out out = cbor_writer(payload, sizeof(payload));
	static uint32_t seq;
	size_t len;

	envelope_begin(&out, DIR_REQUEST, ++seq, op, false);
	cbor_put_map(&out, 0);
	len =
	    frame_encode(line, sizeof(line), payload, cbor_len(&out, payload));
	virtual_receive(collar, line, len);
	while (virtual_transmit(collar, answer, sizeof(answer)) > 0)
		;
}

static void
live(struct virtual_collar *collar)
{
	ask(collar, OP_INFO);
	ask(collar, OP_STATUS);
	ask(collar, OP_DATA_INFO);
	ask(collar, OP_EVENTS_INFO);
	virtual_advance(collar, MINUTE_MS);
	ask(collar, OP_STATUS);
}

static int
open_it(struct virtual_collar **collar, bool make)
{
	char why[VIRTUAL_WHY_MAX] = "";
	int err = virtual_open(
	    collar, "a", make ? "history=1h,seed=1" : "", make, why);

	must((err == E_OK) == (*collar != NULL));
	must(err == E_OK || why[0] != '\0');

	return err;
}

/* The sound one, made once; its files are kept in memory. */
static void
prepare(void)
{
	struct virtual_collar *collar = NULL;

	setenv("COLLARCTL_SIM_DIR", scratch_path(), 1);
	must(open_it(&collar, true) == E_OK);
	live(collar);
	virtual_close(&collar);
	for (size_t i = 0; i < nitems(files); i++) {
		files[i].bytes = scratch_read(files[i].name, &files[i].len);
		files[i].now = malloc(files[i].len + NEWS_MAX);
		must(files[i].now != NULL);
	}
}

/* Begins with the sound ones again. */
static void
restore(void)
{
	for (size_t i = 0; i < nitems(files); i++) {
		memcpy(files[i].now, files[i].bytes, files[i].len);
		files[i].now_len = files[i].len;
	}
}

/*
 * A place in a file: of the flash mostly the beginning of a sector that is
 * written, which is where something stands.
 */
static size_t
place(struct feed *feed, const struct kept_file *file)
{
	size_t at = feed_byte(feed);

	at = at << 8 | feed_byte(feed);
	if (file->len == FLASH_LEN)
		at = at % 128 + (at / 128 % 48) * FLASH_SECTOR_LEN;

	return at % file->len;
}

static void
damage(struct feed *feed)
{
	struct kept_file *file = &files[feed_below(feed, nitems(files))];
	size_t at, len;
	const uint8_t *news;

	switch (feed_below(feed, 4)) {
	case 0: /* cut short */
		file->now_len = place(feed, file);
		return;
	case 1: /* grown */
		news = feed_bytes(feed, NEWS_MAX, &len);
		memcpy(file->now + file->len, news, len);
		file->now_len = file->len + len;
		return;
	default: /* other bytes in the middle */
		at = place(feed, file);
		news = feed_bytes(feed, NEWS_MAX, &len);
		if (len > file->len - at)
			len = file->len - at;
		memcpy(file->now + at, news, len);
	}
}

static void
put_files(void)
{
	for (size_t i = 0; i < nitems(files); i++)
		scratch_write(files[i].name, files[i].now, files[i].now_len);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct feed feed = feed_of(data, len);
	struct virtual_collar *collar = NULL;
	char value[VIRTUAL_WHY_MAX], why[VIRTUAL_WHY_MAX];

	if (files[0].bytes == NULL)
		prepare();
	restore();
	while (!feed_is_empty(&feed))
		damage(&feed);
	put_files();
	virtual_peek("a", "seed", value, sizeof(value), why);
	if (open_it(&collar, false) != E_OK)
		return 0;
	live(collar);
	virtual_power_cut(collar);
	live(collar);
	virtual_close(&collar);
	must(open_it(&collar, false) == E_OK);
	virtual_close(&collar);

	return 0;
}
