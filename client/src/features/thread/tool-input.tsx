// What a tool was given, in the form that suits it: a command, a file's text, a change, or JSON.
import { Suspense, lazy } from "react";
import { CodeBlock } from "@/components/code-block";
import { languageOf } from "@/components/language";

const Diff = lazy(async () => {
  const { default: Lines, linesOf } = await import("./diff");
  return { default: (edit: Edit) => <Lines lines={linesOf(edit.before, edit.after)} label={`Change of ${edit.path}`} /> };
});

type Edit = { path: string; before: string; after: string };

export function ToolInput({ name, input }: { name: string; input: unknown }) {
  const edit = editOf(name, input);
  if (edit) {
    return (
      <Suspense fallback={<CodeBlock code={edit.after} label="Input" className="max-h-60" />}>
        <Diff {...edit} />
      </Suspense>
    );
  }
  const text = textOf(input, "content");
  const path = textOf(input, "filePath");
  if (name === "write" && text !== undefined && path) {
    return <CodeBlock code={text} language={languageOf(path)} label={`Text of ${path}`} className="max-h-80" />;
  }
  const command = textOf(input, "command");
  const language = command === undefined ? "json" : name === "bash" ? "bash" : undefined;
  return <CodeBlock code={inputOf(input)} language={language} label="Input" className="max-h-60" />;
}

function editOf(name: string, input: unknown): Edit | undefined {
  const [before, after] = [textOf(input, "oldString"), textOf(input, "newString")];
  if (name !== "edit" || before === undefined || after === undefined) return undefined;
  return { path: textOf(input, "filePath") ?? "the file", before, after };
}

function textOf(input: unknown, name: string): string | undefined {
  const value = typeof input === "object" && input !== null ? (input as Record<string, unknown>)[name] : undefined;
  return typeof value === "string" ? value : undefined;
}

/** The argument that says most, for tools that give no title. */
export function summaryOf(input: unknown): string {
  const names = ["description", "command", "filePath", "pattern", "url", "query", "path"];
  return names.map((name) => textOf(input, name)).find(Boolean) ?? "";
}

/** A command as it was typed, anything else as JSON. */
export const inputOf = (input: unknown): string => textOf(input, "command") ?? JSON.stringify(input ?? {}, null, 2);
