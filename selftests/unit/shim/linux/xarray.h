/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SHIM_LINUX_XARRAY_H
#define SHIM_LINUX_XARRAY_H

/* Boxes have one, which nothing here touches. */
struct xarray {
	void *unused;
};

#endif /* SHIM_LINUX_XARRAY_H */
