// SPDX-License-Identifier: MIT
/** What the object imports and defines, against the rules; hostile.test.ts has the words that a learner reads. */
import { expect, setDefaultTimeout, test } from "bun:test";
import { basename, join } from "node:path";
import { ROOT } from "../src/base/cache.ts";
import { hiddenIn } from "../src/build/attributes.ts";
import { audit, importsAny } from "../src/build/audit.ts";
import { confinement } from "../src/build/confinement.ts";
import { compileSubmission } from "../src/build/learner.ts";
import type { Kata } from "../src/kata/kata.ts";
import type { Submission } from "../src/build/submission.ts";
import { toolchain } from "../src/build/toolchain.ts";
import { answerKata, strictKata } from "../fixtures/01-answer/grader/kata.ts";

setDefaultTimeout(60_000); // each test compiles, perhaps on a busy machine

const HEADER = '#include "answer.h"\n';

async function audited(text: string, kata: Kata = strictKata, shown = "katas/01-answer/answer.c") {
  const submission: Submission = { label: shown, files: [{ name: "answer.c", shown, text: HEADER + text }] };
  const { ok, objects, text: said } = await compileSubmission(kata, submission, "plain");
  if (!ok) throw new Error(said);
  return await audit(kata, submission, objects);
}

const answer = "int answer(int q) { return q + 1; }\n";

test.each([
  ["a plain file", answer, []],
  [
    "helpers of its own",
    `int twice(int q);\nint twice(int q) { return 2 * q; }\n${answer}int counter;\n`,
    ["counter", "twice"],
  ],
  [
    "static names of the library's",
    `static int index(int q) { return q; }\nint answer(int q) { return index(q) + 1; }\n`,
    [],
  ],
  [
    "assert and errno",
    "#include <assert.h>\n#include <errno.h>\nint answer(int q) { assert(q >= 0); errno = 0; return q + 1; }\n",
    [],
  ],
  [
    "comparing memory, which a compiler may call bcmp",
    "#include <string.h>\nint answer(int q) { char a[64] = {0}, b[64]; __builtin_memset(b, q, 64); return q + 1 + (memcmp(a, b, 64) == 0 && q > 9); }\n",
    [],
  ],
  [
    "a large division, which a compiler may call __umodti3",
    "int answer(int q) { volatile unsigned __int128 n = 7; return q + 1 + (int)(n % 7 * n); }\n",
    [],
  ],
  [
    "an empty statement of assembly, which only the compiler reads",
    'int answer(int q) { asm("" ::: "memory"); __asm__ __volatile__("" : : : "memory"); asm volatile(""); return q + 1; }\n',
    [],
  ],
  [
    "printing, for whoever looks for a mistake",
    '#include <stdio.h>\n#include <stdlib.h>\nint answer(int q) { printf("%d\\n", q); fprintf(stderr, "?"); puts("!"); putchar(10); perror("p"); dprintf(2, "d"); if (fflush(stdout)) abort(); return q + 1; }\n',
    [],
  ],
  [
    "plain functions on strings and numbers",
    '#include <string.h>\n#include <stdio.h>\n#include <stdlib.h>\n#include <ctype.h>\nint answer(int q) { char a[9]; snprintf(a, 9, "%d", q); sscanf(a, "%d", &q); return (int)strtol(a, 0, 10) + !strstr(a, "x") + (isdigit((unsigned char)*a) ? 0 : 1); }\n',
    [],
  ],
  [
    "a function of its own that takes the larger value",
    "#include <stdatomic.h>\nstatic int atomic_fetch_max(_Atomic int *at, int value) { int old = *at; while (old < value && !atomic_compare_exchange_weak(at, &old, value)) {} return old; }\nint answer(int q) { static _Atomic int most; return atomic_fetch_max(&most, 0) + q + 1; }\n",
    [],
  ],
  [
    "what compilers are told about code that stays where it is",
    `typedef int four __attribute__((vector_size(16)));
static __attribute__((noinline, cold, unused)) int odd(int q) { return q & 1; }
static inline __attribute__((always_inline, const)) int even(int q) { return !odd(q); }
struct line { _Alignas(64) int at; char rest[60] __attribute__((aligned(8))); } __attribute__((packed));
__attribute__((visibility("hidden"), hot, flatten, target("sse2"), optimize("O2"))) int helper(int q) { return even(q); }
static void end(int *q) { *q = 0; }
static _Thread_local struct line line;
static __thread int mine;
#pragma GCC diagnostic ignored "-Wunused-value"
#pragma STDC FP_CONTRACT ON
int answer(int q) {
    int gone __attribute__((cleanup(end))) = q, section = 1, alias = 2, constructor = 3, asm_free = 4;
    if (__builtin_expect(helper(q) > 1, 0)) __builtin_unreachable();
    for (int i = 0; i < 2; i++) __builtin_ia32_pause(), __builtin_prefetch(&line, 1, 3);
    return gone + 1 + (section + alias + constructor + asm_free - 10) + __builtin_ctz(1) + mine + line.at;
}
`,
    ["helper"],
  ],
  [
    "compare-and-swap of 16 bytes, which is one instruction",
    "static _Alignas(16) unsigned __int128 pair;\nint answer(int q) { return q + 1 - !__sync_bool_compare_and_swap(&pair, __sync_val_compare_and_swap(&pair, 0, 0), 7); }\n",
    [],
  ],
  [
    "members of its own that are called as a stream's are, and other words of the grader's",
    `#include <stdio.h>
struct node { struct node *_chain; int _lock, _fileno, ifunc, no_sanitize; };
int answer(int q) { struct node n = {NULL, q, 1, 0, 0}; n._chain = &n; printf("%d", q); return n._chain->_lock + n._fileno + n.ifunc + n.no_sanitize; }
`,
    [],
  ],
  ["a thread-local variable", "_Thread_local int mine;\nint answer(int q) { return ++mine, q + 1; }\n", ["mine"]],
])("%s is allowed", async (_, text, local) => {
  expect(await audited(text)).toEqual({ lacking: [], forbidden: undefined, own: { local, shared: [] } });
});

