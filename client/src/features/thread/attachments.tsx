// Files that go with a message: they are uploaded while it is written.
import { CircleAlert, LoaderCircle, Paperclip, RotateCw, X } from "lucide-react";
import { useState } from "react";
import type { Attachment } from "@/api/types";
import { Button } from "@/components/button";
import { sizeOf } from "@/components/size";
import { toast } from "@/stores/toasts";
import { type Named, type Upload, cancel, forget, resume, upload, useUploads } from "@/uploads/uploads";

/** As the server has it. */
const ATTACHMENTS_MAX = 10;

export function useAttachments() {
  const [keys, setKeys] = useState<string[]>([]);
  const all = useUploads(({ uploads }) => uploads);
  const uploads = keys.flatMap((key) => all.find((upload) => upload.key === key) ?? []);
  const add = (files: readonly Named[]) => {
    const room = ATTACHMENTS_MAX - uploads.length;
    if (files.length > room) toast(`A message has at most ${ATTACHMENTS_MAX} attachments.`, "error");
    const added = upload(files.slice(0, room));
    setKeys([...keys, ...added]);
  };
  /** What was uploaded; from now on it belongs to the message. */
  const take = (): Attachment[] => {
    for (const key of keys) forget(key);
    setKeys([]);
    return uploads.flatMap(({ stored }) => (stored ? [{ ...stored, file_id: stored.id }] : []));
  };
  return { uploads, add, take, obstacle: obstacleOf(uploads) };
}

function obstacleOf(uploads: readonly Upload[]): string | undefined {
  if (uploads.some(({ state }) => state === "failed")) return "An attachment was not uploaded: try it again, or take it out";
  if (uploads.some(({ state }) => state !== "done")) return "The attachments are still being uploaded";
  return undefined;
}

/** Those of the message that is being written. */
export function Uploads({ uploads }: { uploads: readonly Upload[] }) {
  if (uploads.length === 0) return null;
  return (
    <ul aria-label="Attachments" className="flex flex-wrap gap-1.5 px-1.5 pt-1.5">
      {uploads.map(({ key, name, state, bytes, file, error }) => (
        <li key={key} className="flex max-w-full items-center gap-1.5 rounded-lg bg-sunken py-0.5 pr-0.5 pl-2.5 text-sm" title={error ?? undefined}>
          <StateIcon state={state} />
          <span className="max-w-48 truncate">{name}</span>
          <span className={`text-xs tabular-nums ${state === "failed" ? "text-danger" : "text-soft"}`}>
            {state === "failed" ? "not uploaded" : state === "done" ? sizeOf(file.size) : percent(bytes, file.size)}
          </span>
          {state === "failed" && (
            <Button look="quiet" size="icon-sm" aria-label={`Upload ${name} again`} onClick={() => resume(key)}>
              <RotateCw className="size-3.5" aria-hidden />
            </Button>
          )}
          <Button look="quiet" size="icon-sm" aria-label={`Take out ${name}`} onClick={() => void cancel(key)}>
            <X className="size-3.5" aria-hidden />
          </Button>
        </li>
      ))}
    </ul>
  );
}

const percent = (bytes: number, size: number) => `${size > 0 ? Math.floor((bytes / size) * 100) : 100} %`;

function StateIcon({ state }: { state: Upload["state"] }) {
  if (state === "failed") return <CircleAlert className="size-3.5 shrink-0 text-danger" aria-hidden />;
  if (state === "done") return <Paperclip className="size-3.5 shrink-0 text-soft" aria-hidden />;
  return <LoaderCircle className="size-3.5 shrink-0 animate-spin text-accent" aria-hidden />;
}

/** Those of a message that was sent. */
export function Attached({ attachments }: { attachments: readonly Attachment[] }) {
  if (attachments.length === 0) return null;
  return (
    <ul aria-label="Attachments" className="flex max-w-[85%] flex-wrap justify-end gap-1.5">
      {attachments.map(({ file_id, name, size }) => (
        <li key={file_id} className="flex max-w-full items-center gap-1.5 rounded-lg border border-line px-2.5 py-1 text-sm text-soft">
          <Paperclip className="size-3.5 shrink-0" aria-hidden />
          <span className="max-w-64 truncate">{name}</span>
          <span className="text-xs tabular-nums">{sizeOf(size)}</span>
        </li>
      ))}
    </ul>
  );
}
