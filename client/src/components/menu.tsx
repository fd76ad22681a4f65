// A menu behind a button.
import { Check } from "lucide-react";
import { DropdownMenu } from "radix-ui";
import type { ReactNode } from "react";

const item =
  "flex h-9 cursor-default items-center gap-2.5 rounded-md px-2.5 text-sm outline-none select-none data-highlighted:bg-sunken";

/** `defaultOpen`: its button was pressed before the menu had come. */
type Props = { trigger: ReactNode; defaultOpen?: boolean | undefined; children: ReactNode };

export function Menu({ trigger, defaultOpen = false, children }: Props) {
  return (
    <DropdownMenu.Root modal={false} defaultOpen={defaultOpen}>
      <DropdownMenu.Trigger asChild>{trigger}</DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <DropdownMenu.Content
          align="end"
          sideOffset={4}
          className="z-30 min-w-44 rounded-lg border border-line bg-raised p-1 shadow-lg"
        >
          {children}
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  );
}

export function MenuItem({ danger, ...props }: { danger?: boolean; onSelect: () => void; children: ReactNode }) {
  return <DropdownMenu.Item {...props} className={`${item} ${danger ? "text-danger" : ""}`} />;
}

export const MenuLine = () => <DropdownMenu.Separator className="my-1 h-px bg-line" />;

type ChoiceProps<T extends string> = { label: string; value: T; choices: [T, string][]; onChoose: (value: T) => void };

export function MenuChoice<T extends string>({ label, value, choices, onChoose }: ChoiceProps<T>) {
  return (
    <DropdownMenu.RadioGroup value={value} onValueChange={(chosen) => onChoose(chosen as T)}>
      <DropdownMenu.Label className="px-2.5 py-1 text-xs text-soft">{label}</DropdownMenu.Label>
      {choices.map(([choice, name]) => (
        <DropdownMenu.RadioItem key={choice} value={choice} className={`${item} justify-between`}>
          {name}
          <DropdownMenu.ItemIndicator>
            <Check className="size-4" aria-hidden />
          </DropdownMenu.ItemIndicator>
        </DropdownMenu.RadioItem>
      ))}
    </DropdownMenu.RadioGroup>
  );
}
