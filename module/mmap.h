/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MMBOX_MMAP_H
#define MMBOX_MMAP_H

struct mmbox_file;
struct vm_area_struct;

int mmbox_mmap(struct mmbox_file *file, struct vm_area_struct *vma);

#endif /* MMBOX_MMAP_H */
