// A session's status, in a word and a dot.
const LOOKS: Record<string, [label: string, dot: string]> = {
  idle: ["Ready", "bg-edge"],
  starting: ["Starting", "bg-warn animate-pulse"],
  running: ["Working", "bg-accent animate-pulse"],
  stopping: ["Stopping", "bg-warn animate-pulse"],
  terminated: ["Ended", "border border-edge"],
};

/** `terse`: on a phone the word is for screen readers only. */
export function Status({ status, terse = false }: { status: string; terse?: boolean }) {
  const [label, dot] = LOOKS[status] ?? [status, "bg-edge"];
  return (
    <span className="inline-flex shrink-0 items-center gap-1.5 text-sm text-soft">
      <span className={`size-2 rounded-full ${dot}`} aria-hidden />
      <span className={terse ? "max-sm:sr-only" : ""}>{label}</span>
    </span>
  );
}
