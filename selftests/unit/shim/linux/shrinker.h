/* SPDX-License-Identifier: GPL-2.0 */
/* What compat.h says of shrinkers compiles; nothing of it is used. */
#ifndef SHIM_LINUX_SHRINKER_H
#define SHIM_LINUX_SHRINKER_H

struct shrinker {
	void *private_data;
};

struct shrinker *shrinker_alloc(unsigned int flags, const char *fmt, ...);
void shrinker_register(struct shrinker *shrinker);
void shrinker_free(struct shrinker *shrinker);

#endif /* SHIM_LINUX_SHRINKER_H */
