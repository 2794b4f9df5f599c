# SPDX-License-Identifier: BSD-2-Clause
#
#   make          builds build/collarctl
#   make try      the main job on the virtual collar
#   make check    every test; make check-long for hours, where that asks a share
#   make fuzz     the fuzz targets for long: FUZZ_SECONDS each (3600), or TARGETS
#   make figures  what is measured: codec, firmware, start-up, wire
#   make install  PREFIX and DESTDIR are honoured
#
# V=1 shows commands; READLINE=no leaves GNU readline out; USB_VID=0x.... and
# USB_PID=0x.... are a maker's own, instead of the pair for tests.

PREFIX ?= /usr/local
BUILD ?= build
CC = gcc
PKG_CONFIG ?= pkg-config
PYTHON ?= /usr/bin/python3
READLINE ?= yes

PACKAGES = libserialport libusb-1.0 jansson
ifeq ($(READLINE),yes)
PACKAGES += readline
CPPFLAGS += -DHAVE_READLINE
endif

# the default stands in proto/usb.h
CPPFLAGS += $(USB_VID:%=-DUSB_VID=%) $(USB_PID:%=-DUSB_PID=%)

WARNINGS = -Wall -Wextra -Wpedantic -Wconversion -Wshadow \
	-Wmissing-prototypes -Wcast-qual -Wwrite-strings -Wvla
WERROR ?=
CFLAGS ?= -O2 -g
ALL_CFLAGS = -std=c11 $(WARNINGS) $(WERROR) $(CFLAGS) $(SANITIZE)
ALL_CPPFLAGS = -D_XOPEN_SOURCE=700 -D_DEFAULT_SOURCE $(CPPFLAGS)
# sanitizers widen every frame: the limit holds without them
DEVICE_CFLAGS = -ffreestanding $(if $(SANITIZE),,-Wframe-larger-than=1024)
# clang only: what runs notes in LLVM_PROFILE_FILE, if set, which branches of
# proto/ and devices/collar/ it reached
COVERAGE ?=
COVERAGE_FLAGS = $(if $(COVERAGE),-fcoverage-mapping \
	-fprofile-instr-generate=/dev/null)

# our own feature level holds, not that of a library's
PKG_CFLAGS = $(filter-out -D%,$(shell $(PKG_CONFIG) --cflags $(PACKAGES)))
PKG_LIBS = $(shell $(PKG_CONFIG) --libs $(PACKAGES)) -lmbedcrypto -lm

PROTO_SRC = $(wildcard proto/*.c)
COLLAR_SRC = $(wildcard devices/collar/*.c)
VIRTUAL_SRC = $(wildcard devices/virtual/*.c)
CLI_SRC = $(filter-out cli/main.c,$(wildcard cli/*.c cli/*/*.c))
DEVICE_SRC = $(PROTO_SRC) $(COLLAR_SRC)
HOST_SRC = $(VIRTUAL_SRC) $(CLI_SRC)
SRC = $(DEVICE_SRC) $(HOST_SRC) cli/main.c

DEVICE_OBJ = $(DEVICE_SRC:%.c=$(BUILD)/%.o)
HOST_OBJ = $(HOST_SRC:%.c=$(BUILD)/%.o)
MAIN_OBJ = $(BUILD)/cli/main.o

