# SPDX-License-Identifier: GPL-2.0
#
# For people; the kernel's build system reads Kbuild. "make help" lists what
# there is. Each target gets what it needs itself: missing packages are
# installed with apt by root, otherwise the command for it is printed.

KDIR ?= /lib/modules/$(shell uname -r)/build
KERNEL ?= 6.12
KERNELS ?= 6.1 6.12
PREFIX ?= /usr/local
POOL ?= dma=1M,dma32=16M,normal=64M
export KERNELS TESTS DEBUG JOBS

kbuild = $(MAKE) -C $(KDIR) M=$(CURDIR) CONFIG_MMBOX=m

.DEFAULT_GOAL := help
.PHONY: help all modules tools demo shell bench bench-compare bench-wall check check-unit check-style \
	check-guest check-debug install uninstall load unload clean distclean

help: ## this list
	@echo 'mmbox: Linux memory management in a box. Targets:'
	@echo
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  \1\t\2/p' $(firstword $(MAKEFILE_LIST)) | \
		expand -t 16
	@echo
	@echo 'Variables:'
	@echo '  KDIR=DIR        kernel build tree for modules, install, load (running kernel)'
	@echo '  KERNEL=SERIES   kernel of demo and shell ($(KERNEL))'
	@echo '  KERNELS=LIST    stock kernels of the checks ($(KERNELS))'
	@echo '  TESTS=PATTERN   only tests whose names match'
	@echo '  DEBUG=0         check: leave out the debug kernel'
	@echo '  JOBS=N          checks: jobs at a time (as many as CPUs)'
	@echo '  POOL=CONFIG     load, shell: memory of box0 ($(POOL))'
	@echo '  DESTDIR, PREFIX install: where to ($(PREFIX))'

all: modules tools ## modules and tools

modules: ## build module/mmbox.ko for KDIR
	@scripts/deps build
	@test -e $(KDIR)/Makefile || { \
		echo 'No kernel build tree at $(KDIR): install the headers of your' \
		     'kernel (Debian: linux-headers-$(shell uname -r)) or set KDIR.' >&2; \
		exit 1; }
	$(kbuild) modules
	@cp Module.symvers module/Module.symvers

tools: ## build userspace/mmbox
	@scripts/deps tools
	$(MAKE) -C userspace

demo: ## boot a stock kernel in a guest and take the tour there
	@scripts/demo $(KERNEL)

shell: ## an interactive guest with the module loaded
	@scripts/deps build tools guest
	@scripts/kernels get $(KERNEL)
	+@scripts/build $(KERNEL)
	@$(MAKE) -s -C userspace
	@scripts/vm shell --kernel $(KERNEL) --pool $(POOL) \
		--add build/$(KERNEL)/module/mmbox.ko --add userspace/mmbox

bench: ## instructions counted on KERNELS, beside the kernel's allocator
	@scripts/bench $(KERNELS)

bench-compare: ## the same, judged by limits and by the committed figures
	+@scripts/check bench

bench-wall: ## two CPUs at once on KERNELS, in the machine's own time
	@scripts/bench-wall $(KERNELS)

check: ## all tests, on all KERNELS
	+@scripts/check unit style guest bench $(if $(filter 0,$(DEBUG)),,debug)

check-unit: ## core files in user space, with sanitizers
	+@scripts/check unit

check-style: ## warnings, sparse, checkpatch, kernel-doc, layers
	+@scripts/check style

check-guest: ## tests in guests with stock kernels
	+@scripts/check guest

check-debug: ## tests in a guest with a debug kernel
	+@scripts/check debug

install: all ## install module, tool and manual pages (root, or DESTDIR)
	$(kbuild) INSTALL_MOD_PATH=$(DESTDIR) INSTALL_MOD_DIR=updates modules_install
	$(if $(DESTDIR),,depmod)
	$(MAKE) -C userspace install DESTDIR=$(DESTDIR) PREFIX=$(PREFIX)

uninstall: ## undo install
	rm -f $(DESTDIR)/lib/modules/$(shell $(MAKE) -s -C $(KDIR) kernelrelease)/updates/module/mmbox*.ko*
	$(if $(DESTDIR),,depmod)
	rm -f $(DESTDIR)$(PREFIX)/bin/mmbox $(DESTDIR)$(PREFIX)/lib/libmmbox.a \
		$(DESTDIR)$(PREFIX)/include/libmmbox.h \
		$(DESTDIR)$(PREFIX)/include/linux/mmbox.h \
		$(DESTDIR)$(PREFIX)/share/man/man1/mmbox*.1 \
		$(DESTDIR)$(PREFIX)/share/bash-completion/completions/mmbox

load: modules ## load module/mmbox.ko into this machine's kernel (root)
	insmod module/mmbox.ko pool=$(POOL)

unload: ## unload it
	rmmod mmbox

clean: ## remove what was built, but keep results of checks
	find module selftests \( -name '*.ko' -o -name '*.o' -o -name '*.mod' \
		-o -name '*.mod.c' -o -name '.*.cmd' -o -name '.*.o.d' \
		-o -name 'modules.order' -o -name '*.symvers' \) -delete
	rm -rf Module.symvers modules.order .*.cmd .module-common.o .tmp_versions
	rm -rf $(filter-out build/results,$(wildcard build/*))
	$(MAKE) -C userspace clean
	test ! -e selftests/unit/Makefile || $(MAKE) -C selftests/unit clean

distclean: clean ## clean, and remove the results too
	rm -rf build
