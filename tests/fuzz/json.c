/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * The file of `provision --from`, read by the command itself, which then finds
 * that its collar is not there.
 */

#define _GNU_SOURCE /* memfd_create */

#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "support/feed.h"
#include "support/screen.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static char name[] = "provision", from[] = "--from";
	struct ctx ctx = { .port = "nowhere" };
	int file = memfd_create("unit.json", 0), err;
	char path[32];
	char *const argv[] = { name, from, path, NULL };

	must(file >= 0 && write(file, data, len) == (ssize_t)len);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", file);
	err = screen_run(&ctx, 3, argv);
	/* bad data is said to be; else it is the port that is wrong */
	must(err == E_BAD_DATA ||
	    (err == E_USAGE && strncmp(ctx.failure.what, "'nowhere'", 9) == 0));
	close(file);
	ctx_close(&ctx);

	return 0;
}
