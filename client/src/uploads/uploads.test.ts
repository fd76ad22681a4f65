// An upload goes on where it was, and begins anew only when the server has given it up.
import { beforeEach, expect, it, vi } from "vitest";
import { ApiError } from "@/api/errors";
import { beginUpload, completeUpload, deleteFile } from "@/api/files";
import { sendParts } from "./parts";
import { DIRECT_BYTES_MAX, cancel, goOn, pause, resume, upload, useUploads } from "./uploads";

vi.mock("@/api/files", () => ({ beginUpload: vi.fn(), completeUpload: vi.fn(), deleteFile: vi.fn(async () => {}) }));
vi.mock("./parts", () => ({ sendParts: vi.fn() }));
vi.mock("./checksum", () => ({ sha256: async () => "sha256:0", crc64: async () => "crc64nvme:1" }));

const file = new File([new Uint8Array(DIRECT_BYTES_MAX + 1)], "large.bin");
const pending = { id: "fil_1", name: "large.bin", size: file.size, checksum: "crc64nvme:1", status: "pending", content_type: "", created_at: "" };
const only = () => useUploads.getState().uploads[0];
const reached = (state: string) => vi.waitFor(() => expect(only()?.state).toBe(state));
/** Parts that take until they are stopped. */
const standing = ({ signal }: { signal: AbortSignal }) =>
  new Promise<void>((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));

beforeEach(() => {
  vi.clearAllMocks();
  useUploads.setState({ uploads: [] });
  vi.mocked(beginUpload).mockResolvedValue(pending as never);
  vi.mocked(completeUpload).mockResolvedValue({ ...pending, status: "ready" } as never);
  vi.mocked(sendParts).mockResolvedValue();
});

it("a pause keeps what is there, and resuming goes on with it", async () => {
  vi.mocked(sendParts).mockImplementationOnce(standing);
  const [key] = upload([{ file, name: "large.bin" }]);
  await vi.waitFor(() => expect(sendParts).toHaveBeenCalled());
  pause(key!);
  expect(only()?.state).toBe("paused");
  resume(key!);
  await reached("done");
  expect(beginUpload).toHaveBeenCalledTimes(1);
});

it("what the server gave up meanwhile is begun anew, as another request", async () => {
  vi.mocked(sendParts).mockRejectedValueOnce(new ApiError(410, "upload_expired", "the upload is gone; begin a new one"));
  const [key] = upload([{ file, name: "large.bin" }]);
  await reached("failed");
  resume(key!);
  await reached("done");
  const requests = vi.mocked(beginUpload).mock.calls.map(([, request]) => request);
  expect(new Set(requests).size).toBe(2);
});

it("what fails for another reason is no second file when it is tried again", async () => {
  vi.mocked(completeUpload).mockRejectedValueOnce(ApiError.network());
  const [key] = upload([{ file, name: "large.bin" }]);
  await reached("failed");
  resume(key!);
  await reached("done");
  expect(beginUpload).toHaveBeenCalledTimes(1);
});

it("an upload of an earlier page takes the same file alone", async () => {
  goOn({ ...pending, checksum: "crc64nvme:2" }, file);
  await reached("failed");
  expect(sendParts).not.toHaveBeenCalled();
  useUploads.setState({ uploads: [] });
  goOn(pending, file);
  await reached("done");
  expect(beginUpload).not.toHaveBeenCalled();
});

it("what is cancelled goes from the server, too", async () => {
  vi.mocked(sendParts).mockImplementationOnce(standing);
  const [key] = upload([{ file, name: "large.bin" }]);
  await vi.waitFor(() => expect(only()?.stored).not.toBeNull());
  await cancel(key!);
  expect(only()).toBeUndefined();
  expect(deleteFile).toHaveBeenCalledWith("fil_1");
});
