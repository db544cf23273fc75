// SPDX-License-Identifier: MIT
/// <reference lib="dom" />
/// <reference lib="dom.iterable" />
/** The page in the browser: the shelf beside one kata. The kata is named behind the address's #. */
import { render } from "preact";
import { useEffect, useState } from "preact/hooks";
import type { PageData } from "../data.ts";
import { KataPanel } from "./kata.tsx";
import { Labs } from "./labs.tsx";
import { Shelf } from "./shelf.tsx";

interface Carried {
  data: PageData;
  events: string | null;
}

const carried: Carried = JSON.parse(document.getElementById("data")!.textContent!);

/** The data as it is now, and whether the server still sends it. */
function useLive({ data, events }: Carried): [PageData, "file" | "live" | "lost"] {
  const [now, setNow] = useState(data);
  const [state, setState] = useState<"file" | "live" | "lost">(events ? "live" : "file");
  useEffect(() => {
    if (!events) return;
    const source = new EventSource(events);
    source.onmessage = ({ data: text }) => {
      setNow(JSON.parse(text));
      setState("live");
    };
    source.onerror = () => setState("lost");
    return () => source.close();
  }, [events]);
  return [now, state];
}

/** The kata or the labs behind the #, or else the one that was graded last. */
function useChosen(data: PageData): string | undefined {
  const [hash, setHash] = useState(location.hash.slice(1));
  useEffect(() => {
    const changed = () => setHash(location.hash.slice(1));
    addEventListener("hashchange", changed);
    return () => removeEventListener("hashchange", changed);
  }, []);
  if (hash === "labs" && data.labs.length > 0) return hash;
  if (data.katas.some(({ id }) => id === hash)) return hash;
  const latest = (id: string) => data.katas.find((kata) => kata.id === id)!.history.at(-1)?.at ?? "";
  return data.katas.map(({ id }) => id).sort((a, b) => (latest(a) < latest(b) ? 1 : latest(a) > latest(b) ? -1 : 0))[0];
}

function Page() {
  const [data, state] = useLive(carried);
  const chosen = useChosen(data);
  const kata = data.katas.find(({ id }) => id === chosen);
  return (
    <div class="page">
      <a class="skip" href="#kata">
        to the kata
      </a>
      <Shelf data={data} chosen={chosen} state={state} />
      <main id="kata">
        {chosen === "labs" && <Labs labs={data.labs} />}
        {kata && <KataPanel key={kata.id} kata={kata} />}
        {!chosen && <p>There is no kata on this shelf.</p>}
      </main>
    </div>
  );
}

render(<Page />, document.getElementById("page")!);
