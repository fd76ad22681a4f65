// The agent's plan, folded to a line.
import { ChevronRight, CircleCheck, Circle, CircleDot, CircleX } from "lucide-react";
import type { Todo } from "@/api/types";

const ICONS: Record<string, typeof Circle> = { completed: CircleCheck, in_progress: CircleDot, cancelled: CircleX };

export function Todos({ todos }: { todos: readonly Todo[] }) {
  const done = todos.filter((todo) => todo.status === "completed" || todo.status === "cancelled").length;
  if (done === todos.length) return null;
  const current = todos.find((todo) => todo.status === "in_progress");
  return (
    <details className="group/fold rounded-lg border border-line bg-raised text-sm">
      <summary className="flex list-none items-center gap-2 rounded-lg px-3 py-1.5">
        <ChevronRight className="size-4 text-soft transition-transform group-open/fold:rotate-90" aria-hidden />
        <span className="min-w-0 grow truncate">{current?.content ?? "Plan"}</span>
        <span className="text-soft tabular-nums">
          {done} of {todos.length} done
        </span>
      </summary>
      <ul className="max-h-48 space-y-1 overflow-y-auto px-3 pb-2.5">
        {todos.map((todo, index) => {
          const Icon = ICONS[todo.status] ?? Circle;
          return (
            <li key={index} className="flex items-start gap-2">
              <Icon className="mt-1 size-4 shrink-0 text-soft" aria-hidden />
              <span className="sr-only">{todo.status.replace("_", " ")}:</span>
              <span className={todo.status === "completed" ? "text-soft" : ""}>{todo.content}</span>
            </li>
          );
        })}
      </ul>
    </details>
  );
}
