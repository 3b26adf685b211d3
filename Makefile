# SPDX-FileCopyrightText: 2026 The libgtensor authors
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# make run     the inspector, on the tour; without a display, in the terminal (another program: make run RUN='python3 train.py')
# make test    every test that needs neither a GPU nor a display of one's own
# make bench   side by side with PyTorch: make bench TORCH_PYTHON=/path/to/python
# make footprint  size, import, memory and build time, each against its bound
# make bench-inspector  what the inspector takes beside what it may take
# make fuzz    a million messages to the debug service, and a million to the inspector
# make screenshots  pictures of the inspector and of the tour's graphs, for the manual, in libgtensor/docs/pictures
# make gpu-bundle  all that a machine with a GPU needs for the next two, in _build/gtensor-gpu.tar.xz
# make test-gpu    the device's suite on this machine's GPU
# make bench-gpu   CUDA side by side with PyTorch: make bench-gpu TORCH_PYTHON=/path/to/python
# make docs    the reference manual, in _build/libgtensor/docs
#
# Each installs what is missing, builds in BUILD, and runs. Packagers call meson.

BUILD ?= _build
RUN ?= tour
TORCH_PYTHON ?=
DEVENV = meson devenv -C $(BUILD)

.PHONY: build run test bench footprint gpu-bundle test-gpu bench-gpu bench-inspector fuzz screenshots docs sanitize clean

build:
	@.ci/dependencies
	@test -f $(BUILD)/build.ninja || meson setup $(BUILD) $(SETUP)
	@ninja -C $(BUILD)

run: build
	@$(DEVENV) gtensor-inspector $(RUN)

test: build
	@meson test -C $(BUILD) --no-rebuild --print-errorlogs

bench: build
	@$(DEVENV) /usr/bin/python3 $(CURDIR)/tests/bench/run.py --torch "$(TORCH_PYTHON)"

footprint: build
	@$(DEVENV) /usr/bin/python3 $(CURDIR)/tests/bench/footprint.py $(abspath $(BUILD))/libgtensor/libgtensor-1.so.0 --build $(SETUP)

bench-inspector: build
	@$(DEVENV) /usr/bin/python3 $(CURDIR)/tests/inspector/bench-inspector $(abspath $(BUILD))

fuzz: build
	@GTENSOR_FUZZ_MESSAGES=1000000 meson test -C $(BUILD) --no-rebuild --print-errorlogs --timeout-multiplier 100 \
	  inspector-fuzz-service inspector-fuzz-client

PICTURES = $(CURDIR)/libgtensor/docs/pictures

screenshots: build
	@$(DEVENV) $(CURDIR)/tests/inspector/with-display $(CURDIR)/tests/inspector/screenshots $(PICTURES)
	@$(DEVENV) $(CURDIR)/tests/inspector/tour-pictures $(PICTURES)

gpu-bundle: build
	@/usr/bin/python3 tests/cuda/bundle.py $(BUILD) $(BUILD)/gtensor-gpu.tar.xz

# From the bundle, as on another machine.
test-gpu bench-gpu: gpu-bundle
	@rm -rf $(BUILD)/gtensor-gpu && tar xf $(BUILD)/gtensor-gpu.tar.xz -C $(BUILD)
	@$(BUILD)/gtensor-gpu/run $(if $(filter test-gpu,$@),test,bench $(TORCH_PYTHON))

docs:
	@.ci/dependencies
	@test -f $(BUILD)/build.ninja || meson setup $(BUILD) $(SETUP)
	@meson configure $(BUILD) -Ddocs=true
	@ninja -C $(BUILD)

# The suites under the sanitizers: address, undefined behaviour and leak in one build, thread in another. What the search
# for leaks assumes of how glibc lays out threads' own variables of libraries makes it crash: intercept_tls_get_addr=0. A
# mutex of GLib's own, given back by its last call, looks like one of the library's: report_mutex_bugs=0.
SANITIZE = -Db_lundef=false -Dbuildtype=debugoptimized -Dinspector=false -Dnvcc=disabled
SANITIZED_TEST = meson test --no-rebuild --print-errorlogs --timeout-multiplier 10
ADDRESS_TEST = UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1 $(SANITIZED_TEST) -C $(BUILD)-sanitize

sanitize:
	@.ci/dependencies
	@test -f $(BUILD)-sanitize/build.ninja || meson setup $(BUILD)-sanitize -Db_sanitize=address,undefined $(SANITIZE)
	@test -f $(BUILD)-sanitize-thread/build.ninja || meson setup $(BUILD)-sanitize-thread -Db_sanitize=thread -Db_asneeded=false \
	  -Dintrospection=false -Dc_args="-include $(CURDIR)/tests/sanitizers/thread.h $$(pkg-config --cflags gobject-2.0)" $(SANITIZE)
	@ASAN_OPTIONS=detect_leaks=0 ninja -C $(BUILD)-sanitize
	@ninja -C $(BUILD)-sanitize-thread
	@ASAN_OPTIONS=detect_leaks=1:allocator_may_return_null=1:intercept_tls_get_addr=0 \
	  $(ADDRESS_TEST) --suite kernels --suite library
	@ASAN_OPTIONS=allocator_may_return_null=1 \
	  $(ADDRESS_TEST) --wrapper $(CURDIR)/tests/sanitizers/preload test_misuse test_ops reference python
	@G_SLICE=always-malloc \
	  TSAN_OPTIONS=halt_on_error=1:report_mutex_bugs=0:allocator_may_return_null=1:suppressions=$(CURDIR)/tests/sanitizers/thread.supp \
	  $(SANITIZED_TEST) -C $(BUILD)-sanitize-thread node backward autograd function revival generator threads tensor device types \
	  inspect-connection inspect-control inspect-history inspect-values

clean:
	rm -rf $(BUILD) $(BUILD)-sanitize $(BUILD)-sanitize-thread
