// SPDX-License-Identifier: MIT
/** Directives as compilers see them, however they are spelt. */
import { expect, test } from "bun:test";
import { trickIn } from "../src/build/directives.ts";

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
  "// a comment \\\n#line 1",
])("%j has none", (text) => expect(trickIn(text)).toBeUndefined());
