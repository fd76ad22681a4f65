// What the user answers reaches the agent as it was meant.
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import type { ReactNode } from "react";
import { beforeEach, expect, it, vi } from "vitest";
import * as actions from "@/api/actions";
import { PermissionPrompt } from "./permission-prompt";
import { QuestionPrompt } from "./question-prompt";

vi.mock("@/api/actions", () => ({
  answerPermission: vi.fn(async () => ({ status: "asked" })),
  answerQuestion: vi.fn(async () => ({ status: "asked" })),
}));

const shown = (prompt: ReactNode) =>
  render(<QueryClientProvider client={new QueryClient()}>{prompt}</QueryClientProvider>);

const permission = { id: "per_1", permission: "bash", patterns: ["git push"], always: ["git *"] };
const question = {
  id: "que_1",
  questions: [
    { question: "Which tea?", options: [{ label: "Green" }, { label: "Black" }] },
    { question: "With what?", multiple: true, options: [{ label: "Milk" }, { label: "Sugar" }] },
  ],
};

beforeEach(() => void vi.clearAllMocks());

it("a permission shows what it is for and is given once", async () => {
  shown(<PermissionPrompt sessionId="ses_1" permission={permission} />);
  expect(screen.getByText("git push")).toBeTruthy();
  await userEvent.click(screen.getByRole("button", { name: "Allow once" }));
  await userEvent.click(screen.getByRole("button", { name: "Allow once" }));
  expect(vi.mocked(actions.answerPermission).mock.calls).toEqual([["ses_1", "per_1", { reply: "once" }]]);
});

it("a refusal takes the user's words along", async () => {
  shown(<PermissionPrompt sessionId="ses_1" permission={permission} />);
  await userEvent.type(screen.getByLabelText("What to do instead"), "Open a pull request{Enter}");
  const reply = { reply: "reject", message: "Open a pull request" };
  expect(vi.mocked(actions.answerPermission).mock.calls).toEqual([["ses_1", "per_1", reply]]);
});

it("questions are answered together, each by choice or in own words", async () => {
  shown(<QuestionPrompt sessionId="ses_1" question={question} />);
  await userEvent.click(screen.getByLabelText("Black"));
  await userEvent.click(screen.getByRole("button", { name: "Answer" }));
  expect(actions.answerQuestion).not.toHaveBeenCalled();
  await userEvent.click(screen.getByLabelText("Milk"));
  await userEvent.type(screen.getByLabelText("Another answer to: With what?"), "Lemon");
  await userEvent.click(screen.getByRole("button", { name: "Answer" }));
  const answers = [["Black"], ["Milk", "Lemon"]];
  expect(vi.mocked(actions.answerQuestion).mock.calls).toEqual([["ses_1", "que_1", answers]]);
});

it("an own answer replaces a single choice, and a question can be dismissed", async () => {
  shown(<QuestionPrompt sessionId="ses_1" question={{ id: "que_2", questions: [question.questions[0]!] }} />);
  await userEvent.click(screen.getByLabelText("Black"));
  await userEvent.type(screen.getByLabelText(/Another answer/), "White");
  expect(screen.getByLabelText("Black")).toHaveProperty("checked", false);
  await userEvent.click(screen.getByRole("button", { name: "Dismiss" }));
  expect(vi.mocked(actions.answerQuestion).mock.calls).toEqual([["ses_1", "que_2", undefined]]);
});
