// SPDX-License-Identifier: GPL-2.0
/* Whether a module fits a kernel, told in words. */
#include "../vermagic.h"
#include "unit.h"

static char told[8][512];
static size_t nr_told;

static void tell(void *arg, const char *text)
{
	(void)arg;
	assert_true(nr_told < 8);
	snprintf(told[nr_told++], sizeof(told[0]), "%s", text);
}

static size_t compare(const char *module, const struct running *k)
{
	nr_told = 0;
	return vermagic_compare(module, k, tell, NULL);
}

static struct running debian(const char *vermagic)
{
	struct running k = { .smp = YES, .preempt = YES, .mod_unload = UNKNOWN,
			     .modversions = UNKNOWN };

	strcpy(k.release, "6.1.0-13-amd64");
	strcpy(k.vermagic, vermagic);
	return k;
}

#define DEBIAN	"6.1.0-13-amd64 SMP preempt mod_unload modversions"

static void fits(void **state)
{
	struct running k = debian(""), exact = debian(DEBIAN);

	(void)state;
	assert_int_equal(compare(DEBIAN, &k), 0);
	assert_int_equal(compare(DEBIAN " ", &exact), 0);
	/* Without another module to look at, what is not known is no flaw. */
	assert_int_equal(compare("6.1.0-13-amd64 SMP preempt mod_unload", &k), 0);
}

static void other_release(void **state)
{
	struct running k = debian(DEBIAN);

	(void)state;
	assert_int_equal(compare("6.1.0-13-amd6 SMP preempt mod_unload modversions", &k), 1);
	assert_string_equal(told[0], "it was built for kernel 6.1.0-13-amd6, but 6.1.0-13-amd64 "
			    "is running");
	assert_int_equal(compare("", &k), 5);
}

static void other_options(void **state)
{
	struct running k = debian(DEBIAN);

	(void)state;
	assert_int_equal(compare("6.1.0-13-amd64 preempt mod_unload modversions", &k), 1);
	assert_non_null(strstr(told[0], "without several processors (SMP)"));
	assert_int_equal(compare("6.1.0-13-amd64 SMP preempt_rt mod_unload modversions", &k), 2);
	assert_int_equal(compare("6.1.0-13-amd64 SMP preempt mod_unload", &k), 1);
	assert_non_null(strstr(told[0], "MODVERSIONS"));
	assert_int_equal(compare("6.1.0-13-amd64 SMP preempt mod_unload modversions RANDSTRUCT_1",
				 &k), 1);
	assert_non_null(strstr(told[0], "RANDSTRUCT_1"));
}

static void from_uname(void **state)
{
	struct running k = { 0 };

	(void)state;
	running_from_version(&k, "#1 SMP PREEMPT_DYNAMIC Debian 6.1.1-1 (2020-01-01)");
	assert_int_equal(k.smp, YES);
	assert_int_equal(k.preempt, YES);
	assert_int_equal(k.preempt_rt, NO);
	running_from_version(&k, "#1 Debian 6.1.1-1 (2020-01-01)");
	assert_int_equal(k.smp, NO);
	assert_int_equal(k.preempt, NO);
	running_from_version(&k, "#1 SMP PREEMPT_RT Debian");
	assert_int_equal(k.preempt_rt, UNKNOWN);
	assert_int_equal(k.preempt, UNKNOWN);
}

static void from_config(void **state)
{
	struct running k = { .modversions = UNKNOWN, .mod_unload = UNKNOWN };

	(void)state;
	running_from_config(&k, "CONFIG_MODVERSIONS=y\n");
	running_from_config(&k, "# CONFIG_MODULE_UNLOAD is not set\n");
	running_from_config(&k, "CONFIG_SMPX=y\n");
	assert_int_equal(k.modversions, YES);
	assert_int_equal(k.mod_unload, NO);
	assert_int_equal(k.smp, NO);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fits), cmocka_unit_test(other_release),
		cmocka_unit_test(other_options), cmocka_unit_test(from_uname),
		cmocka_unit_test(from_config),
	};

	return cmocka_run_group_tests_name("vermagic", tests, NULL, NULL);
}