SUPPORT_OBJ = $(patsubst %.c,$(BUILD)/%.o,$(wildcard tests/support/*.c))
UNIT_SRC = $(wildcard tests/unit/*/*.c)
UNIT = $(UNIT_SRC:%.c=$(BUILD)/%)
FUZZ_SRC = $(wildcard tests/fuzz/*.c)
FUZZ = $(FUZZ_SRC:%.c=$(BUILD)/%)
FUZZ_OBJ = $(patsubst %.c,$(BUILD)/%.o,$(wildcard tests/fuzz/support/*.c))
FUZZ_WORDS = $(BUILD)/tests/fuzz/support/dictionary
FUZZ_SECONDS ?= 3600

ifeq ($(V),1)
Q =
else
Q = @
say = $(if $(findstring s,$(firstword -$(MAKEFLAGS))),@:,@printf '  %-8s%s\n')
endif

.DELETE_ON_ERROR:
.PHONY: all
all: $(BUILD)/collarctl

$(BUILD)/collarctl: $(MAIN_OBJ) $(BUILD)/libhost.a $(BUILD)/libcollar.a
	$(if $(say),$(say) LINK $@)
	$(Q)$(CC) $(ALL_CFLAGS) $(COVERAGE_FLAGS) $(LDFLAGS) -o $@ $^ $(PKG_LIBS)

$(BUILD)/libcollar.a: $(DEVICE_OBJ)
$(BUILD)/libhost.a: $(HOST_OBJ)
$(BUILD)/libsupport.a: $(SUPPORT_OBJ)
$(BUILD)/libfuzz.a: $(filter-out $(FUZZ_WORDS).o,$(FUZZ_OBJ))

$(BUILD)/%.a:
	$(if $(say),$(say) AR $@)
	$(Q)rm -f $@ && $(AR) rcs $@ $^

$(DEVICE_OBJ): ALL_CFLAGS += $(DEVICE_CFLAGS) $(COVERAGE_FLAGS)

# what was built for other USB ids is built anew
USB_IDS = $(BUILD)/usb-ids
$(filter $(BUILD)/devices/collar/usb% $(BUILD)/cli/link/usb%, \
	$(DEVICE_OBJ) $(HOST_OBJ)): $(USB_IDS)
.PHONY: usb-ids
$(USB_IDS): usb-ids
	@mkdir -p $(@D)
	@echo '$(USB_VID):$(USB_PID)' | cmp -s - $@ || \
		echo '$(USB_VID):$(USB_PID)' >$@

$(BUILD)/%.o: %.c
	$(if $(say),$(say) CC $<)
	@mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CPPFLAGS) $(ALL_CFLAGS) $(PKG_CFLAGS) -MMD -MP -c -o $@ $<

$(BUILD)/tests/unit/%: $(BUILD)/tests/unit/%.o $(BUILD)/libsupport.a \
		$(BUILD)/libhost.a $(BUILD)/libcollar.a
	$(if $(say),$(say) LINK $@)
	$(Q)$(CC) $(ALL_CFLAGS) $(COVERAGE_FLAGS) $(LDFLAGS) -o $@ $^ -lcmocka $(PKG_LIBS)

# What a cable does to the real program, in virtual time
FAULTS_OBJ = $(patsubst %.c,$(BUILD)/%.o,$(filter-out %/virtual_time.c, \
	$(wildcard tests/faults/*.c)))

$(BUILD)/tests/faults/faults: $(FAULTS_OBJ) $(BUILD)/libsupport.a \
		$(BUILD)/libhost.a $(BUILD)/libcollar.a
	$(if $(say),$(say) LINK $@)
	$(Q)$(CC) $(ALL_CFLAGS) $(COVERAGE_FLAGS) $(LDFLAGS) -o $@ $^ $(PKG_LIBS)

$(BUILD)/tests/bench/paced: $(BUILD)/tests/bench/paced.o \
		$(filter-out %/faults.o,$(FAULTS_OBJ)) $(BUILD)/libsupport.a \
		$(BUILD)/libhost.a $(BUILD)/libcollar.a
	$(if $(say),$(say) LINK $@)
	$(Q)$(CC) $(ALL_CFLAGS) $(LDFLAGS) -o $@ $^ $(PKG_LIBS)

$(BUILD)/tests/faults/virtual_time.so: tests/faults/virtual_time.c \
		tests/faults/virtual_time.h
	$(if $(say),$(say) LINK $@)
	@mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CPPFLAGS) $(ALL_CFLAGS) -fPIC -shared -o $@ $< -ldl

# The real program and libusb on an emulated bus; GLib's headers are not ours
UMOCKDEV_CFLAGS = $(patsubst -I%,-isystem %, \
	$(shell $(PKG_CONFIG) --cflags umockdev-1.0))
USB_OBJ = $(patsubst %.c,$(BUILD)/%.o,$(filter-out %/clock.c, \
	$(wildcard tests/usb/*.c)))
$(USB_OBJ) $(BUILD)/tests/bench/usb.o: PKG_CFLAGS += $(UMOCKDEV_CFLAGS)

$(BUILD)/tests/usb/usb: $(USB_OBJ) $(patsubst %,$(BUILD)/tests/faults/%.o, \
		files judge line look must scenarios sent unit) $(BUILD)/libsupport.a \
		$(BUILD)/libhost.a $(BUILD)/libcollar.a
	$(if $(say),$(say) LINK $@)
	$(Q)$(CC) $(ALL_CFLAGS) $(COVERAGE_FLAGS) $(LDFLAGS) -o $@ $^ \
		$(shell $(PKG_CONFIG) --libs umockdev-1.0) $(PKG_LIBS)

$(BUILD)/tests/bench/usb: $(BUILD)/tests/bench/usb.o \
		$(patsubst %,$(BUILD)/tests/usb/%.o,bus node urb usbfs) \
		$(BUILD)/tests/faults/must.o $(BUILD)/libhost.a $(BUILD)/libcollar.a
	$(if $(say),$(say) LINK $@)
	$(Q)$(CC) $(ALL_CFLAGS) $(LDFLAGS) -o $@ $^ \
		$(shell $(PKG_CONFIG) --libs umockdev-1.0) $(PKG_LIBS)

$(BUILD)/tests/usb/clock.so: tests/usb/clock.c
	$(if $(say),$(say) LINK $@)
	@mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CPPFLAGS) $(ALL_CFLAGS) -fPIC -shared -o $@ $<

# What the system lists, for tests/system/discovery.py; it comes before what a
# sanitizer needs
$(BUILD)/tests/system/ports.so: override SANITIZE =
$(BUILD)/tests/system/ports.so: tests/system/ports.c
	$(if $(say),$(say) LINK $@)
	@mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CPPFLAGS) $(ALL_CFLAGS) $(PKG_CFLAGS) -fPIC -shared -o $@ $< -ldl

.PHONY: unit
unit: $(UNIT) $(BUILD)/tests/faults/faults $(BUILD)/tests/faults/virtual_time.so \
	$(BUILD)/tests/usb/usb $(BUILD)/tests/usb/clock.so \
	$(BUILD)/tests/system/ports.so

FUZZ_MAIN = -fsanitize=fuzzer
# what a target puts in the place of the system: chance, and what is there
FUZZ_WRAP = -Wl,--wrap=getrandom
$(BUILD)/tests/fuzz/line: FUZZ_WRAP += -Wl,--wrap=serial_ports
$(BUILD)/tests/fuzz/shell: FUZZ_WRAP += -Wl,--wrap=command_run
$(BUILD)/tests/fuzz/files: FUZZ_WRAP += -Wl,--wrap=clock_gettime
$(BUILD)/tests/fuzz/ports: FUZZ_WRAP += -Wl,--wrap=open,--wrap=socket \
	-Wl,--wrap=getaddrinfo,--wrap=sp_get_port_by_name,--wrap=virtual_open \
	-Wl,--wrap=libusb_init

$(BUILD)/tests/fuzz/%: $(BUILD)/tests/fuzz/%.o $(BUILD)/libfuzz.a \
		$(BUILD)/libsupport.a $(BUILD)/libhost.a $(BUILD)/libcollar.a
	$(if $(say),$(say) LINK $@)
	$(Q)$(CC) $(ALL_CFLAGS) $(COVERAGE_FLAGS) $(LDFLAGS) -o $@ \
		$< $(FUZZ_MAIN) $(FUZZ_WRAP) \
		-Wl,--start-group $(filter %.a,$^) -Wl,--end-group $(PKG_LIBS)

.PHONY: fuzz-targets fuzz
fuzz-targets: $(FUZZ) $(FUZZ_WORDS)
$(FUZZ_WORDS): FUZZ_MAIN =

fuzz:
	@tools/packages check
	@PYTHON=$(PYTHON) tests/fuzz/run $(BUILD)/fuzz $(FUZZ_SECONDS) $(TARGETS)

.PHONY: try
try:
	@tools/packages build
	@$(MAKE) --no-print-directory all
	@tools/try $(BUILD)/collarctl

.PHONY: check
check:
	@tools/packages check
	@BUILD=$(BUILD) PYTHON=$(PYTHON) tests/check

.PHONY: check-long
check-long:
	@tools/packages check
	@BUILD=$(BUILD) PYTHON=$(PYTHON) FAULTS_SHARE=--all FUZZ_SECONDS=600 \
		tests/check

.PHONY: figures
figures:
	@tools/packages figures
	@$(MAKE) --no-print-directory all $(BUILD)/tests/bench/usb \
		$(BUILD)/tests/bench/paced $(BUILD)/tests/faults/virtual_time.so
	@$(PYTHON) tests/bench/figures.py $(BUILD)

# the ids that the program knows, in four digits; expanded where it is used
usb_id = $(shell printf '\043include "proto/usb.h"\n$(1)\n' | \
	$(CC) $(ALL_CPPFLAGS) -I. -E -P -x c - | tail -n 1 | xargs printf '%04x')
RULES = $(BUILD)/70-collarctl.rules
$(RULES): udev/70-collarctl.rules.in proto/usb.h $(USB_IDS)
	$(Q)sed -e 's/@USB_VID@/$(call usb_id,USB_VID)/' \
		-e 's/@USB_PID@/$(call usb_id,USB_PID)/' $< >$@

.PHONY: install uninstall
UDEVDIR ?= $(PREFIX)/lib/udev/rules.d
MAN1 = $(wildcard man/*.1)
MAN5 = $(wildcard man/*.5)
MAN7 = $(wildcard man/*.7)
install: all $(RULES)
	install -d $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(PREFIX)/share/man/man1 \
		$(DESTDIR)$(PREFIX)/share/man/man5 \
		$(DESTDIR)$(PREFIX)/share/man/man7 \
		$(DESTDIR)$(PREFIX)/share/bash-completion/completions \
		$(DESTDIR)$(PREFIX)/share/zsh/site-functions \
		$(DESTDIR)$(PREFIX)/share/fish/vendor_completions.d \
		$(DESTDIR)$(UDEVDIR)
	install -m 755 $(BUILD)/collarctl $(DESTDIR)$(PREFIX)/bin/
	install -m 644 $(MAN1) $(DESTDIR)$(PREFIX)/share/man/man1/
	install -m 644 $(MAN5) $(DESTDIR)$(PREFIX)/share/man/man5/
	install -m 644 $(MAN7) $(DESTDIR)$(PREFIX)/share/man/man7/
	install -m 644 completions/collarctl.bash \
		$(DESTDIR)$(PREFIX)/share/bash-completion/completions/collarctl
	install -m 644 completions/_collarctl \
		$(DESTDIR)$(PREFIX)/share/zsh/site-functions/
	install -m 644 completions/collarctl.fish \
		$(DESTDIR)$(PREFIX)/share/fish/vendor_completions.d/
	install -m 644 $(RULES) $(DESTDIR)$(UDEVDIR)/

uninstall:
	rm -f $(DESTDIR)$(PREFIX)/bin/collarctl \
		$(MAN1:man/%=$(DESTDIR)$(PREFIX)/share/man/man1/%) \
		$(MAN5:man/%=$(DESTDIR)$(PREFIX)/share/man/man5/%) \
		$(MAN7:man/%=$(DESTDIR)$(PREFIX)/share/man/man7/%) \
		$(DESTDIR)$(PREFIX)/share/bash-completion/completions/collarctl \
		$(DESTDIR)$(PREFIX)/share/zsh/site-functions/_collarctl \
		$(DESTDIR)$(PREFIX)/share/fish/vendor_completions.d/collarctl.fish \
		$(DESTDIR)$(UDEVDIR)/70-collarctl.rules

.PHONY: clean
clean:
	rm -rf $(BUILD)

-include $(shell test -d $(BUILD) && find $(BUILD) -name '*.d')
