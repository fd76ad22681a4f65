// What the agent waits for. Loaded after the page has shown: few threads wait for something.
import type { Permission, Question } from "@/api/types";
import { PermissionPrompt } from "./permission-prompt";
import { QuestionPrompt } from "./question-prompt";

type Props = { sessionId: string; permissions: readonly Permission[]; questions: readonly Question[] };

export default function Prompts({ sessionId, permissions, questions }: Props) {
  return (
    <>
      {permissions.map((permission) => (
        <PermissionPrompt key={permission.id} sessionId={sessionId} permission={permission} />
      ))}
      {questions.map((question) => (
        <QuestionPrompt key={question.id} sessionId={sessionId} question={question} />
      ))}
    </>
  );
}
