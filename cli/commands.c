/* SPDX-License-Identifier: BSD-2-Clause */

#include "commands.h"

const struct command *const commands[] = {
	&cmd_list,
	&cmd_doctor,
	&cmd_info,
	&cmd_status,
	&cmd_lcd,
	&cmd_get,
	&cmd_data,
	&cmd_events,
	&cmd_clock,
	&cmd_provision,
	&cmd_set,
	&cmd_unprovision,
	&cmd_outcome,
	&cmd_relay,
	&cmd_test,
	&cmd_explain,
	&cmd_decode,
	&cmd_sim,
	&cmd_shell,
	&cmd_help,
	&cmd_version,
	&cmd_completion,
	NULL,
};
