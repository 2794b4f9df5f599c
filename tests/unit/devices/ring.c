/* SPDX-License-Identifier: BSD-2-Clause */

/* A ring of sectors keeps to its bounds, whoever uses it. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../../../devices/collar/ring.h"
#include "../../support/nor.h"

enum { SECTORS = 3, MAGIC = 0x474e4952 };

static const struct flash_geometry geometry = { 1024, 8, 2, SECTORS, 2 };

static struct nor nor;
static struct ring ring;

static int
setup(void **state)
{
	(void)state;
	nor_make(&nor, &geometry);
	ring_mount(&ring, &nor.board, FLASH_EVENTS, MAGIC);

	return 0;
}

static bool
grow(uint32_t first)
{
	uint32_t at;

	return ring_prepare(&ring, &nor.board, &at) &&
	    ring_advance(&ring, &nor.board, first);
}

static void
a_full_ring_takes_no_sector_that_is_in_use(void **state)
{
	unsigned erases;

	(void)state;
	for (uint32_t i = 0; i < SECTORS; i++)
		assert_true(grow(10 * i));
	erases = nor.erases;
	assert_int_equal(ring_free(&ring), 0);
	assert_false(grow(30));
	assert_int_equal(ring.used, SECTORS);
	assert_int_equal(nor.erases, erases);
	assert_true(ring_drop_oldest(&ring, &nor.board));
	assert_true(grow(30));
	assert_int_equal(ring.first, 30);
}

static void
the_head_is_never_dropped(void **state)
{
	struct ring_header header;

	(void)state;
	assert_false(ring_drop_oldest(&ring, &nor.board));
	assert_true(grow(7));
	assert_false(ring_drop_oldest(&ring, &nor.board));
	assert_int_equal(ring.used, 1);
	assert_true(ring_read_header(&ring, &nor.board, 0, &header));
	assert_int_equal(header.first, 7);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(
		    a_full_ring_takes_no_sector_that_is_in_use, setup),
		cmocka_unit_test_setup(the_head_is_never_dropped, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
