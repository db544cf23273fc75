// SPDX-License-Identifier: MIT
/** Directives as compilers see them, however they are spelt. */
import { expect, test } from "bun:test";
import { platformIn, trickIn } from "../src/build/directives.ts";

test.each([
  ['#line 1 "stdio.h"', 1, "#line"],
  ["int x;\n  #  line 7", 2, "#line"],
  ['# 33 "stdio.h" 1 3', 1, "#line"],
  ['%:line 1 "x"', 1, "#line"],
  ['??=line 1 "x"', 1, "#line"],
  ['#li\\\nne 1 "x"', 1, "#line"],
  ['#li\\  \nne 1 "x"', 1, "#line"],
  ['#li??/\nne 1 "x"', 1, "#line"],
  ["/* a */ # /* b */ line /* c */ 1", 1, "#line"],
  ["/* a\n   b */ #line 1", 2, "#line"],
  ["# /* a\n   b */ line 1", 1, "#line"],
  ["char q = '\"';\n#line 1 // \"", 2, "#line"],
  ['const char *s = "/*";\n#line 1\nconst char *t = "*/";', 2, "#line"],
  ["#if 0\ndon't /*\n#endif\n*/\n#line 1", 5, "#line"],
  ["int a; \\\nint b;\n#line 4", 3, "#line"],
  ["int a;\r\n#line 4\r\n", 2, "#line"],
  ["#\0line 4", 1, "#line"],
  ["/\u0001*\n#line 4\n*/", 2, "#line"],
  ["int x;\r#line 4", 1, "a carriage return"],
  ["#undef __SANITIZE_THREAD__", 1, "#undef __SANITIZE_THREAD__"],
  ["#define __tsan_read8(p)", 1, "#define __tsan_read8"],
  ["#ifdef __SANITIZE_THREAD__\n#endif", 1, "#ifdef __SANITIZE_THREAD__"],
  ["#if 0\n#elif defined __SANITIZE_ADDRESS__\n#endif", 2, "#elif __SANITIZE_ADDRESS__"],
  ["#ifndef __OPTIMIZE__\n#endif", 1, "#ifndef __OPTIMIZE__"],
  ["int x;\n#include __FILE__", 2, "#include __FILE__"],
  ["#include </etc/passwd.h>", 1, "#include </etc/passwd.h>"],
  ["#include <../../etc/passwd.h>", 1, "#include <../../etc/passwd.h>"],
  ["#include <stdio.c>", 1, "#include <stdio.c>"],
  ["#include_next <stdio.h>", 1, "#include_next"],
  ['%:import "stdio.h"', 1, "#import"],
  ['#embed "/etc/passwd"', 1, "#embed"],
  ['#if __has_include("/etc/passwd")\n#endif', 1, "__has_include"],
  ["#if __has_include(<../../etc/passwd>)\n#endif", 1, "__has_include"],
  ["#define THERE __has_include", 1, "__has_include"],
])("%j: line %i has %s", (text, line, shown) => expect(trickIn(text)).toMatchObject({ line, shown }));

test.each([
  "",
  "int line = 1; // #line 1",
  "/* #line 1 */ int x;",
  "/*\n#line 1\n*/",
  'const char *s = "#line 1";',
  'const char *s = "\\\n#line 1";',
  "#define S(line) #line",
  "#define LINES 10\n#include <stdio.h>\n#pragma once\n#error line",
  "#define load(p) __atomic_load_n(p, __ATOMIC_ACQUIRE)",
  "#ifdef __clang__\n#elif __GNUC__ > 4\n#endif",
  "int x = __atomic_load_n(&y, 5);",
  "#undef __atomic_load_n\n#define __sync_synchronize() barrier()",
  "#if __has_include(<stdatomic.h>)\n#endif",
  "#ifdef __has_include\n#if defined(__has_include) && __has_include(<sys/epoll.h>)\n#endif\n#endif",
  '#include "thing.h" // ours\n#include <sys/epoll.h> /* theirs */\n#  include <linux/if_ether.h>',
  "// a comment \\\n#line 1",
])("%j has none", (text) => expect(trickIn(text)).toBeUndefined());

test.each([
  ["#ifdef _WIN32\n#endif", 1, "#ifdef _WIN32"],
  ["int x;\n#if defined(__MINGW64__) || 0\n#endif", 2, "#if __MINGW64__"],
  ["#if 0\n#elif !defined __linux__\n#endif", 2, "#elif __linux__"],
  ["#if defined(\\\n__linux)\n#endif", 1, "#if __linux"],
])("%j: line %i asks for the system by %s", (text, line, shown) =>
  expect(platformIn(text)).toMatchObject({ line, shown }),
);

test.each([
  "// #ifdef _WIN32",
  "#ifndef _WIN32_WINNT\n#define _WIN32_WINNT 0x0602\n#endif",
  "#ifndef WIN32_LEAN_AND_MEAN\n#define WIN32_LEAN_AND_MEAN\n#endif",
  "#define linux 1\n#ifdef DEBUG\n#endif",
])("%j asks for no system", (text) => expect(platformIn(text)).toBeUndefined());