test.each([
  [
    "an import, with the line of its use",
    '#include <stdlib.h>\nint answer(int q) {\n    return q + (getenv("X") != 0);\n}\n',
    "answer.c:4 uses getenv",
  ],
  [
    "an atomic operation of libatomic",
    "static _Atomic struct { long part[3]; } all;\nint answer(int q) {\n    return q + 1 + (all = all, 0);\n}\n",
    "too wide for this compiler, which calls __atomic_",
  ],
  [
    "an import by pointer only",
    "#include <stdlib.h>\nint (*run)(const char *) = system;\n" + answer,
    "answer.c:3 uses system",
  ],
  [
    "a weak import",
    "extern void __attribute__((weak)) frame_send(int, const void *, unsigned long);\nint answer(int q) { if (frame_send) frame_send(8, 0, 0); return q + 1; }\n",
    "uses frame_send",
  ],
  [
    "the guest's own functions",
    "void evidence_end(void);\nint answer(int q) { if (q == 2) evidence_end(); return q + 1; }\n",
    "answer.c:3 uses evidence_end",
  ],
  ["a reserved name", "int __mine;\n" + answer, "defines __mine, a name that belongs to the C library"],
  [
    "a section that runs early",
    'static void early(void) {}\nvoid (*const at[])(void) __attribute__((section(".preinit_array"), used)) = {early};\n' +
      answer,
    "answer.c:3 uses section: code or data where the compiler would not put it",
  ],
  [
    "a destructor",
    "volatile int n;\n__attribute__((destructor)) static void late(void) { n = 1; }\n" + answer,
    "answer.c:3 uses destructor: code that runs when nobody calls it",
  ],
  [
    "an instruction in assembly",
    'int answer(int q) { __asm__ volatile("nop" ::: "memory"); return q + 1; }\n',
    "uses __asm__: inline assembly",
  ],
  [
    "a statement of assembly with an output",
    'int answer(int q) { __asm__ volatile("" : "+r"(q) : : "memory"); return q + 1; }\n',
    "uses __asm__: inline assembly",
  ],
  [
    "an atomic builtin that no build is told of",
    "static int n;\nint answer(int q) {\n    return __sync_fetch_and_max(&n, q);\n}\n",
    "answer.c:4 uses __sync_fetch_and_max: an atomic operation that the grader cannot watch",
  ],
  [
    "such a builtin of the other family",
    "static int n;\nint answer(int q) {\n    return __atomic_fetch_min(&n, q, __ATOMIC_RELAXED);\n}\n",
    "answer.c:4 uses __atomic_fetch_min: an atomic operation that the grader cannot watch",
  ],
  [
    "what the groups of calls that every kata allows leave out",
    '#include <stdio.h>\n#include <stdlib.h>\n#include <unistd.h>\nint answer(int q) {\n    FILE *f = fopen("x", "w");\n    return q + !f + (int)write(1, "x", 1) + (int)scanf("%d", &q) + atexit(0) + getpid();\n}\n',
    "answer.c:7 uses scanf, katas/01-answer/answer.c:7 uses atexit, katas/01-answer/answer.c:7 uses getpid, katas/01-answer/answer.c:7 uses write",
  ],
  [
    "machine code among the constants",
    `#define IN(s) __attribute__((__section__(s)))
static const unsigned char code[] IN(".text") = {0xb8, 0xe7, 0, 0, 0, 0x31, 0xff, 0x0f, 0x05};
int answer(int q) { if (q == 2) ((void (*)(void))code)(); return q + 1; }
`,
    "answer.c:3 uses __section__: code or data where the compiler would not put it",
  ],
  [
    "a constructor, with its line",
    "static int n;\n" +
      answer +
      "static void\n__attribute__((unused,\n               constructor(101)))\nearly(void) { n = 1; }\n",
    "answer.c:6 uses constructor: code that runs when nobody calls it",
  ],
  [
    "another name for a function",
    'static int other(int q) { return q + 1; }\nint answer(int q) __attribute((nonnull, alias("other")));\n',
    "answer.c:3 uses alias: another name for what is called",
  ],
  [
    "another name by a pragma",
    "int other(int);\n" + answer + '_Pragma("weak other = answer")\n',
    "answer.c:4 uses #pragma weak: another name for what is called",
  ],
  [
    "its caller's address",
    "int answer(int q) { return q + 1 + (__builtin_return_address(0) == 0); }\n",
    "answer.c:2 uses __builtin_return_address: a way to memory that the contract does not hand over",
  ],
  [
    "its caller's frame",
    "int answer(int q) { return q + 1 + (__builtin_frame_address(0) == 0); }\n",
    "answer.c:2 uses __builtin_frame_address: a way to memory",
  ],
  [
    "the addresses of everything that is linked",
    "extern char _GLOBAL_OFFSET_TABLE_[];\nint answer(int q) { return q + 1 + *_GLOBAL_OFFSET_TABLE_; }\n",
    "answer.c:2 uses _GLOBAL_OFFSET_TABLE_: a way to memory",
  ],
  [
    "the insides of a stream",
    "#include <stdio.h>\nint answer(int q) { stdout->_fileno = 473; return q + 1; }\n",
    "answer.c:3 uses _fileno: a way to memory",
  ],
  [
    "the insides of a stream, beside members of its own that are called so",
    "#include <stdio.h>\nstruct node { struct node *_chain; };\nint answer(int q) { struct node n = {&n}; return q + (n._chain && !stdout->_chain); }\n",
    "uses _chain: a way to memory",
  ],
  [
    "itself once more, as another file",
    `#ifndef AGAIN\n#define AGAIN\n${answer}#include "answer.c"\n#endif\n`,
    "includes answer.c from another folder",
  ],
  [
    "a pasted word",
    '#define PASTE(a, b) a##b\nint answer(int q) { PASTE(__as, m__)("nop"); return q + 1; }\n',
    "uses __asm__: inline assembly",
  ],
])("%s", async (_, text, saw) => {
  expect((await audited(text)).forbidden?.saw).toContain(saw);
});

