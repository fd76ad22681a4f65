// What the agent says and what it thinks.
import { ChevronRight } from "lucide-react";
import { memo } from "react";
import { Markdown } from "@/components/markdown";
import { useSmoothText } from "@/hooks/use-smooth-text";

export const Text = memo(({ text, live }: { text: string; live: boolean }) => {
  const shown = useSmoothText(text, live);
  return <Markdown text={shown} />;
});

export const Reasoning = memo(({ text, live }: { text: string; live: boolean }) => (
  <details className="group/fold">
    <summary className="inline-flex list-none items-center gap-1.5 rounded-md py-0.5 pr-2 text-sm text-soft hover:text-ink">
      <ChevronRight className="size-4 transition-transform group-open/fold:rotate-90" aria-hidden />
      {live ? "Thinking…" : "Thoughts"}
    </summary>
    <div className="mt-1 ml-2 border-l-2 border-line pl-4 text-sm text-soft">
      <Markdown text={text} />
    </div>
  </details>
));
