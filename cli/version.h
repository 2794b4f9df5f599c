/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CLI_VERSION_H
#define CLI_VERSION_H

#define COLLARCTL_VERSION "0.1.0"

/* Of GNU readline, NULL if it was left out. */
const char *shell_readline_version(void);

#endif