test.each(["native/include/rng.h", "native/guest/frames.h"])("a file from another folder, %s: bare", async (header) => {
  process.env.C10KATA_BOX = "no";
  try {
    const { forbidden } = await audited(`#include "${join(ROOT, header)}"\n${answer}`);
    expect(forbidden?.saw).toContain(`includes ${basename(header)} from another folder`);
  } finally {
    delete process.env.C10KATA_BOX;
  }
});

const { made, why } = await confinement();

test.skipIf(!made)(
  `a file from another folder is not there in a box${made ? "" : `, of which there is none: ${why}`}`,
  async () => {
    const stolen = audited(`#include "${join(ROOT, "native/include/rng.h")}"\n${answer}`);
    await expect(stolen).rejects.toThrow(/rng\.h\b.*(No such file|not found)/);
  },
);

test("a telltale of a build, pasted together where no word shows it", async () => {
  const gcc = (await toolchain()).family === "gcc";
  const telltale = gcc ? "PASTE(__SANI, TIZE_THREAD__) + 0" : "PASTE(__has_, feature)(thread_sanitizer)";
  const text = `#define PASTE(a, b) a##b\n#if ${telltale}\nint other;\n#endif\n${answer}`;
  expect((await audited(text)).forbidden?.saw).toContain("compiles to another program in the tsan build");
});

