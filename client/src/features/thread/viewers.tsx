// Who else is here.
import { Users } from "lucide-react";

export function Viewers({ count }: { count: number }) {
  if (count < 2) return null;
  return (
    <span className="mr-2 inline-flex items-center gap-1.5 text-sm text-soft tabular-nums" title={`${count} pages show this session`}>
      <Users className="size-4" aria-hidden />
      {count}
      <span className="sr-only">pages show this session</span>
    </span>
  );
}
