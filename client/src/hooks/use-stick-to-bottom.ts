// Keeps a scrolled list at its end while it grows, unless the reader has scrolled away.
import { useCallback, useEffect, useRef, useState } from "react";

/** Close enough to the end to count as being there. */
const SLACK_PX = 48;

export function useStickToBottom() {
  const scroller = useRef<HTMLDivElement>(null);
  const content = useRef<HTMLDivElement>(null);
  const sticking = useRef(true);
  const [atBottom, setAtBottom] = useState(true);

  useEffect(() => {
    const box = scroller.current;
    if (!box || !content.current) return;
    const toEnd = () => {
      if (sticking.current) box.scrollTop = box.scrollHeight;
    };
    let before = { top: 0, size: 0 };
    const onScroll = () => {
      const now = { top: box.scrollTop, size: box.scrollHeight + box.clientHeight };
      const atEnd = box.scrollHeight - box.scrollTop - box.clientHeight < SLACK_PX;
      // Only the reader scrolls up; a box or a text of another size scrolls as well.
      if (atEnd) sticking.current = true;
      else if (now.top < before.top && now.size === before.size) sticking.current = false;
      before = now;
      setAtBottom(sticking.current);
    };
    const observer = new ResizeObserver(toEnd);
    observer.observe(content.current);
    observer.observe(box);
    box.addEventListener("scroll", onScroll, { passive: true });
    return () => {
      observer.disconnect();
      box.removeEventListener("scroll", onScroll);
    };
  }, []);

  const toBottom = useCallback(() => {
    sticking.current = true;
    scroller.current?.scrollTo({ top: scroller.current.scrollHeight });
  }, []);
  return { scroller, content, atBottom, toBottom };
}
