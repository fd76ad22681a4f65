// A tool call as a row that opens to what went in and what came out.
import {
  ChevronRight,
  CircleHelp,
  CircleX,
  FilePen,
  FileText,
  Globe,
  ListTodo,
  LoaderCircle,
  type LucideIcon,
  Search,
  Terminal,
  Wrench,
} from "lucide-react";
import { memo } from "react";
import type { ToolPart } from "@/api/types";
import { CodeBlock } from "@/components/code-block";
import { Whole } from "./whole";
import { ToolInput, summaryOf } from "./tool-input";

const ICONS: Record<string, LucideIcon> = {
  bash: Terminal,
  read: FileText,
  write: FilePen,
  edit: FilePen,
  patch: FilePen,
  grep: Search,
  glob: Search,
  list: Search,
  webfetch: Globe,
  websearch: Globe,
  todowrite: ListTodo,
  question: CircleHelp,
};

/** `ended`: the turn is over, so that nothing runs whatever the part says. */
export const ToolCall = memo(({ tool, ended }: { tool: ToolPart; ended: boolean }) => {
  const running = !ended && (tool.status === "running" || tool.status === "pending");
  const failed = tool.status === "error";
  return (
    <details className="group/tool rounded-lg border border-line bg-raised">
      <summary className="flex h-10 list-none items-center gap-2.5 rounded-lg px-3 text-sm hover:bg-sunken/60">
        <StateIcon name={tool.name} running={running} failed={failed} />
        <span className="shrink-0 font-mono text-[13px] text-soft">{tool.name}</span>
        <span className="min-w-0 grow truncate">{titleOf(tool)}</span>
        {running && <span className="sr-only">running</span>}
        {failed && <span className="shrink-0 text-danger">failed</span>}
        <span className="shrink-0 text-xs text-soft tabular-nums">{durationOf(tool)}</span>
        <ChevronRight className="size-4 shrink-0 text-soft transition-transform group-open/tool:rotate-90" aria-hidden />
      </summary>
      <div className="space-y-2 border-t border-line p-2.5">
        <ToolInput name={tool.name} input={tool.input} />
        {tool.output && <CodeBlock code={tool.output} label="Output" className="max-h-80" />}
        {tool.full_output ? (
          <Whole kept={tool.full_output} />
        ) : (
          tool.truncated && <p className="px-1 text-xs text-soft">The output was longer; this is a part of it.</p>
        )}
        {!tool.output && !running && <p className="px-1 text-sm text-soft">No output.</p>}
      </div>
    </details>
  );
});

/** Paths without what is the same for all of them, wherever the agent runs: the end is what tells them apart. */
const titleOf = ({ title, input }: ToolPart) => (title || summaryOf(input)).replace(/^\S*\bworkspace\//, "");

function StateIcon({ name, running, failed }: { name: string; running: boolean; failed: boolean }) {
  if (running) return <LoaderCircle className="size-4 shrink-0 animate-spin text-accent" aria-hidden />;
  if (failed) return <CircleX className="size-4 shrink-0 text-danger" aria-hidden />;
  const Icon = ICONS[name] ?? Wrench;
  return <Icon className="size-4 shrink-0 text-soft" aria-hidden />;
}

export function durationOf({ started_at, ended_at }: Pick<ToolPart, "started_at" | "ended_at">): string {
  if (!started_at || !ended_at) return "";
  const seconds = (Date.parse(ended_at) - Date.parse(started_at)) / 1000;
  if (seconds < 0.1) return "";
  if (seconds < 60) return `${seconds.toFixed(1)} s`;
  return `${Math.floor(seconds / 60)} min ${Math.round(seconds % 60)} s`;
}
