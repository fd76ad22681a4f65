// The walks need what `cargo local test --only browser` finds and builds: see stack.ts.
import { defineConfig } from "@playwright/test";

/** A turn of a real OpenCode on a machine that is busy with other things. Only what fails takes as long. */
const PATIENCE_MS = 120_000;

export default defineConfig({
  testDir: "walks",
  outputDir: process.env.BROWSER_RESULTS ?? "results",
  // One stack, and a browser beside it, are what two cores bear.
  workers: 1,
  timeout: 5 * PATIENCE_MS,
  // Each that fails costs a new stack; after some, all will.
  maxFailures: 3,
  // A real browser on a busy machine: what fails once and not twice is shown as flaky.
  retries: 1,
  expect: { timeout: PATIENCE_MS },
  reporter: [["list"]],
  use: {
    actionTimeout: PATIENCE_MS,
    // Pages are served to `localhost` as to a secure origin: cookies, clipboard and digests need one.
    launchOptions: {
      ...(process.env.CHROMIUM && { executablePath: process.env.CHROMIUM }),
      // Nothing that calls home: what is on the page alone is looked at.
      args: ["--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
    },
    locale: "en-GB",
    timezoneId: "Europe/Berlin",
    // Its pictures alone would take a fifth of the time.
    trace: { mode: "retain-on-failure", screenshots: false },
  },
});
