// Chooses files; the button that opens it looks as its page wants.
import type { RefObject } from "react";

type Props = { ref: RefObject<HTMLInputElement | null>; label: string; multiple?: boolean; onFiles: (files: File[]) => void };

export const FileInput = ({ ref, label, multiple = false, onFiles }: Props) => (
  <input
    ref={ref}
    type="file"
    multiple={multiple}
    hidden
    aria-label={label}
    onChange={({ target }) => {
      const files = [...(target.files ?? [])];
      // So that the same file can be chosen again.
      target.value = "";
      if (files.length > 0) onFiles(files);
    }}
  />
);
