/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LINK_LOCKFILE_H
#define LINK_LOCKFILE_H

/*
 * Lock files of serial devices, as other programs look for and leave them:
 * LCK..DEVICE, holding the process in ten characters and a newline (Filesystem
 * Hierarchy Standard 3.0, 5.9).  Private to cli/link.
 */

#include "link.h"

/* Where they are. */
#define LOCKFILE_FOLDER "/var/lock"

/*
 * Leaves one in folder for the device at path; one whose process is dead is
 * taken over.  lock, of LINK_WHY_MAX bytes, becomes its path; "" if none could
 * be made there (no such folder, no permission), which is no error.  Returns 0;
 * or EBUSY with *pid, the live process that holds it, 0 if the file does not
 * tell.
 */
int lockfile_take(
    const char *folder, const char *device, char lock[LINK_WHY_MAX], int *pid);

/* Takes it away again, if it is still ours; "" is accepted. */
void lockfile_drop(const char *lock);

#endif
