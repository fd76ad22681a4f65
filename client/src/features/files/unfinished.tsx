// Uploads that an earlier page, or another browser, began and did not finish.
import { useInfiniteQuery, useQueryClient } from "@tanstack/react-query";
import { useRef } from "react";
import { explain } from "@/api/errors";
import { deleteFile, filesQuery } from "@/api/files";
import type { StoredFile } from "@/api/types";
import { Button } from "@/components/button";
import { FileInput } from "@/components/file-input";
import { sizeOf } from "@/components/size";
import { Time } from "@/components/time";
import { toast } from "@/stores/toasts";
import { goOn, useUploads } from "@/uploads/uploads";

export function Unfinished() {
  const { data } = useInfiniteQuery(filesQuery("", "pending"));
  const ours = useUploads(({ uploads }) => uploads);
  const files = data?.pages.flatMap((page) => page.files).filter(({ id, upload }) => upload && !ours.some(({ stored }) => stored?.id === id));
  if (!files?.length) return null;
  return (
    <section aria-labelledby="unfinished" className="mb-6 rounded-xl border border-line bg-raised px-4 py-3">
      <h2 id="unfinished" className="text-sm font-semibold">
        Not finished
      </h2>
      <p className="text-sm text-soft">Choose the same file again, and only what is missing is sent.</p>
      <ul className="pt-1">
        {files.map((file) => (
          <Row key={file.id} file={file} />
        ))}
      </ul>
    </section>
  );
}

function Row({ file }: { file: StoredFile }) {
  const input = useRef<HTMLInputElement>(null);
  const client = useQueryClient();
  const discard = async () => {
    await deleteFile(file.id).catch((error: unknown) => toast(explain(error), "error"));
    await client.invalidateQueries({ queryKey: ["files"] });
  };
  return (
    <li className="flex flex-wrap items-center justify-between gap-x-4 gap-y-1 py-1.5">
      <div className="min-w-0 text-sm">
        <p className="truncate font-medium">{file.name}</p>
        <p className="text-soft">
          {sizeOf(file.size)}, begun <Time at={file.created_at} />
        </p>
      </div>
      <div className="flex gap-1">
        <Button size="sm" onClick={() => input.current?.click()}>
          Choose the file
        </Button>
        <Button look="quiet" size="sm" onClick={() => void discard()}>
          Discard
        </Button>
        <FileInput ref={input} label={`The file for ${file.name}`} onFiles={([chosen]) => chosen && goOn(file, chosen)} />
      </div>
    </li>
  );
}
