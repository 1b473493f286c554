/** Run beside each file of tests. */
import { afterAll } from "vitest";

/** Milliseconds; Preact runs effects after a frame or, at the latest, 35 ms later. */
const LAST_EFFECTS = 40;

// A timer of Preact's that fires when the page is gone would fail the whole run.
afterAll(
  () =>
    new Promise(resolve => {
      setTimeout(resolve, LAST_EFFECTS);
    })
);
