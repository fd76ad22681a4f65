// What the user said, and what came with it.
import type { Attachment } from "@/api/types";
import { Attached } from "./attachments";

type Props = { text: string; attachments?: readonly Attachment[] | undefined; muted?: boolean };

export function Bubble({ text, attachments = [], muted = false }: Props) {
  const look = muted ? "border border-dashed border-edge text-soft" : "border border-transparent bg-sunken";
  return (
    <>
      <Attached attachments={attachments} />
      <div className={`max-w-[85%] rounded-2xl rounded-br-md px-4 py-2 wrap-anywhere whitespace-pre-wrap ${look}`}>{text}</div>
    </>
  );
}
