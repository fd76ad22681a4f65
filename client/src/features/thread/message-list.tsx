// The messages of a thread. Only those near the window are in the page, so that a thread of
// thousands scrolls as one of ten does.
import { useVirtualizer } from "@tanstack/react-virtual";
import { type ReactNode, type RefObject, useLayoutEffect, useRef, useState } from "react";
import type { Message } from "@/api/types";

/** Rendered beyond the window, so that a quick scroll meets no blank. */
const OVERSCAN = 8;
const HEIGHT_GUESS_PX = 120;

type Props = {
  scroller: RefObject<HTMLElement | null>;
  messages: readonly Message[];
  children: (message: Message, index: number) => ReactNode;
};

export function MessageList({ scroller, messages, children }: Props) {
  const list = useRef<HTMLOListElement>(null);
  const [scrollMargin, setScrollMargin] = useState(0);
  const virtualizer = useVirtualizer({
    count: messages.length,
    getScrollElement: () => scroller.current,
    getItemKey: (index) => messages[index]?.id ?? index,
    estimateSize: () => HEIGHT_GUESS_PX,
    overscan: OVERSCAN,
    scrollMargin,
    // What the first paint shows is at the end.
    initialOffset: messages.length * HEIGHT_GUESS_PX,
  });
  useLayoutEffect(() => setScrollMargin(list.current?.offsetTop ?? 0), [messages.length]);
  useKeptPlace(scroller, messages, virtualizer);
  return (
    <ol ref={list} className="relative" style={{ height: virtualizer.getTotalSize() }} aria-label="Conversation">
      {virtualizer.getVirtualItems().map(({ index, key, start }) => {
        const message = messages[index];
        if (!message) return null;
        return (
          <li
            key={key}
            ref={virtualizer.measureElement}
            data-index={index}
            aria-setsize={messages.length}
            aria-posinset={index + 1}
            className="absolute inset-x-0 top-0 pb-6"
            style={{ transform: `translateY(${start - scrollMargin}px)` }}
          >
            {children(message, index)}
          </li>
        );
      })}
    </ol>
  );
}

type Virtualizer = ReturnType<typeof useVirtualizer<HTMLElement, HTMLLIElement>>;

/** Earlier messages come in above what is read; that stays where it is. */
function useKeptPlace(
  scroller: RefObject<HTMLElement | null>,
  messages: readonly Message[],
  virtualizer: { getTotalSize: Virtualizer["getTotalSize"] },
) {
  const before = useRef({ first: messages[0]?.id, size: 0 });
  const size = virtualizer.getTotalSize();
  useLayoutEffect(() => {
    const first = messages[0]?.id;
    const came = messages.findIndex((message) => message.id === before.current.first);
    if (scroller.current && came > 0) scroller.current.scrollTop += size - before.current.size;
    before.current = { first, size };
  }, [messages, scroller, size]);
}
