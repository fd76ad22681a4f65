// The button of a menu that is fetched after the page is there. Pressed too early, it opens as soon as it can.
import { Slot } from "radix-ui";
import { type ReactNode, Suspense, useState } from "react";

type Props = { trigger: ReactNode; children: (wanted: boolean) => ReactNode };

export function LazyMenu({ trigger, children }: Props) {
  const [wanted, want] = useState(false);
  return <Suspense fallback={<Slot.Root onClick={() => want(true)}>{trigger}</Slot.Root>}>{children(wanted)}</Suspense>;
}
