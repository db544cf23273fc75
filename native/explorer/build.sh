#!/bin/sh
# SPDX-License-Identifier: MIT
#
# build.sh                       compiles the explorer into build/explorer
# build.sh OUT.so FILE.c ...     compiles a driver and a subject into OUT.so, ready to be explored
#
# CC chooses the compiler (gcc or clang), CFLAGS adds to its flags, OUT the folder for the first form.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
CC=${CC:-cc}

# Else the order in which files are linked alone makes the explorer up to 5 % slower or faster.
aligned="-falign-functions=64 -falign-loops=32"

build_explorer() {
    out=${OUT:-$here/build}
    mkdir -p "$out"
    # shellcheck disable=SC2086 # CFLAGS are words
    $CC -std=gnu11 -D_GNU_SOURCE -O3 -g -Wall -Wextra -Wno-format-zero-length -Werror \
        -fvisibility=hidden -fno-strict-aliasing $aligned -I"$here/../common" ${CFLAGS:-} \
        "$here"/src/*.c "$here"/../common/*.c -rdynamic -Wl,-z,relro,-z,now -Wl,--no-as-needed -ldl -lm -o "$out/explorer"
}

# x86-64: 16-byte atomics inline, which compilers else leave to a library. AArch64: thread-local variables by call.
machine_flags() {
    case $(uname -m) in
    x86_64) echo -mcx16 ;;
    aarch64) echo -mtls-dialect=trad ;;
    esac
}

build_subject() {
    so=$1
    shift
    # shellcheck disable=SC2046,SC2086 # flags are words
    $CC -std=gnu11 -O1 -g -fPIC -fsanitize=thread -ftrivial-auto-var-init=pattern -fno-builtin -U_FORTIFY_SOURCE -fno-stack-protector -fstack-clash-protection $(machine_flags) -I"$here/include" ${CFLAGS:-} "$@" \
        -shared -nostdlib -Wno-tsan -Wno-unknown-warning-option -Wl,-Bsymbolic,-z,norelro,-z,lazy -lgcc -o "$so"
}

if [ $# -eq 0 ]; then build_explorer; else build_subject "$@"; fi
