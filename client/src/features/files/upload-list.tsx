// What is on its way, and how far.
import { Check, CircleAlert, Pause, Play, X } from "lucide-react";
import { Button } from "@/components/button";
import { Progress } from "@/components/progress";
import { sizeOf } from "@/components/size";
import { type Upload, cancel, forget, forgetDone, inParts, pause, resume, useUploads } from "@/uploads/uploads";

export function UploadList() {
  const uploads = useUploads(({ uploads }) => uploads);
  if (uploads.length === 0) return null;
  const over = uploads.filter(({ state }) => state === "done");
  return (
    <section aria-label="Uploads" className="mb-6 rounded-xl border border-line bg-raised px-4 py-2">
      <div className="flex min-h-9 items-center justify-between gap-4 text-sm text-soft">
        <p role="status" className="tabular-nums">
          {over.length} of {uploads.length} uploaded
        </p>
        {over.length > 0 && (
          <Button look="quiet" size="sm" onClick={forgetDone}>
            Clear finished
          </Button>
        )}
      </div>
      <ul className="max-h-96 overflow-y-auto">
        {uploads.map((upload) => (
          <Row key={upload.key} upload={upload} />
        ))}
      </ul>
    </section>
  );
}

function Row({ upload }: { upload: Upload }) {
  const { key, name, state, bytes, file } = upload;
  const moving = state === "checking" || state === "sending";
  return (
    <li className="py-2">
      <div className="flex flex-wrap items-center justify-end gap-2">
        <div className="min-w-0 grow basis-48">
          <p className="truncate text-sm font-medium">{name}</p>
          <p className={`flex items-center gap-1.5 text-sm ${state === "failed" ? "text-danger" : "text-soft"}`}>
            {state === "done" && <Check className="size-4 text-accent" aria-hidden />}
            {state === "failed" && <CircleAlert className="size-4 shrink-0" aria-hidden />}
            {wordsOf(upload)}
          </p>
        </div>
        {moving && inParts(upload) && <Act Icon={Pause} label={`Pause ${name}`} onClick={() => pause(key)} />}
        {(state === "paused" || state === "failed") && (
          <Button size="sm" onClick={() => resume(key)}>
            <Play className="size-3.5" aria-hidden />
            {state === "paused" ? "Resume" : "Try again"}
            <span className="sr-only"> {name}</span>
          </Button>
        )}
        {state === "done" || state === "failed" ? (
          <Act Icon={X} label={`Take ${name} off this list`} onClick={() => forget(key)} />
        ) : (
          <Act Icon={X} label={`Cancel ${name}`} onClick={() => void cancel(key)} />
        )}
      </div>
      {(moving || state === "paused") && (
        <div className="pt-1.5">
          <Progress label={`${state === "checking" ? "Checked" : "Uploaded"}: ${name}`} value={file.size > 0 ? bytes / file.size : 1} />
        </div>
      )}
    </li>
  );
}

function wordsOf({ state, bytes, file, error }: Upload): string {
  const of = `${sizeOf(bytes)} of ${sizeOf(file.size)}`;
  switch (state) {
    case "waiting":
      return "Waiting for the others";
    case "checking":
      return `Reading it first, ${of}`;
    case "sending":
      return of;
    case "paused":
      return `Paused at ${of}`;
    case "failed":
      return error ?? "It failed.";
    case "done":
      return `Uploaded, ${sizeOf(file.size)}`;
  }
}

function Act({ Icon, label, onClick }: { Icon: typeof X; label: string; onClick: () => void }) {
  return (
    <Button look="quiet" size="icon-sm" aria-label={label} onClick={onClick}>
      <Icon className="size-4" aria-hidden />
    </Button>
  );
}
