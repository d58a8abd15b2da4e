/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What is around a test of the kernel's: the box, and the test's verdict, which
 * is that of this module's init. Included at the end; before it may stand
 *
 *	#define THIRD_SET_UP	what to call first, as the kernel does early on
 *	#define THIRD_CLEAN_UP	what to call last
 *	#define THIRD_HAS_END	the test has a module_exit()
 */
#ifndef THIRD_SET_UP
#define THIRD_SET_UP()
#endif
#ifndef THIRD_CLEAN_UP
#define THIRD_CLEAN_UP()
#endif

static void third_leave(void)
{
#ifdef THIRD_HAS_END
	third_end();
#endif
	/* Callbacks of this module. */
	rcu_barrier();
	THIRD_CLEAN_UP();
	mmbox_put(third_box);
}

static int __init third_init(void)
{
	int err;

	third_box = mmbox_get("box0");
	if (!third_box)
		return -ENODEV;
	THIRD_SET_UP();
	err = third_run();
	pr_info("%s: the test's result is %d\n", KBUILD_MODNAME, err);
	if (err)
		third_leave();
	return err;
}

#pragma pop_macro("module_init")
#pragma pop_macro("module_exit")
module_init(third_init);
module_exit(third_leave);
MODULE_LICENSE("GPL");
