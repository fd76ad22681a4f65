// Shows the toasts of `stores/toasts.ts`.
import { X } from "lucide-react";
import { Toast } from "radix-ui";
import { UNDO_MS, useToasts } from "@/stores/toasts";
import { Button } from "./button";

export default function Toaster() {
  const { toasts, dismiss } = useToasts();
  return (
    <Toast.Provider duration={6_000}>
      {toasts.map(({ id, tone, text, undo }) => (
        <Toast.Root
          key={id}
          duration={undo ? UNDO_MS : 6_000}
          type={tone === "error" ? "foreground" : "background"}
          onOpenChange={(open) => !open && dismiss(id)}
          className="flex items-start gap-3 rounded-lg border border-line bg-raised py-2 pr-2 pl-4 text-sm shadow-lg"
        >
          <Toast.Description className={`grow py-1 ${tone === "error" ? "text-danger" : ""}`}>{text}</Toast.Description>
          {undo && (
            <Toast.Action asChild altText="Undo">
              <Button look="quiet" size="sm" className="text-accent!" onClick={undo}>
                Undo
              </Button>
            </Toast.Action>
          )}
          <Toast.Close asChild>
            <Button look="quiet" size="icon-sm" aria-label="Close">
              <X className="size-4" aria-hidden />
            </Button>
          </Toast.Close>
        </Toast.Root>
      ))}
      <Toast.Viewport className="fixed top-16 right-4 z-50 flex w-[min(24rem,calc(100vw-2rem))] flex-col gap-2" />
    </Toast.Provider>
  );
}
