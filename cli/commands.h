/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CLI_COMMANDS_H
#define CLI_COMMANDS_H

/* Every command, one per file in cli/cmd; commands[] is their order in help. */

#include "command.h"

extern const struct command cmd_clock;
extern const struct command cmd_completion;
extern const struct command cmd_data;
extern const struct command cmd_decode;
extern const struct command cmd_doctor;
extern const struct command cmd_events;
extern const struct command cmd_explain;
extern const struct command cmd_get;
extern const struct command cmd_help;
extern const struct command cmd_info;
extern const struct command cmd_lcd;
extern const struct command cmd_list;
extern const struct command cmd_outcome;
extern const struct command cmd_provision;
extern const struct command cmd_relay;
extern const struct command cmd_set;
extern const struct command cmd_shell;
extern const struct command cmd_sim;
extern const struct command cmd_status;
extern const struct command cmd_test;
extern const struct command cmd_unprovision;
extern const struct command cmd_version;

#endif
