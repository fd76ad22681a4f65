// Over the page while files are held over it.
import type { ReactNode } from "react";

export const DropHint = ({ children }: { children: ReactNode }) => (
  <div className="pointer-events-none fixed inset-3 z-30 grid place-items-center rounded-2xl border-2 border-dashed border-accent bg-page/90">
    <p className="text-lg font-semibold">{children}</p>
  </div>
);
