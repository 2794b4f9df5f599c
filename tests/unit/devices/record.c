/* SPDX-License-Identifier: BSD-2-Clause */

/* What may be written to the record, and what follows from it. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "../../../devices/collar/state.h"
#include "../../../proto/record.h"
#include "../../support/talk.h"

#define CHANGED(seq, flag) "84 01" seq "00 a2 01" flag "02 00"
/* set {model "S-B-5-02-IH-10-60A"}; its modem is of Ethernet and cellular */
#define SET_MODEL(seq, id) \
	"84 00" seq "10 a4 03 72" \
	"532d422d352d30322d49482d31302d363041" HEADER(id)

static void
an_hour_is_a_whole_number_of_sample_intervals(void **state)
{
	/* sample_minutes 7, then 20 */
	ask(*state, "84 00 01 10 a4 06 07" HEADER("0001"),
	    "84 01 01 05 a1 01 06");
	ask(*state, "84 00 02 10 a4 06 14" HEADER("0002"), CHANGED("02", "f5"));
}

static void
the_model_of_another_kind_of_collar_is_refused(void **state)
{
	/* model "C-B-5-22-60", a solar collar */
	ask(*state,
	    "84 00 01 10 a4 03 6b 432d422d352d32322d3630" HEADER("0001"),
	    "84 01 01 05 a1 01 03");
}

static void
a_refused_record_is_not_provisioned(void **state)
{
	ask(*state, "84 00 01 11 a4 06 07" HEADER("0001"),
	    "84 01 01 05 a1 01 06");
}

static void
a_modem_type_given_with_the_model_is_taken(void **state)
{
	struct ram_board *board = *state;

	/* the same with comms_type cellular */
	ask(board,
	    "84 00 01 10 a5 03 72 532d422d352d30322d49482d31302d363041"
	    "17 01" HEADER("0001"),
	    CHANGED("01", "f5"));
	assert_int_equal(board->collar->record.comms_type, COMMS_CELLULAR);
}

static void
a_model_with_a_cellular_modem_brings_its_type(void **state)
{
	struct ram_board *board = *state;

	ask(board, SET_MODEL("01", "0001"), CHANGED("01", "f5"));
	assert_int_equal(
	    board->collar->record.comms_type, COMMS_ETHERNET_CELLULAR);
	/* model "S-B-5-02-JC-10-60A" */
	ask(board,
	    "84 00 02 10 a4 03 72"
	    "532d422d352d30322d4a432d31302d363041" HEADER("0002"),
	    CHANGED("02", "f5"));
	assert_int_equal(board->collar->record.comms_type, COMMS_CELLULAR);
}

static void
the_model_it_has_already_leaves_the_modem_as_it_is(void **state)
{
	struct ram_board *board = *state;

	ask(board, SET_MODEL("01", "0001"), CHANGED("01", "f5"));
	ask(board, "84 00 02 10 a4 17 01" HEADER("0002"), CHANGED("02", "f5"));
	/* the model as it is, and report_minutes 30 */
	ask(board,
	    "84 00 03 10 a5 03 72 532d422d352d30322d49482d31302d363041"
	    "07 181e" HEADER("0003"),
	    CHANGED("03", "f5"));
	assert_int_equal(board->collar->record.comms_type, COMMS_CELLULAR);
}

static void
a_record_written_without_a_clock_has_no_dates(void **state)
{
	struct ram_board *board = *state;

	board->wall_lost = true;
	ask(board, SET_MODEL("01", "0001"), CHANGED("01", "f5"));
	assert_false(HAS(&board->collar->record, RECORD_CREATED_AT));
	assert_false(HAS(&board->collar->record, RECORD_UPDATED_AT));
	board->wall_lost = false;
	ask(board, "84 00 02 10 a4 06 14" HEADER("0002"), CHANGED("02", "f5"));
	assert_true(HAS(&board->collar->record, RECORD_CREATED_AT));
	assert_true(HAS(&board->collar->record, RECORD_UPDATED_AT));
}

static void
no_modem(void *self, struct modem_identity *id)
{
	(void)self;
	memset(id, 0, sizeof(*id));
}

static void
a_unit_whose_modem_is_gone_tells_no_identity_of_it(void **state)
{
	struct ram_board *board = *state;
	struct board_ops without = *board->board.ops;

	assert_true(HAS(&board->collar->record, RECORD_IMEI));
	without.modem_identity = no_modem;
	board->board.ops = &without;
	record_refresh(board->collar);
	assert_false(HAS(&board->collar->record, RECORD_IMEI));
	assert_false(HAS(&board->collar->record, RECORD_SIM));
	assert_false(HAS(&board->collar->record, RECORD_IP));
	assert_string_equal(board->collar->record.imei, "");
}

/* The roles below the factory come with sessions: the handler's own rule. */
static void
serial_and_model_are_the_factorys_while_there_are_no_keys(void **state)
{
	struct ram_board *board = *state;
	struct collar *collar = board->collar;
	struct unit_record *record = &collar->args.record.record;
	struct store_item keys = { STORE_KEYS, 3, "key" };

	*record = (struct unit_record){ .serial = "A1" };
	HAVE(record, RECORD_SERIAL);
	collar->request.role = ROLE_ADMIN;
	assert_int_equal(record_check(collar), ST_NOT_PERMITTED);
	assert_int_equal(collar->detail.field, RECORD_SERIAL);
	collar->request.role = ROLE_FACTORY;
	assert_int_equal(record_check(collar), ST_OK);
	assert_true(store_commit(&collar->store, &board->board, &keys, 1));
	assert_int_equal(record_check(collar), ST_NOT_PERMITTED);
}

#define UNIT(test) \
	cmocka_unit_test_setup_teardown(test, unit_greeted, unit_down)

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		UNIT(an_hour_is_a_whole_number_of_sample_intervals),
		UNIT(the_model_of_another_kind_of_collar_is_refused),
		UNIT(a_refused_record_is_not_provisioned),
		UNIT(a_modem_type_given_with_the_model_is_taken),
		UNIT(a_model_with_a_cellular_modem_brings_its_type),
		UNIT(the_model_it_has_already_leaves_the_modem_as_it_is),
		UNIT(a_record_written_without_a_clock_has_no_dates),
		UNIT(a_unit_whose_modem_is_gone_tells_no_identity_of_it),
		UNIT(serial_and_model_are_the_factorys_while_there_are_no_keys),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
