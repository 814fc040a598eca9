# SPDX-License-Identifier: Apache-2.0
# The commands of Tidemill. `make` alone lists them; each prints one line per step, the full output is in build/log.

SHELL := /bin/bash
.DEFAULT_GOAL := help
.PHONY: help up setup build console test lint format bench clean
MAKEFLAGS += --no-print-directory

PROJECT ?= examples/users
ARGS ?=

help: ## list these commands
	@echo 'make COMMAND:'
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  %-9s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

up: build ## install, build and start the example pipeline (PROJECT=examples/users, ARGS='--set broker.port=0')
	@exec build/release/tidemill up $(PROJECT) $(ARGS)

setup: ## install what building needs (Debian packages, DuckDB and Node.js below build/deps)
	@tools/setup build

build: setup console ## leave the release binary at build/release/tidemill
	@tools/build release tidemill

console: setup ## build the web console into console/dist, if its sources changed
	@tools/console build

test: ## install test tools, build, run all tests (also the end-to-end ones on the release binary)
	@tools/test

lint: ## check formatting, clang-tidy and the project's own rules
	@tools/setup build test
	@tools/build dev build.ninja
	@tools/console check
	@tools/lint

format: ## format the C++ sources
	@git ls-files -co --exclude-standard '*.cc' '*.h' | xargs -r clang-format-19 -i

bench: build ## run the benchmarks of bench/
	@tools/build release
	@bench/run $(ARGS)

clean: ## remove everything built, keep what setup fetched (build/deps)
	@find build -mindepth 1 -maxdepth 1 ! -name deps -exec rm -rf {} +
	@rm -rf console/dist
