// One message of the thread.
import { CircleAlert, CircleStop } from "lucide-react";
import { memo } from "react";
import type { Attachment, Message, RunnerState } from "@/api/types";
import { explain } from "@/api/errors";
import { Button } from "@/components/button";
import { Copy } from "@/components/copy";
import { Bubble } from "./bubble";
import { Reasoning, Text } from "./parts";
import { type Retry, isOver } from "./thread";
import { ToolCall } from "./tool-call";
import { UsageLine } from "./usage";
import { Waiting } from "./waiting";

type Props = {
  message: Message;
  retry: Retry | null;
  runner: RunnerState | null;
  /** The agent waits for the user. */
  waiting: boolean;
  isLast: boolean;
  /** Whether an answer stands behind the prompt. */
  answered: boolean;
  /** What the turn was asked; given for the last message only. */
  prompt: Message | undefined;
  /** In the queue, from 1; 0 for a message that does not wait. */
  position: number;
  onAgain: (content: string, attachments?: readonly Attachment[]) => void;
};

export const MessageView = memo(({ message, ...rest }: Props) =>
  message.role === "user" ? <Prompt message={message} {...rest} /> : <Answer message={message} {...rest} />,
);

function Prompt({ message, answered, position, onAgain }: Props) {
  if (message.status === "queued") return <Waiting message={message} position={position} />;
  return (
    <article aria-label="You" className="flex flex-col items-end gap-1">
      <Bubble text={message.content} attachments={message.attachments} />
      {/* Without an answer behind it, the thread must say what became of the prompt. */}
      {!answered && isOver(message) && (
        <Button look="quiet" size="sm" onClick={() => onAgain(message.content, message.attachments)}>
          Not answered. Send again
        </Button>
      )}
    </article>
  );
}

function Answer(props: Props) {
  const { message, retry, isLast, prompt, onAgain } = props;
  const running = message.status === "running";
  const writing = running && message.parts.at(-1)?.type === "text" && !retry;
  return (
    <article aria-label="Agent" aria-busy={running} className="group space-y-3">
      {message.parts.map((part, index) => {
        const live = running && index === message.parts.length - 1;
        if (part.type === "tool") return <ToolCall key={part.id} tool={part} ended={!running} />;
        if (part.type === "reasoning") return <Reasoning key={part.id} text={part.text} live={live} />;
        return <Text key={part.id} text={part.text} live={live} />;
      })}
      {running && !writing && <Working what={workOf(props)} />}
      {message.status === "failed" && <Failure message={message} {...(isLast && { onAgain: () => onAgain(...again(message, prompt)) })} />}
      {message.status === "cancelled" && (
        <p className="flex items-center gap-2 text-sm text-soft">
          <CircleStop className="size-4" aria-hidden /> Stopped
        </p>
      )}
      {!running && message.content && (
        <div className="-ml-2 flex min-h-8 items-center gap-1 text-soft">
          <Copy text={message.content} label="Copy the answer" />
          {message.usage && <UsageLine usage={message.usage} />}
        </div>
      )}
    </article>
  );
}

function workOf({ message, retry, runner, waiting }: Props): string {
  if (waiting) return "Waiting for you";
  if (retry) return `${explain(new Error(retry.message)).slice(0, -1)} (attempt ${retry.attempt + 1})`;
  if (runner === "starting") return "Starting the workspace";
  if (runner === "lost") return "The workspace was lost. Starting it again";
  return message.parts.length === 0 ? "Thinking" : "Working";
}

function Working({ what }: { what: string }) {
  return (
    <p className="flex items-start gap-2.5 text-sm text-soft wrap-anywhere">
      <span className="mt-[0.45em] size-2 shrink-0 animate-pulse rounded-full bg-accent" aria-hidden />
      {what}…
    </p>
  );
}

/** What is done already need not be done twice. */
const again = (answer: Message, prompt: Message | undefined): [content: string, attachments?: readonly Attachment[]] =>
  answer.parts.length > 0 || !prompt ? ["Please go on."] : [prompt.content, prompt.attachments];

function Failure({ message, onAgain }: { message: Message; onAgain?: () => void }) {
  const text = message.error ? explain(new Error(message.error.message)) : "The turn failed.";
  return (
    <div className="flex items-start gap-2.5 rounded-lg bg-danger-sunken px-3.5 py-2.5 text-sm">
      <CircleAlert className="mt-0.5 size-4 shrink-0 text-danger" aria-hidden />
      <div className="grow space-y-2">
        <p className="wrap-anywhere">{text}</p>
        {onAgain && (
          <Button size="sm" onClick={onAgain}>
            Try again
          </Button>
        )}
      </div>
    </div>
  );
}
