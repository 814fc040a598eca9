// SPDX-License-Identifier: Apache-2.0
// jemalloc's settings, part of every program: pages unused for ten seconds go back on a thread of
// its own, and those of large blocks no sooner (a batch of the engine is made of such blocks, and
// the kernel clears what it gives anew).
extern "C" const char* malloc_conf;
const char* malloc_conf =
    "background_thread:true,dirty_decay_ms:10000,muzzy_decay_ms:0,oversize_threshold:0";
