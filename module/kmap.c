// SPDX-License-Identifier: GPL-2.0
/*
 * Slots for pages that have no address of their own: those of zone HighMem.
 * Any other page has one, and is "mapped" there.
 *
 * kmap() has a number of slots that all CPUs share. A page that nobody uses any
 * more stays in its slot, where the next kmap() finds it; when slots run out all
 * such pages are taken out, and one shootdown makes all CPUs forget them.
 *
 * kmap_local() has slots of each CPU, and the task stays on that CPU. So it is
 * enough that this CPU forgets what was there, which it does when its slots run
 * out. Preemption stays on: several tasks may have slots of one CPU. Each has to
 * give back its own in the reverse order.
 *
 * Each slot is followed by a page where nothing is ever mapped.
 */
#include <linux/bitmap.h>
#include <linux/hashtable.h>
#include <linux/highmem.h>
#include <linux/mutex.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/wait.h>

#include "internal.h"
#include "kmap.h"
#include "section.h"
#include "vmap.h"

#define NR_SLOTS	MMBOX_KMAP_SLOTS
#define NR_LOCAL	MMBOX_KMAP_LOCAL
#define STRIDE		2UL	/* pages: the slot, and what guards it */
#define NO_PFN		ULONG_MAX

static_assert(NR_LOCAL <= BITS_PER_LONG);

/**
 * struct mmbox_kslot - a slot that all share
 * @link:  in the table of pages, if it has one
 * @pfn:   the page, or NO_PFN
 * @users: calls of kmap() for it that were not undone
 * @stale: it was emptied, and waits for the shootdown
 */
struct mmbox_kslot {
	struct hlist_node link;
	unsigned long pfn;
	unsigned int users;
	bool stale;
};

/**
 * struct mmbox_klocal - a slot of a CPU
 * @owner: the task that has it, or the interrupt: see local_owner()
 * @pfn:   the page
 * @seq:   when it was taken, counted on that CPU
 */
struct mmbox_klocal {
	const void *owner;
	unsigned long pfn;
	unsigned long seq;
};

/**
 * struct mmbox_kmap_cpu - the slots of a CPU
 * @slot:  the slots
 * @used:  bits of those that somebody has
 * @stale: bits of those that were emptied; the CPU may remember what was there
 * @seq:   how many have been taken so far
 *
 * Changed by that CPU only, with interrupts off.
 */
struct mmbox_kmap_cpu {
	struct mmbox_klocal slot[NR_LOCAL];
	unsigned long used;
	unsigned long stale;
	unsigned long seq;
};

/**
 * struct mmbox_kmap - the slots of a box
 * @setup:     mutex: guards making and unmaking them
 * @ready:     they are there
 * @first:     number of the first page: of the shared slots, then those of each
 *	       CPU; set before @ready
 * @cpu:       what each CPU has
 * @lock:      spinlock: guards what follows
 * @slot:      shared slots
 * @pages:     those that have a page, by its number
 * @wait:      who waits for a slot
 * @nr_busy:   slots in use
 * @flushing:  somebody makes slots clean
 */
struct mmbox_kmap {
	struct mutex setup;
	bool ready;
	unsigned long first;
	struct mmbox_kmap_cpu __percpu *cpu;

	spinlock_t lock;
	struct mmbox_kslot slot[NR_SLOTS];
	DECLARE_HASHTABLE(pages, 6);
	wait_queue_head_t wait;
	unsigned int nr_busy;
	bool flushing;
};

static unsigned long slot_page(const struct mmbox_kmap *kmap, unsigned int nr)
{
	return kmap->first + nr * STRIDE;
}

static unsigned int local_nr(unsigned int cpu, unsigned int nr)
{
	return NR_SLOTS + cpu * NR_LOCAL + nr;
}

static void *page_addr(unsigned long page)
{
	return (void *)(page << PAGE_SHIFT);
}

static pte_t *slot_pte(struct mmbox *box, unsigned int nr)
{
	return mmbox_pgwindow_pte(&box->vmap->window, slot_page(box->kmap, nr));
}

