// SPDX-License-Identifier: MIT
/** One failure in full: what was seen and expected, where to look, how to see it again, and the picture of it. */
import { useState } from "preact/hooks";
import type { CheckResult } from "../../judge/score.ts";
import { printedText } from "../../report/printed.ts";
import { Trace } from "./trace.tsx";

/** `open`: it stands alone, and says its own name. */
export function Failure({ check, open }: { check: CheckResult; open?: boolean }) {
  const rows: [label: string, text: string | undefined][] = [
    ["saw", check.saw],
    ["expected", check.expected],
    ["look at", check.look_at],
  ];
  return (
    <div class="failure">
      {open && (
        <h2>
          {check.id} <span class="verdict">{check.verdict.replaceAll("_", " ")}</span>
        </h2>
      )}
      <dl>
        {rows.map(([label, text]) =>
          text ? (
            <div key={label}>
              <dt>{label}</dt>
              <dd>{text}</dd>
            </div>
          ) : null,
        )}
        {check.replay && (
          <div>
            <dt>replay</dt>
            <dd>
              <Copied key={check.replay} text={check.replay} />
            </dd>
          </div>
        )}
      </dl>
      {check.detail && <Scrolled name={`details of ${check.id}`} text={check.detail} />}
      {check.trace && check.trace.length > 0 && (
        <Trace key={JSON.stringify(check.trace)} steps={check.trace} /> // of another trace another step is chosen
      )}
      {check.printed && <Scrolled name={`what ${check.id} printed`} text={printedText(check.printed)!} />}
    </div>
  );
}

/** Text of a tool, which may be wider than the page: the keyboard reaches it, too. */
export function Scrolled({ name, text }: { name: string; text: string }) {
  return (
    <div class="scrolled" role="group" aria-label={name} tabIndex={0}>
      <pre>{text}</pre>
    </div>
  );
}

/** A command, with a button that copies it. */
function Copied({ text }: { text: string }) {
  const [copied, setCopied] = useState(false);
  const copy = () => {
    void navigator.clipboard.writeText(text).then(() => setCopied(true));
  };
  return (
    <>
      <code>{text}</code>{" "}
      <button type="button" class="small" onClick={copy}>
        {copied ? "copied" : "copy"}
      </button>
    </>
  );
}
