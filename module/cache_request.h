/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MMBOX_CACHE_REQUEST_H
#define MMBOX_CACHE_REQUEST_H

#include <uapi/linux/mmbox.h>

struct mmbox_file;

int mmbox_request_cache_create(struct mmbox_file *mf,
			       const struct mmbox_ioc_cache_create *req);
int mmbox_request_cache_destroy(struct mmbox_file *mf,
				const struct mmbox_ioc_cache *req);
int mmbox_request_cache_shrink(struct mmbox_file *mf,
			       const struct mmbox_ioc_cache *req);
int mmbox_request_cache_tune(struct mmbox_file *mf,
			     const struct mmbox_ioc_cache_tune *req);
int mmbox_request_cache_debug(struct mmbox_file *mf,
			      const struct mmbox_ioc_cache_debug *req);
int mmbox_request_slab_alloc(struct mmbox_file *mf,
			     struct mmbox_ioc_slab_alloc *req);

#endif /* MMBOX_CACHE_REQUEST_H */
