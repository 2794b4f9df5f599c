/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CMD_PROMPT_H
#define CMD_PROMPT_H

/* A person's line in the shell: GNU readline, or a plain prompt without it. */

#include "../config.h"

/*
 * Loads the history, sets completion up; its counterpart keeps the history.
 * The configuration is borrowed until then.  idle_does(ctx) is called some
 * times a second while nobody types; a plain prompt does not call it.
 */
void prompt_open(
    const struct config *config, void (*idle_does)(void *ctx), void *ctx);
void prompt_close(void);

/* The line typed, the caller's to free; NULL at the end of the input. */
char *prompt_read(const char *prompt);

#endif
