// SPDX-License-Identifier: MIT
/** Ctrl-C and the like: no guest, no half-made build is left, and the exit code says that nothing was graded. */
import { clearTemporaries } from "../base/cache.ts";
import { closeAllGuests } from "../guest/guest.ts";

/** Installs the handlers, once per process. */
export function tidyWhenInterrupted(): void {
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    process.on(signal, () => {
      closeAllGuests();
      clearTemporaries();
      process.stderr.write("\ninterrupted: nothing is graded\n");
      process.exit(2);
    });
  }
}
