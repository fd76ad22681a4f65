// Files and folders that are dropped anywhere on the page.
import { useEffect, useRef, useState } from "react";
import { explain } from "@/api/errors";
import { toast } from "@/stores/toasts";
import { dropped } from "@/uploads/dropped";
import type { Named } from "@/uploads/uploads";

const hasFiles = (event: DragEvent) => event.dataTransfer?.types.includes("Files") ?? false;

/** Whether files are held over the page; what is dropped goes to `onFiles`. */
export function useDrop(onFiles: (files: Named[]) => void): boolean {
  const [over, setOver] = useState(false);
  const take = useRef(onFiles);
  take.current = onFiles;
  useEffect(() => {
    // Entered and not left: each element under the pointer tells of itself.
    let depth = 0;
    const enter = (event: DragEvent) => {
      if (!hasFiles(event)) return;
      depth += 1;
      setOver(true);
    };
    const leave = (event: DragEvent) => {
      if (!hasFiles(event)) return;
      depth = Math.max(0, depth - 1);
      if (depth === 0) setOver(false);
    };
    // Without this the browser would open what is dropped.
    const allow = (event: DragEvent) => hasFiles(event) && event.preventDefault();
    const drop = (event: DragEvent) => {
      if (!hasFiles(event)) return;
      event.preventDefault();
      depth = 0;
      setOver(false);
      dropped(event.dataTransfer?.items ?? []).then(
        (files) => files.length > 0 && take.current(files),
        (error) => toast(explain(error), "error"),
      );
    };
    addEventListener("dragenter", enter);
    addEventListener("dragleave", leave);
    addEventListener("dragover", allow);
    addEventListener("drop", drop);
    return () => {
      removeEventListener("dragenter", enter);
      removeEventListener("dragleave", leave);
      removeEventListener("dragover", allow);
      removeEventListener("drop", drop);
    };
  }, []);
  return over;
}