static void set_slot(struct mmbox *box, unsigned int nr, unsigned long pfn)
{
	mmbox_pte_set(slot_pte(box, nr), pfn, mmbox_pte_bits(PAGE_KERNEL));
}

static void *refuse(struct mmbox *box, const char *what, const char *why)
{
	mmbox_area_refuse(box, what, why);
	return NULL;
}

/*
 * The box whose slots a page needs, or NULL: it has an address of its own, or is
 * nothing to mmbox.
 */
static struct mmbox *slot_box(struct page *page)
{
	struct mmbox_zone *zone = mmbox_page_zone(page);

	return zone && zone->type == MMBOX_ZONE_HIGHMEM ? zone->box : NULL;
}

static bool is_allocated(struct page *page)
{
	unsigned long pfn = page_to_pfn(page);
	struct mmbox_section *section;
	const struct mmbox_page *head = NULL;

	preempt_disable();
	section = mmbox_section_find(pfn);
	if (section)
		head = mmbox_section_head(section, pfn);
	preempt_enable();
	return head && mmbox_page_state(head) == MMBOX_PAGE_ALLOC;
}

/*
 * Making and unmaking
 */

/* Where the box has no window the host's own kmap() serves: no slots at all. */
static int set_up(struct mmbox *box)
{
	struct mmbox_kmap *kmap = box->kmap;
	const struct mmbox_area_req req = {
		.nr_pages = (NR_SLOTS + nr_cpu_ids * NR_LOCAL) * STRIDE,
		.align = STRIDE,	/* not cut off a CPU's chunk */
		.kind = MMBOX_AREA_KMAP,
		.gfp = GFP_KERNEL,
		.caller = _RET_IP_,
	};

	if (!mmbox_vmap_ready(box->vmap, GFP_KERNEL))
		return -ENOMEM;
	if (box->vmap->own) {
		kmap->first = mmbox_area_reserve(box->vmap, &req);
		if (!kmap->first)
			return -ENOSPC;
	}
	/* Who sees it sees where the slots are. */
	smp_store_release(&kmap->ready, true);
	return 0;
}

static bool is_ready(struct mmbox *box, bool may_sleep)
{
	struct mmbox_kmap *kmap = box->kmap;
	int err = 0;

	/* Pairs with the release in set_up(). */
	if (likely(smp_load_acquire(&kmap->ready)))
		return true;
	if (!may_sleep)
		return false;
	mutex_lock(&kmap->setup);
	if (!kmap->ready)
		err = set_up(box);
	mutex_unlock(&kmap->setup);
	return !err;
}

/**
 * mmbox_kmap_prepare - have slots ready for who cannot wait for them
 * @box: the box; without pages in zone HighMem it needs none
 *
 * If it cannot be done now it is tried again when somebody wants one.
 *
 * Context: process context, may sleep.
 */
void mmbox_kmap_prepare(struct mmbox *box)
{
	unsigned int pos;

	for (pos = 0; pos < mmbox_nr_zones(box); pos++) {
		struct mmbox_zone *zone = mmbox_zone_at(box, pos);

		if (zone && zone->type == MMBOX_ZONE_HIGHMEM &&
		    mmbox_zone_managed(zone)) {
			is_ready(box, true);
			return;
		}
	}
}

static bool any_local_used(struct mmbox_kmap *kmap)
{
	int cpu;

	for_each_possible_cpu(cpu)
		if (READ_ONCE(per_cpu_ptr(kmap->cpu, cpu)->used))
			return true;
	return false;
}

/**
 * mmbox_kmap_retire - give back slots that nobody uses
 * @box: the box, of which no page is allocated: so there is nothing to map
 *
 * Slots in use stay, as an area of the box that is in use.
 *
 * Context: process context, may sleep.
 */
