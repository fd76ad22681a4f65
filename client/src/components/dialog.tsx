// Dialogs: a form, or a question before something that can't be undone.
import { AlertDialog, Dialog as Radix } from "radix-ui";
import type { ReactNode } from "react";
import { Button } from "./button";

const overlay = "fixed inset-0 z-40 bg-shade";
const panel =
  "fixed inset-x-4 z-50 mx-auto overflow-y-auto rounded-xl border border-line bg-raised p-6 shadow-xl";
const narrow = "top-[12dvh] max-h-[80dvh] max-w-md";
const heading = "text-lg font-semibold leading-snug";
const lead = "mt-1 text-sm text-soft";

type Props = { title: string; description: string; trigger?: ReactNode; wide?: boolean; children: ReactNode } & Open;
type Open = { open?: boolean; onOpenChange?: (open: boolean) => void };

export function Dialog({ title, description, trigger, wide = false, children, ...open }: Props) {
  return (
    <Radix.Root {...open}>
      {trigger && <Radix.Trigger asChild>{trigger}</Radix.Trigger>}
      <Radix.Portal>
        <Radix.Overlay className={overlay} />
        <Radix.Content className={`${panel} ${wide ? "top-[6dvh] max-h-[88dvh] max-w-3xl" : narrow}`}>
          <Radix.Title className={`${heading} wrap-anywhere`}>{title}</Radix.Title>
          <Radix.Description className={lead}>{description}</Radix.Description>
          {children}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}

export const DialogClose = Radix.Close;

type ConfirmProps = { title: string; description: string; action: string; onConfirm: () => void } & Open;

export function Confirm({ title, description, action, onConfirm, ...open }: ConfirmProps) {
  return (
    <AlertDialog.Root {...open}>
      <AlertDialog.Portal>
        <AlertDialog.Overlay className={overlay} />
        <AlertDialog.Content className={`${panel} ${narrow}`}>
          <AlertDialog.Title className={heading}>{title}</AlertDialog.Title>
          <AlertDialog.Description className={lead}>{description}</AlertDialog.Description>
          <div className="mt-6 flex justify-end gap-2">
            <AlertDialog.Cancel asChild>
              <Button>Keep it</Button>
            </AlertDialog.Cancel>
            <AlertDialog.Action asChild>
              <Button look="danger" onClick={onConfirm}>
                {action}
              </Button>
            </AlertDialog.Action>
          </div>
        </AlertDialog.Content>
      </AlertDialog.Portal>
    </AlertDialog.Root>
  );
}
