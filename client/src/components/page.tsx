// A page below the bar: its title, what can be done on it, and its content.
import { type ReactNode, useEffect } from "react";
import { TopBar } from "./top-bar";

type Props = {
  title: string;
  lead?: string;
  /** The way to what this page is one of; it looks as `backStyle` says. */
  back?: ReactNode;
  actions?: ReactNode;
  wide?: boolean;
  children: ReactNode;
};

export const backStyle = "mb-3 inline-flex items-center gap-1.5 rounded text-sm text-soft hover:text-ink";

export function Page({ title, lead, back, actions, wide = false, children }: Props) {
  useTitle(title);
  return (
    <div className="flex min-h-dvh flex-col">
      <TopBar />
      <main className={`mx-auto w-full grow px-4 py-6 sm:py-10 ${wide ? "max-w-4xl" : "max-w-3xl"}`}>
        {back}
        <div className="flex min-h-10 flex-wrap items-start gap-x-4 gap-y-3 pb-5">
          <div className="min-w-0 flex-1 basis-48">
            <h1 className="text-xl font-semibold">{title}</h1>
            {lead && <p className="text-sm text-soft">{lead}</p>}
          </div>
          {actions && <div className="flex flex-wrap items-center gap-2">{actions}</div>}
        </div>
        {children}
      </main>
    </div>
  );
}

/** The browser's title while a page is shown. */
export function useTitle(title: string) {
  useEffect(() => {
    document.title = `${title} · Agent Ops`;
    return () => {
      document.title = "Agent Ops";
    };
  }, [title]);
}
