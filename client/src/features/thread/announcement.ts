// What a screen reader is told: the steps of the agent, not each word of its stream.
import type { Thread } from "./thread";

const ANSWER_CHARS_MAX = 600;

export function announcementOf(thread: Thread): string {
  const [permission] = thread.permissions;
  if (permission) return `The agent asks for permission: ${permission.permission}, ${permission.patterns.join(", ")}`;
  const [question] = thread.questions;
  if (question) return `The agent asks: ${question.questions.map((item) => item.question).join(" ")}`;
  if (thread.retry) return "The model did not answer and is asked again.";
  const answer = thread.messages.findLast((message) => message.role === "assistant");
  if (!answer) return "";
  switch (answer.status) {
    case "running": {
      const tool = answer.parts.findLast((part) => part.type === "tool");
      return tool ? `The agent uses ${tool.name}${tool.title ? `: ${tool.title}` : ""}` : "The agent is working.";
    }
    case "failed":
      return `The turn failed. ${answer.error?.message ?? ""}`;
    case "cancelled":
      return "The turn was stopped.";
    default:
      return `The agent answered: ${answer.content.slice(0, ANSWER_CHARS_MAX)}`;
  }
}
