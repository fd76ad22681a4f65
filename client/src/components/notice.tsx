// A page or a list that has nothing to show, and what to do next.
import type { ReactNode } from "react";

export function Notice({ title, text, children }: { title: string; text: string; children?: ReactNode }) {
  return (
    <div className="flex flex-col items-center px-4 py-20 text-center">
      <h2 className="text-base font-semibold">{title}</h2>
      <p className="mt-1 max-w-sm text-sm text-soft">{text}</p>
      {children && <div className="mt-5 flex gap-2">{children}</div>}
    </div>
  );
}

/** A row of something that is on its way. */
export const Skeleton = ({ className = "" }: { className?: string }) => (
  <div className={`animate-pulse rounded-lg bg-sunken ${className}`} />
);
