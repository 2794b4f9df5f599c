/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What cppcheck must know of Jansson to read its loops; it does not look into
 * system headers.
 */
#define json_array_foreach(array, index, value) \
	for (index = 0; index < json_array_size(array) && \
	     (value = json_array_get(array, index)); \
	     index++)
#define json_object_foreach(object, key, value) \
	for (key = json_object_iter_key(object); \
	     key && (value = json_object_get(object, key)); key = 0)
