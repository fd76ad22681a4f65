// The frame of what the agent waits for.
import type { LucideIcon } from "lucide-react";
import { type ReactNode, useId } from "react";

type Props = { Icon: LucideIcon; title: string; children: ReactNode };

export function PromptCard({ Icon, title, children }: Props) {
  const id = useId();
  return (
    <section aria-labelledby={id} className="mt-6 space-y-3 rounded-xl border border-accent/50 bg-raised p-4">
      <h2 id={id} className="flex items-center gap-2 text-sm font-semibold">
        <Icon className="size-4.5 shrink-0 text-accent" aria-hidden />
        {title}
      </h2>
      {children}
    </section>
  );
}