test("memory beyond C's, by a segment register", async () => {
  const { family, version } = await toolchain();
  const asked = family === "gcc" ? "__seg_fs" : "__attribute__((address_space(257)))";
  const text = `int answer(int q) { return q + 1 + (*(${asked} int *)16 == 7); }\n`;
  if (process.arch === "x64") expect((await audited(text)).forbidden?.saw, version).toContain("answer.c:2 uses");
});

test.each([
  ["[[gnu::constructor]] void early(void);", "constructor"],
  ["[ [ gnu::unused, gnu::section(name) ] ] int x;", "section"],
  ["<:<: gnu::constructor :>:> void early(void);", "constructor"], // as later compilers take them in C11, too
  ["<:<: gnu::unused :>:> int section;", undefined],
  ["__attribute__((no_sanitize(thread))) int ifunc;", "no_sanitize"],
])("%s has %s", (code, shown) => expect(hiddenIn([{ line: 1, code }])?.shown).toBe(shown));

test("another stack, and a nested function that needs an executable one; clang has none of the two", async () => {
  if ((await toolchain()).family !== "gcc") return;
  const other = "int answer(int q) { if (q < 0) __builtin_stack_restore(&q); return q + 1; }\n";
  expect((await audited(other)).forbidden?.saw).toContain("answer.c:2 uses __builtin_stack_restore: a way to memory");
  const text = `int call(int (*f)(int), int q);
int call(int (*f)(int), int q) { return f(q); }
int answer(int q) { int next(int by) { return q + by; } return call(next, 1); }
`;
  expect((await audited(text)).forbidden?.saw).toContain("executable");
});

test("a pragma that switches a sanitizer off; gcc knows no such pragma, and its words are refused all the same", async () => {
  const push = String.raw`clang attribute push(__attribute__((no_sanitize(\"thread\"))), apply_to = function)`;
  const text = `_Pragma("${push}")\n${answer}_Pragma("clang attribute pop")\n`;
  expect((await audited(text)).forbidden?.saw).toContain("uses no_sanitize");
});

test("a file whose name has a space is read like any other", async () => {
  const text = "#include <stdlib.h>\nint answer(int q) {\n    if (q == 2) exit(0);\n    return q + 1;\n}\n";
  expect((await audited(text, strictKata, "my answer.c")).forbidden?.saw).toBe("my answer.c:4 uses exit");
  expect((await audited(text, answerKata(), "my answer.c")).forbidden).toBeUndefined();
});

test.each(["", "#include <stdio.h>\n", "#include <stdio.h>\n#include <pthread.h>\n"])(
  "features asked for after %j are no news",
  async (before) => {
    const asks = "#define _GNU_SOURCE\n#define _POSIX_C_SOURCE 200809L\n  #  define _GNU_SOURCE // again\n";
    const text = `${before}${asks}#include <string.h>\nint answer(int q) { return q + 1 + !memmem("a", 1, "a", 1); }\n`;
    const submission = { label: "answer.c", files: [{ name: "answer.c", shown: "answer.c", text }] };
    const { ok, text: said } = await compileSubmission(strictKata, submission, "plain");
    expect([ok, said]).toEqual([true, ""]);
  },
);

test("what is lacking is named, all of it", async () => {
  const kata = { ...strictKata, exports: ["answer", "question", "reply"] };
  expect((await audited(answer, kata)).lacking).toEqual(["question", "reply"]);
});

test("Windows' calls are listed as a learner writes them", async () => {
  const { forbidden } = await audited("void away(void);\nint answer(int q) { away(); return q; }\n", {
    ...strictKata,
    imports: ["winsock_bind", "WSASend"],
  });
  expect(forbidden?.expected).toStartWith("of functions from elsewhere: bind, WSASend;");
});

test("importsAny sees an import, and nothing else", async () => {
  const file = {
    name: "answer.c",
    shown: "answer.c",
    text: "int other(int);\nint answer(int q) { return other(q); }\n",
  };
  const { objects } = await compileSubmission(strictKata, { label: "", files: [file] }, "plain");
  expect([await importsAny(objects, "other"), await importsAny(objects, "answer")]).toEqual([true, false]);
});