void mmbox_kmap_retire(struct mmbox *box)
{
	struct mmbox_kmap *kmap = box->kmap;
	unsigned int i;
	int cpu;

	mutex_lock(&kmap->setup);
	if (!kmap->ready || READ_ONCE(kmap->nr_busy) || any_local_used(kmap))
		goto unlock;
	kmap->ready = false;
	if (!box->vmap->own)
		goto unlock;
	/* The area is flushed as a whole before it is used again. */
	mmbox_area_unmap(page_addr(kmap->first), MMBOX_AREA_KMAP);
	hash_init(kmap->pages);
	for (i = 0; i < NR_SLOTS; i++)
		kmap->slot[i].pfn = NO_PFN;
	for_each_possible_cpu(cpu)
		per_cpu_ptr(kmap->cpu, cpu)->stale = 0;
unlock:
	mutex_unlock(&kmap->setup);
}

/**
 * mmbox_kmap_create - prepare for slots
 * @box: the box
 *
 * Context: process context, may sleep.
 * Return: 0 or -ENOMEM.
 */
int mmbox_kmap_create(struct mmbox *box)
{
	struct mmbox_kmap *kmap = kzalloc(sizeof(*kmap), GFP_KERNEL);
	unsigned int i;

	if (!kmap)
		return -ENOMEM;
	kmap->cpu = alloc_percpu(struct mmbox_kmap_cpu);
	if (!kmap->cpu) {
		kfree(kmap);
		return -ENOMEM;
	}
	mutex_init(&kmap->setup);
	spin_lock_init(&kmap->lock);
	hash_init(kmap->pages);
	init_waitqueue_head(&kmap->wait);
	for (i = 0; i < NR_SLOTS; i++)
		kmap->slot[i].pfn = NO_PFN;
	box->kmap = kmap;
	return 0;
}

/**
 * mmbox_kmap_destroy - end of the slots
 * @box: the box, whose pages nobody uses any more
 *
 * Context: process context, may sleep.
 */
void mmbox_kmap_destroy(struct mmbox *box)
{
	mmbox_kmap_retire(box);
	free_percpu(box->kmap->cpu);
	kfree(box->kmap);
}

/*
 * Shared slots
 */

static struct mmbox_kslot *find_slot(struct mmbox_kmap *kmap, unsigned long pfn)
{
	struct mmbox_kslot *slot;

	lockdep_assert_held(&kmap->lock);
	hash_for_each_possible(kmap->pages, slot, link, pfn)
		if (slot->pfn == pfn)
			return slot;
	return NULL;
}

static struct mmbox_kslot *clean_slot(struct mmbox_kmap *kmap)
{
	unsigned int i;

	lockdep_assert_held(&kmap->lock);
	for (i = 0; i < NR_SLOTS; i++)
		if (kmap->slot[i].pfn == NO_PFN && !kmap->slot[i].stale)
			return &kmap->slot[i];
	return NULL;
}

/* Takes out pages that nobody uses. Returns whether there were any. */
static bool empty_idle(struct mmbox *box)
{
	struct mmbox_kmap *kmap = box->kmap;
	bool any = false;
	unsigned int i;

	lockdep_assert_held(&kmap->lock);
	for (i = 0; i < NR_SLOTS; i++) {
		struct mmbox_kslot *slot = &kmap->slot[i];

		if (slot->pfn == NO_PFN || slot->users)
			continue;
		hash_del(&slot->link);
		mmbox_pte_clear(slot_pte(box, i));
		slot->pfn = NO_PFN;
		slot->stale = true;
		any = true;
	}
	return any;
}

/* Makes slots clean, without the lock meanwhile: CPUs are waited for. */
static void flush_slots(struct mmbox *box)
{
	struct mmbox_kmap *kmap = box->kmap;
	unsigned int i;

	lockdep_assert_held(&kmap->lock);
	kmap->flushing = true;
	spin_unlock(&kmap->lock);
	mmbox_shootdown();
	mmbox_stat_inc(box->stat, MMBOX_EVENT_KMAP_FLUSH);
	spin_lock(&kmap->lock);
	for (i = 0; i < NR_SLOTS; i++)
		kmap->slot[i].stale = false;
	kmap->flushing = false;
	wake_up_all(&kmap->wait);
}

