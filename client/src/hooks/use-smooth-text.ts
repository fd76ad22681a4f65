// Text comes in batches some 200 ms apart; shown as it comes it would jerk. This lets what is
// new flow in until the next batch.
import { useEffect, useRef, useState } from "react";

/** In this time what is not shown yet is shown; about the pace of the batches. */
const FLOW_MS = 250;
/** Rendering markdown is not free: 30 times a second is smooth enough. */
const FRAME_MS = 33;

const still = () => matchMedia("(prefers-reduced-motion: reduce)").matches;

export function useSmoothText(text: string, live: boolean): string {
  const [shown, setShown] = useState(text.length);
  const target = useRef(text.length);
  target.current = text.length;
  const flowing = live && shown < text.length;

  useEffect(() => {
    if (!flowing || still()) return;
    let last = performance.now();
    let frame = requestAnimationFrame(function step(now) {
      frame = requestAnimationFrame(step);
      const passed = now - last;
      if (passed < FRAME_MS) return;
      last = now;
      setShown((shown) => Math.min(target.current, shown + Math.ceil(((target.current - shown) * passed) / FLOW_MS)));
    });
    return () => cancelAnimationFrame(frame);
  }, [flowing]);

  if (!live || still()) return text;
  return text.slice(0, shown);
}
