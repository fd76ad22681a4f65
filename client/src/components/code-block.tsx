// Code or output, as it is, with a button that copies it.
import { Suspense, lazy } from "react";
import { Copy } from "./copy";

const Highlight = lazy(() => import("./highlight"));

type Props = { code: string; language?: string | undefined; label?: string; className?: string };

export function CodeBlock({ code, language, label = "Code", className = "max-h-[32rem]" }: Props) {
  return (
    <div className="group/code relative overflow-hidden rounded-lg border border-line bg-sunken">
      <div className="absolute top-1 right-1 flex items-center rounded-md bg-sunken text-xs text-soft focus-within:opacity-100 group-hover/code:opacity-100 pointer-fine:opacity-0">
        {language && <span className="pl-2">{language}</span>}
        <Copy text={code} label={`Copy: ${label}`} />
      </div>
      {/* Reachable by keyboard, because it may have to be scrolled. */}
      <pre
        tabIndex={0}
        role="group"
        aria-label={label}
        className={`overflow-auto px-3.5 py-2.5 font-mono text-[13px] leading-relaxed ${className}`}
      >
        <code>
          {language ? (
            <Suspense fallback={code}>
              <Highlight code={code} language={language} />
            </Suspense>
          ) : (
            code
          )}
        </code>
      </pre>
    </div>
  );
}
