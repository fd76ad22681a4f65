// The agent asks the user something.
import { useMutation } from "@tanstack/react-query";
import { CircleHelp } from "lucide-react";
import { type FormEvent, useState } from "react";
import { answerQuestion } from "@/api/actions";
import { explain } from "@/api/errors";
import type { Question, QuestionItem } from "@/api/types";
import { Button } from "@/components/button";
import { inputStyle } from "@/components/field";
import { toast } from "@/stores/toasts";
import { PromptCard } from "./prompt-card";

/** What is chosen of an item, and what is written besides. */
type Choice = { labels: string[]; own: string };

export function QuestionPrompt({ sessionId, question }: { sessionId: string; question: Question }) {
  const [choices, setChoices] = useState<Choice[]>(() => question.questions.map(() => ({ labels: [], own: "" })));
  const answer = useMutation({
    mutationFn: (answers: string[][] | undefined) => answerQuestion(sessionId, question.id, answers),
    onError: (error) => toast(explain(error), "error"),
  });
  const busy = (answer.isPending || answer.isSuccess) && "Waiting for the agent";
  const answers = choices.map(answerOf);
  const unanswered = answers.some((labels) => labels.length === 0) && "Answer each question first";
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!busy && !unanswered) answer.mutate(answers);
  };
  const choose = (index: number, choice: Choice) => setChoices((all) => all.map((old, i) => (i === index ? choice : old)));
  return (
    <PromptCard Icon={CircleHelp} title="The agent has a question">
      <form onSubmit={submit} className="space-y-4">
        {question.questions.map((item, index) => (
          <Item key={index} item={item} choice={choices[index]!} onChoose={(choice) => choose(index, choice)} />
        ))}
        <div className="flex gap-2">
          <Button look="primary" type="submit" disabledReason={busy || unanswered}>
            Answer
          </Button>
          <Button look="quiet" disabledReason={busy} onClick={() => answer.mutate(undefined)}>
            Dismiss
          </Button>
        </div>
      </form>
    </PromptCard>
  );
}

export function answerOf({ labels, own }: Choice): string[] {
  return own.trim() ? [...labels, own.trim()] : labels;
}

type ItemProps = { item: QuestionItem; choice: Choice; onChoose: (choice: Choice) => void };

function Item({ item, choice, onChoose }: ItemProps) {
  const toggle = (label: string) => {
    if (!item.multiple) return onChoose({ labels: [label], own: "" });
    const chosen = choice.labels.includes(label);
    onChoose({ ...choice, labels: chosen ? choice.labels.filter((old) => old !== label) : [...choice.labels, label] });
  };
  const write = (own: string) => onChoose({ labels: item.multiple || own === "" ? choice.labels : [], own });
  return (
    <fieldset className="space-y-2">
      <legend className="pb-2">{item.question}</legend>
      {item.options?.map(({ label, description }) => (
        <label
          key={label}
          className="flex items-start gap-3 rounded-lg border border-line px-3 py-2 text-sm has-checked:border-accent has-checked:bg-accent-sunken"
        >
          <input
            type={item.multiple ? "checkbox" : "radio"}
            className="mt-1 accent-accent"
            checked={choice.labels.includes(label)}
            onChange={() => toggle(label)}
          />
          <span>
            <span className="font-medium">{label}</span>
            {description && <span className="block text-soft">{description}</span>}
          </span>
        </label>
      ))}
      <input
        className={`${inputStyle} h-10`}
        aria-label={`Another answer to: ${item.question}`}
        placeholder={item.options?.length ? "Another answer" : "Your answer"}
        value={choice.own}
        onChange={(event) => write(event.target.value)}
      />
    </fieldset>
  );
}