/* Until a slot is given back or made clean. False if the caller is killed. */
static bool wait_for_slot(struct mmbox *box)
{
	struct mmbox_kmap *kmap = box->kmap;
	DEFINE_WAIT(wait);

	lockdep_assert_held(&kmap->lock);
	prepare_to_wait(&kmap->wait, &wait, TASK_KILLABLE);
	mmbox_stat_inc(box->stat, MMBOX_EVENT_KMAP_WAIT);
	spin_unlock(&kmap->lock);
	schedule();
	finish_wait(&kmap->wait, &wait);
	spin_lock(&kmap->lock);
	return !fatal_signal_pending(current);
}

/* The slot of a page, found or made; NULL if the caller is killed. */
static struct mmbox_kslot *get_slot(struct mmbox *box, unsigned long pfn)
{
	struct mmbox_kmap *kmap = box->kmap;
	struct mmbox_kslot *slot;

	lockdep_assert_held(&kmap->lock);
	for (;;) {
		slot = find_slot(kmap, pfn);
		if (slot)
			return slot;
		slot = clean_slot(kmap);
		if (slot)
			break;
		if (!kmap->flushing && empty_idle(box))
			flush_slots(box);
		else if (!wait_for_slot(box))
			return NULL;
	}
	slot->pfn = pfn;
	hash_add(kmap->pages, &slot->link, pfn);
	set_slot(box, slot - kmap->slot, pfn);
	return slot;
}

static void *map_shared(struct mmbox *box, unsigned long pfn)
{
	struct mmbox_kmap *kmap = box->kmap;
	struct mmbox_kslot *slot;
	void *addr = NULL;

	spin_lock(&kmap->lock);
	slot = get_slot(box, pfn);
	if (slot) {
		if (!slot->users++)
			kmap->nr_busy++;
		addr = page_addr(slot_page(kmap, slot - kmap->slot));
	}
	spin_unlock(&kmap->lock);
	return addr;
}

/**
 * mmbox_kmap - give a page an address that all CPUs can use
 * @page: an allocated page of a box, or any page of the host
 *
 * A page that is mapped already has one address, until as many calls of
 * mmbox_kunmap() have been made. While all slots are in use this waits.
 *
 * Context: process context, may sleep.
 * Return: the address; NULL, with one report, for a page that nobody has, in an
 * interrupt, or without room for slots; NULL when the caller is killed while it
 * waits.
 */
void *mmbox_kmap(struct page *page)
{
	struct mmbox *box = slot_box(page);

	if (!box)
		return kmap(page);
	if (in_interrupt())
		return refuse(box, "kmap", "not in an interrupt");
	might_sleep();
	if (!is_allocated(page))
		return refuse(box, "kmap", "nobody has the page");
	if (!is_ready(box, true))
		return refuse(box, "kmap", "no room for slots");
	if (!box->vmap->own)
		return kmap(page);
	return map_shared(box, page_to_pfn(page));
}
EXPORT_SYMBOL_GPL(mmbox_kmap);

/**
 * mmbox_kunmap - undo mmbox_kmap()
 * @page: the page
 *
 * Context: any but interrupts.
 */
void mmbox_kunmap(struct page *page)
{
	struct mmbox *box = slot_box(page);
	struct mmbox_kmap *kmap = box ? box->kmap : NULL;
	struct mmbox_kslot *slot;
	bool ok;

	if (!box || (is_ready(box, false) && !box->vmap->own)) {
		kunmap(page);
		return;
	}
	if (in_interrupt()) {
		refuse(box, "kunmap", "not in an interrupt");
		return;
	}
	spin_lock(&kmap->lock);
	slot = find_slot(kmap, page_to_pfn(page));
	ok = slot && slot->users;
	if (ok && !--slot->users) {
		kmap->nr_busy--;
		wake_up(&kmap->wait);
	}
	spin_unlock(&kmap->lock);
	if (!ok)
		refuse(box, "kunmap", "the page is not mapped");
}
EXPORT_SYMBOL_GPL(mmbox_kunmap);

