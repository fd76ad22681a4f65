// The list of keyboard shortcuts.
import { SHORTCUTS } from "@/hooks/use-shortcuts";
import { show } from "@/stores/overlays";
import { Dialog } from "./dialog";

export default function Shortcuts() {
  return (
    <Dialog title="Keyboard shortcuts" description="They work wherever you are not writing." open onOpenChange={() => show(null)}>
      <dl className="mt-5 grid grid-cols-[auto_1fr] items-center gap-x-5 gap-y-2.5 text-sm">
        {SHORTCUTS.map(([keys, what]) => (
          <div key={keys} className="contents">
            <dt className="flex gap-1">
              {keys.split(" ").map((key) => (
                <kbd key={key} className="rounded border border-line bg-sunken px-1.5 py-0.5 font-mono text-xs">
                  {key}
                </kbd>
              ))}
            </dt>
            <dd>{what}</dd>
          </div>
        ))}
      </dl>
    </Dialog>
  );
}
