// What is being typed, told once typing pauses.
import { useEffect, useState } from "react";

/** Typing pauses before something is read anew for it. */
const PAUSE_MS = 250;

export function useTyped(told: string, onTold: (text: string) => void) {
  const [text, setText] = useState(told);
  useEffect(() => {
    if (text === told) return;
    const timer = setTimeout(() => onTold(text), PAUSE_MS);
    return () => clearTimeout(timer);
  });
  return [text, setText] as const;
}
