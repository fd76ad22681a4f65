// The user's files.
import { useInfiniteQuery, useQueryClient } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { Upload as UploadIcon } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { filesQuery, hrefOf } from "@/api/files";
import type { StoredFile } from "@/api/types";
import { Button } from "@/components/button";
import { DropHint } from "@/components/drop-hint";
import { FileInput } from "@/components/file-input";
import { List } from "@/components/list";
import { Notice } from "@/components/notice";
import { Page } from "@/components/page";
import { Preview } from "@/components/preview";
import { SearchInput } from "@/components/search-input";
import { useDrop } from "@/hooks/use-drop";
import { useTyped } from "@/hooks/use-typed";
import { FileRow } from "./row";
import { Unfinished } from "./unfinished";
import { UploadList } from "./upload-list";
import { type Named, named, upload, useUploads } from "@/uploads/uploads";

/** Files that arrive within this time of each other arrive together. */
const TOGETHER_MS = 200;

const route = getRouteApi("/signed-in/files");

export function FilesPage() {
  const { prefix = "" } = route.useSearch();
  const navigate = route.useNavigate();
  const [shown, show] = useState<StoredFile | null>(null);
  const [leaving, setLeaving] = useState<ReadonlySet<string>>(new Set());
  const query = useInfiniteQuery(filesQuery(prefix));
  useRefreshWhenUploaded();
  const files = query.data?.pages.flatMap((page) => page.files).filter(({ id }) => !leaving.has(id));
  // What comes while a folder is looked at goes into it.
  const folder = prefix.endsWith("/") ? prefix : "";
  const add = (files: Named[]) => void upload(files.map(({ file, name }) => ({ file, name: `${folder}${name}` })));
  const over = useDrop(add);
  const look = (prefix: string) => void navigate({ search: prefix ? { prefix } : {}, replace: true });
  const mark = (id: string, gone: boolean) =>
    setLeaving((before) => new Set(gone ? [...before, id] : [...before].filter((other) => other !== id)));
  return (
    <Page title="Files" lead="Yours alone, until you attach one to a message." actions={<Choose onFiles={(files) => add(named(files))} />} wide>
      <Prefix key={prefix} prefix={prefix} onPrefix={look} />
      <UploadList />
      <Unfinished />
      <List query={query} items={files} empty={<Nothing prefix={prefix} onAll={() => look("")} />}>
        {(file) => <FileRow key={file.id} file={file} onShow={show} onFolder={look} onLeaving={mark} />}
      </List>
      {shown && <Preview file={{ href: hrefOf(shown.id), name: shown.name, size: shown.size, type: shown.content_type }} onClose={() => show(null)} />}
      {over && <DropHint>{folder ? `Drop to upload into ${folder}` : "Drop to upload"}</DropHint>}
    </Page>
  );
}

/** The list is read again when uploads have become files: once, where a folder's arrive together. */
function useRefreshWhenUploaded() {
  const client = useQueryClient();
  const done = useUploads(({ uploads }) => uploads.filter(({ state }) => state === "done").length);
  useEffect(() => {
    if (done === 0) return;
    const timer = setTimeout(() => void client.invalidateQueries({ queryKey: ["files"] }), TOGETHER_MS);
    return () => clearTimeout(timer);
  }, [done, client]);
}

function Choose({ onFiles }: { onFiles: (files: File[]) => void }) {
  const input = useRef<HTMLInputElement>(null);
  return (
    <>
      <Button look="primary" onClick={() => input.current?.click()}>
        <UploadIcon className="size-4" aria-hidden />
        Upload
      </Button>
      <FileInput ref={input} multiple label="Files to upload" onFiles={onFiles} />
    </>
  );
}

function Prefix({ prefix, onPrefix }: { prefix: string; onPrefix: (prefix: string) => void }) {
  const [text, setText] = useTyped(prefix, onPrefix);
  return (
    <search className="relative block pb-5">
      <SearchInput
        aria-label="Name begins with"
        placeholder="Name begins with, such as reports/"
        spellCheck={false}
        autoCapitalize="off"
        autoFocus={prefix !== ""}
        value={text}
        onText={setText}
      />
    </search>
  );
}

function Nothing({ prefix, onAll }: { prefix: string; onAll: () => void }) {
  const uploading = useUploads(({ uploads }) => uploads.length > 0);
  if (prefix) {
    return (
      <Notice title="Nothing begins like this" text={`No file's name begins with “${prefix}”. Capital letters count.`}>
        <Button onClick={onAll}>Show all files</Button>
      </Notice>
    );
  }
  if (uploading) return null;
  return <Notice title="No files yet" text="Drop files or folders anywhere on this page, or choose them with the button above. They can be attached to messages." />;
}