/*
 * Slots of a CPU
 */

/* Interrupts end before what they interrupted goes on: one owner each. */
static const void *local_owner(void)
{
	static const char hardirq, softirq;

	if (in_hardirq())
		return &hardirq;
	return in_serving_softirq() ? (const void *)&softirq : current;
}

/* An interrupt stays on its CPU without being told to. */
static void stay_on_cpu(void)
{
	if (in_task())
		migrate_disable();
}

static void leave_cpu(void)
{
	if (in_task())
		migrate_enable();
}

/* Interrupts are off. NR_LOCAL if all slots are in use. */
static unsigned int take_local(struct mmbox *box, unsigned long pfn)
{
	struct mmbox_kmap_cpu *cpu = this_cpu_ptr(box->kmap->cpu);
	unsigned long all = GENMASK(NR_LOCAL - 1, 0);
	unsigned int nr;

	if (!(all & ~(cpu->used | cpu->stale))) {
		mmbox_flush_this_cpu();
		cpu->stale = 0;
	}
	if (cpu->used == all)
		return NR_LOCAL;
	nr = __ffs(all & ~(cpu->used | cpu->stale));
	WRITE_ONCE(cpu->used, cpu->used | BIT(nr));
	cpu->slot[nr].owner = local_owner();
	cpu->slot[nr].seq = ++cpu->seq;
	WRITE_ONCE(cpu->slot[nr].pfn, pfn);
	nr = local_nr(smp_processor_id(), nr);
	set_slot(box, nr, pfn);
	return nr;
}

/* What is wrong with giving back slot @nr of this CPU, or NULL. */
static const char *local_mistake(const struct mmbox_kmap_cpu *cpu,
				 unsigned int nr)
{
	const void *owner = local_owner();
	unsigned int i;

	if (!(cpu->used & BIT(nr)))
		return "nothing is mapped there";
	if (cpu->slot[nr].owner != owner)
		return "somebody else has mapped it";
	for (i = 0; i < NR_LOCAL; i++)
		if (cpu->used & BIT(i) && cpu->slot[i].owner == owner &&
		    (long)(cpu->slot[i].seq - cpu->slot[nr].seq) > 0)
			return "it is not the last that was mapped";
	return NULL;
}

/* Interrupts are off. @nr counts all slots, those of other CPUs too. */
static const char *give_local(struct mmbox *box, unsigned int nr)
{
	struct mmbox_kmap_cpu *cpu = this_cpu_ptr(box->kmap->cpu);
	unsigned int first = local_nr(smp_processor_id(), 0);
	const char *why;

	if (nr - first >= NR_LOCAL)
		return "it is no slot of this CPU";
	why = local_mistake(cpu, nr - first);
	if (why)
		return why;
	mmbox_pte_clear(slot_pte(box, nr));
	cpu->stale |= BIT(nr - first);
	WRITE_ONCE(cpu->used, cpu->used & ~BIT(nr - first));
	return NULL;
}

/**
 * mmbox_kmap_local - give a page an address on this CPU, for a while
 * @page: an allocated page of a box, or any page of the host
 *
 * The caller may be preempted and may sleep, but stays on this CPU. Mappings are
 * undone in the reverse order.
 *
 * Context: any but NMI.
 * Return: the address; NULL, with one report, for a page that nobody has, or if
 * there is no slot: callers on this CPU have all of them, or they could not be
 * made where one may not sleep.
 */
