// An input that searches, with its sign.
import { Search } from "lucide-react";
import type { ComponentProps } from "react";
import { inputStyle } from "./field";

type Props = Omit<ComponentProps<"input">, "type" | "className" | "onChange"> & { onText: (text: string) => void };

export function SearchInput({ onText, ...props }: Props) {
  return (
    <>
      <Search className="pointer-events-none absolute top-3 left-3 size-4 text-soft" aria-hidden />
      <input type="search" className={`${inputStyle} h-10 pl-9`} onChange={(event) => onText(event.target.value)} {...props} />
    </>
  );
}
