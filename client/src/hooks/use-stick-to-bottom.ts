// Keeps a scrolled list at its end while it grows, unless the reader has scrolled away.
import { useEffect, useRef, useState } from "react";

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
    const onScroll = () => {
      sticking.current = box.scrollHeight - box.scrollTop - box.clientHeight < SLACK_PX;
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

  const toBottom = () => {
    sticking.current = true;
    scroller.current?.scrollTo({ top: scroller.current.scrollHeight });
  };
  return { scroller, content, atBottom, toBottom };
}
