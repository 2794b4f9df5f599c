/* SPDX-License-Identifier: BSD-2-Clause */

#include "scene_set.h"

struct scene scene;

int
scene_set(void **state)
{
	(void)state;
	scene_make(&scene);

	return 0;
}