void *mmbox_kmap_local(struct page *page)
{
	struct mmbox *box = slot_box(page);
	unsigned long flags;
	unsigned int nr;

	if (!box)
		return kmap_local_page(page);
	if (in_nmi())
		return refuse(box, "kmap_local", "not in an NMI");
	if (!is_allocated(page))
		return refuse(box, "kmap_local", "nobody has the page");
	if (!is_ready(box, preemptible()))
		return refuse(box, "kmap_local", "there are no slots yet");
	if (!box->vmap->own)
		return kmap_local_page(page);
	stay_on_cpu();
	local_irq_save(flags);
	nr = take_local(box, page_to_pfn(page));
	local_irq_restore(flags);
	if (nr != NR_LOCAL)
		return page_addr(slot_page(box->kmap, nr));
	leave_cpu();
	return refuse(box, "kmap_local", "all slots of this CPU are in use");
}
EXPORT_SYMBOL_GPL(mmbox_kmap_local);

/**
 * mmbox_kunmap_local - undo mmbox_kmap_local()
 * @addr: what it returned, or an address in that page; NULL does nothing
 *
 * Context: that of the mmbox_kmap_local() it undoes.
 */
void mmbox_kunmap_local(const void *addr)
{
	unsigned long flags, page = (unsigned long)addr >> PAGE_SHIFT;
	struct mmbox *box;
	unsigned int nr;
	const char *why = "no slot is there";

	if (!addr)
		return;
	box = mmbox_area_box(addr);
	if (!box || !box->vmap->own) {
		kunmap_local(addr);
		return;
	}
	local_irq_save(flags);
	nr = (page - box->kmap->first) / STRIDE;
	if (is_ready(box, false) && page >= box->kmap->first &&
	    page == slot_page(box->kmap, nr))
		why = give_local(box, nr);
	local_irq_restore(flags);
	if (why)
		refuse(box, "kunmap_local", why);
	else
		leave_cpu();
}
EXPORT_SYMBOL_GPL(mmbox_kunmap_local);

/*
 * For the file
 */

static void look_shared(struct mmbox_kmap *kmap, unsigned int nr,
			struct mmbox_kmap_info *info)
{
	const struct mmbox_kslot *slot = &kmap->slot[nr];

	spin_lock(&kmap->lock);
	info->users = slot->users;
	info->pfn = slot->pfn;
	if (slot->pfn == NO_PFN)
		info->state = slot->stale ? MMBOX_KMAP_STALE : MMBOX_KMAP_CLEAN;
	else
		info->state = slot->users ? MMBOX_KMAP_BUSY : MMBOX_KMAP_IDLE;
	spin_unlock(&kmap->lock);
}

/* Another CPU may change it at any time: a moment ago it was so. */
static void look_local(struct mmbox_kmap *kmap, unsigned int nr,
		       struct mmbox_kmap_info *info)
{
	const struct mmbox_kmap_cpu *cpu;

	info->users = 0;
	info->state = MMBOX_KMAP_CLEAN;
	if (!cpu_possible(info->cpu))
		return;
	cpu = per_cpu_ptr(kmap->cpu, info->cpu);
	info->pfn = READ_ONCE(cpu->slot[nr].pfn);
	info->users = !!(READ_ONCE(cpu->used) & BIT(nr));
	if (info->users)
		info->state = MMBOX_KMAP_BUSY;
	else if (READ_ONCE(cpu->stale) & BIT(nr))
		info->state = MMBOX_KMAP_STALE;
}

/**
 * mmbox_kmap_look - look at the slots of a box, one by one
 * @box:  the box
 * @pos:  which: the shared ones, then those of each CPU
 * @info: filled in
 *
 * Context: process context.
 * Return: false if there is no such slot.
 */
bool mmbox_kmap_look(struct mmbox *box, unsigned int pos,
		     struct mmbox_kmap_info *info)
{
	struct mmbox_kmap *kmap = box->kmap;

	if (!is_ready(box, false) || !box->vmap->own ||
	    pos >= NR_SLOTS + nr_cpu_ids * NR_LOCAL)
		return false;
	info->cpu = pos < NR_SLOTS ? -1 : (int)((pos - NR_SLOTS) / NR_LOCAL);
	info->slot = pos < NR_SLOTS ? pos : (pos - NR_SLOTS) % NR_LOCAL;
	if (info->cpu < 0)
		look_shared(kmap, info->slot, info);
	else
		look_local(kmap, info->slot, info);
	return true;
}
