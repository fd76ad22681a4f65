// Buttons. One that can't be used says why, and stays reachable for the keyboard.
import { type VariantProps, cva } from "class-variance-authority";
import { Slot } from "radix-ui";
import type { ComponentProps, MouseEvent } from "react";

const styles = cva(
  "inline-flex shrink-0 items-center justify-center gap-2 rounded-lg font-medium whitespace-nowrap transition-colors select-none aria-disabled:cursor-not-allowed aria-disabled:opacity-50",
  {
    variants: {
      look: {
        primary: "bg-accent text-on-accent not-aria-disabled:hover:bg-accent/90",
        plain: "border border-line bg-raised text-ink not-aria-disabled:hover:bg-sunken",
        quiet: "text-soft aria-pressed:bg-sunken aria-pressed:text-ink not-aria-disabled:hover:bg-sunken not-aria-disabled:hover:text-ink",
        danger: "bg-danger text-on-accent not-aria-disabled:hover:bg-danger/90",
      },
      size: { md: "h-10 px-4 text-sm", sm: "h-8 px-3 text-sm", icon: "size-10", "icon-sm": "size-8" },
    },
    defaultVariants: { look: "plain", size: "md" },
  },
);

type Props = ComponentProps<"button"> &
  VariantProps<typeof styles> & {
    asChild?: boolean;
    /** Why the button can't be used now. */
    disabledReason?: string | false | undefined;
  };

export function Button({ look, size, asChild, disabledReason, className, onClick, ...props }: Props) {
  const Element = asChild ? Slot.Root : "button";
  const click = (event: MouseEvent<HTMLButtonElement>) => (disabledReason ? event.preventDefault() : onClick?.(event));
  return (
    <Element
      type={asChild ? undefined : "button"}
      {...props}
      onClick={click}
      className={styles({ look, size, className })}
      aria-disabled={disabledReason ? true : undefined}
      title={disabledReason || props.title}
    />
  );
}
