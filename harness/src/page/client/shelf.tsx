// SPDX-License-Identifier: MIT
/** The shelf: what is passed, at which tier, what comes next. */
import { useLayoutEffect, useRef } from "preact/hooks";
import type { KataData, PageData } from "../data.ts";

interface Props {
  data: PageData;
  chosen: string | undefined;
  state: "file" | "live" | "lost";
}

export function Shelf({ data, chosen, state }: Props) {
  const passed = data.katas.filter(({ best }) => best?.passed).length;
  const next = data.katas.find(({ best }) => !best?.passed);
  const list = useRef<HTMLOListElement>(null);
  useLayoutEffect(() => {
    const shown = list.current!.querySelector<HTMLElement>("[aria-current]");
    if (shown) list.current!.scrollLeft = shown.offsetLeft - list.current!.offsetLeft;
  }, [chosen]);
  return (
    <nav class="shelf" aria-label="shelf">
      <p class="name">c10kata</p>
      <p class="belt">
        <span class={`knot ${data.belt}`} aria-hidden="true" /> {data.belt} belt, {passed} of {data.katas.length} passed
      </p>
      <ol ref={list}>
        {data.katas.map((kata) => (
          <li key={kata.id} id={kata.id}>
            <a href={`#${kata.id}`} aria-current={kata.id === chosen ? "page" : undefined}>
              <span class="id">{kata.id}</span>
              <span class="reached">{reached(kata, kata === next)}</span>
              <Bar kata={kata} />
            </a>
          </li>
        ))}
      </ol>
      {data.labs.length > 0 && (
        <p class="labs">
          <a href="#labs" aria-current={chosen === "labs" ? "page" : undefined}>
            labs
          </a>
        </p>
      )}
      <p class="state" role="status">
        {STATES[state]}
      </p>
    </nav>
  );
}

const STATES = {
  file: "",
  live: "live: graded again at every save",
  lost: "the watch has ended; this is what was known last",
};

function reached({ best }: KataData, next: boolean): string {
  if (!best) return next ? "next" : "";
  if (!best.passed) return `${best.score}/${best.score_max}${next ? ", next" : ""}`;
  return best.tier === "silver" || best.tier === "gold" ? best.tier : "passed";
}

function Bar({ kata: { best } }: { kata: KataData }) {
  const share = best ? best.score / Math.max(1, best.score_max) : 0;
  return (
    <span class="bar" aria-hidden="true">
      <span class={best?.passed ? `fill ${best.tier ?? "pass"}` : "fill"} style={{ width: `${share * 100}%` }} />
    </span>
  );
}
