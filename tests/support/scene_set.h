/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SUPPORT_SCENE_SET_H
#define SUPPORT_SCENE_SET_H

/* The scene of a test program, and the fixture that makes it anew. */

#include "scene.h"

extern struct scene scene;

int scene_set(void **state);

#endif
