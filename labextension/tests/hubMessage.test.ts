import { describe, expect, it } from "vitest";

import { readHubMessage } from "../src/wire/hubMessage";
import { news, jobFields } from "./fakeKernel";

describe("a message of the hub", () => {
  it("is read as it is", () => {
    const message = news(3, { jobs: [jobFields("u1")], removed: ["u2"] });
    expect(readHubMessage(message)).toBe(message);
  });

  it.each([[2], ["1"], [null]])("of version %j is foreign", version => {
    expect(readHubMessage({ ...news(1), primwidgets: version })).toBe("foreign");
  });

  it.each([
    [null],
    ["text"],
    [[1]],
    [{}],
    [news(1, { epoch: 7 })],
    [news(1.5)],
    [news(1, { whole: "yes" })],
    [news(1, { jobs: {} })],
    [news(1, { jobs: [{}] })],
    [news(1, { jobs: [null] })],
    [news(1, { removed: [1] })]
  ])("is none where it is %j", data => {
    expect(readHubMessage(data)).toBeNull();
  });
});
