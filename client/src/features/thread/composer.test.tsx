// The keys of the composer, and that nothing written is lost.
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { render, screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, expect, it, vi } from "vitest";
import { transfer } from "@/uploads/transfer";
import { Composer } from "./composer";

vi.mock("@/uploads/transfer", () => ({ transfer: vi.fn() }));
vi.mock("@/uploads/checksum", () => ({ sha256: async () => "sha256:0", crc64: async () => "crc64nvme:0" }));

/** What jsdom has no clipboard for. */
class DataTransferWith {
  types = ["Files"];
  constructor(readonly files: File[]) {}
  getData = () => "";
}

const onSend = vi.fn();

function shown(status = "idle") {
  return render(
    <QueryClientProvider client={new QueryClient()}>
      <Composer sessionId="ses_1" status={status} onSend={onSend} />
    </QueryClientProvider>,
  );
}

const field = () => screen.getByLabelText("Message to the agent");

beforeEach(() => {
  localStorage.clear();
  onSend.mockReset();
});

it("Enter sends, Shift+Enter breaks the line", async () => {
  shown();
  await userEvent.type(field(), "one{Shift>}{Enter}{/Shift}two{Enter}");
  expect(onSend.mock.calls).toEqual([["one\ntwo", []]]);
  expect(field()).toHaveProperty("value", "");
});

it("what was written is there after a reload, until it is sent", async () => {
  const first = shown();
  await userEvent.type(field(), "half a thought");
  first.unmount();
  const second = shown();
  expect(field()).toHaveProperty("value", "half a thought");
  await userEvent.type(field(), "{Enter}");
  second.unmount();
  shown();
  expect(field()).toHaveProperty("value", "");
});

it("nothing is not sent, and the button says why", async () => {
  shown();
  await userEvent.type(field(), "   {Enter}");
  const send = screen.getByRole("button", { name: "Send" });
  expect(send.getAttribute("aria-disabled")).toBe("true");
  expect(send.title).toBe("Write something first");
  expect(onSend).not.toHaveBeenCalled();
});

it("a running turn can be stopped, and an ended session takes nothing", () => {
  const running = shown("running");
  expect(screen.getByRole("button", { name: "Stop the agent" })).toBeTruthy();
  running.unmount();
  shown("terminated");
  expect(screen.queryByRole("textbox")).toBeNull();
});

it("a pasted file is uploaded, and goes with the message once it is there", async () => {
  const stored = { id: "fil_1", name: "shot.png", size: 3, content_type: "image/png", status: "ready" };
  let arrive = (_: unknown) => {};
  vi.mocked(transfer).mockReturnValue(new Promise((resolve) => (arrive = resolve)));
  shown();
  await userEvent.type(field(), "look");
  await userEvent.paste(new DataTransferWith([new File(["abc"], "shot.png", { type: "image/png" })]) as unknown as DataTransfer);
  const send = await screen.findByRole("button", { name: "Send" });
  await waitFor(() => expect(send.title).toBe("The attachments are still being uploaded"));
  await userEvent.type(field(), "{Enter}");
  expect(onSend).not.toHaveBeenCalled();
  arrive(stored);
  await waitFor(() => expect(send.getAttribute("aria-disabled")).toBeNull());
  await userEvent.type(field(), "{Enter}");
  expect(onSend).toHaveBeenCalledWith("look", [expect.objectContaining({ file_id: "fil_1", name: "shot.png" })]);
  expect(screen.queryByText("shot.png")).toBeNull();
});
