// What an edit changed, line by line. A chunk of its own.
import { diffLines } from "diff";
import { memo } from "react";

type Line = { sign: "+" | "-" | " "; text: string };

const LOOKS = { "+": "bg-added", "-": "bg-removed", " ": "text-soft" };
const WORDS = { "+": "added", "-": "removed", " ": "" };

export function linesOf(before: string, after: string): Line[] {
  return diffLines(before, after).flatMap(({ value, added, removed }) =>
    value
      .replace(/\n$/, "")
      .split("\n")
      .map((text): Line => ({ sign: added ? "+" : removed ? "-" : " ", text })),
  );
}

/** Of a patch in the unified format, without its header. */
export function patchLines(patch: string): Line[] {
  const lines = patch.replace(/\n$/, "").split("\n").filter((line) => !/^(---|\+\+\+|Index:|={5,}|diff |index )/.test(line));
  return lines.map((line): Line => {
    const sign = line[0] === "+" || line[0] === "-" ? line[0] : " ";
    return { sign, text: line.startsWith("@@") ? line : line.slice(1) };
  });
}

export default memo(({ lines, label }: { lines: Line[]; label: string }) => (
  <pre
    tabIndex={0}
    role="group"
    aria-label={label}
    className="max-h-80 overflow-auto rounded-lg border border-line bg-sunken py-2 font-mono text-[13px] leading-relaxed"
  >
    {lines.map(({ sign, text }, index) => (
      <div key={index} className={`min-w-fit px-3.5 whitespace-pre ${LOOKS[sign]}`}>
        <span className="mr-3 inline-block w-2 select-none" aria-hidden>
          {sign}
        </span>
        {WORDS[sign] && <span className="sr-only">{WORDS[sign]}: </span>}
        {text}
      </div>
    ))}
  </pre>
));
