import { beforeEach, describe, expect, it } from "vitest";

import { sendCommand } from "../src/wire/channel";
import { FakeKernel, FakeModel } from "./fakes";
import { golden } from "./golden";

const COMMAND = { primwidgets: 1, verb: "cancel", uid: "u3" };

describe("a command", () => {
  let kernel: FakeKernel;
  let model: FakeModel;

  beforeEach(() => {
    kernel = new FakeKernel();
    model = new FakeModel(golden("running with progress"), { control: true });
    model.widget_manager = { kernel };
  });

  it("goes over the control channel where the kernel listens there", () => {
    expect(sendCommand(model, "cancel", "u3")).toBe("control");
    expect(model.sent).toEqual([]);
    expect(kernel.messages).toHaveLength(1);
    expect(kernel.messages[0]).toMatchObject({
      channel: "control",
      content: { comm_id: "primwidgets.commands", data: COMMAND },
      parent_header: {},
      metadata: {},
      buffers: [],
      header: { msg_type: "comm_msg", session: "client-1", username: "reader" }
    });
  });

  it("goes over the comm where that is asked for", () => {
    expect(sendCommand(model, "cancel", "u3", "comm")).toBe("comm");
    expect(kernel.messages).toEqual([]);
    expect(model.sent).toEqual([COMMAND]);
  });

  it("expects no reply, and its future disposes of itself", () => {
    sendCommand(model, "cancel", "u3");
    expect(kernel.flags).toEqual([[false, true]]);
  });

  it("has an id of its own and a date", () => {
    sendCommand(model, "cancel", "u3");
    sendCommand(model, "cancel", "u3");
    const [first, second] = kernel.messages.map(message => message.header);
    expect(first?.msg_id).toMatch(/^[0-9a-f]{32}$/);
    expect(second?.msg_id).not.toBe(first?.msg_id);
    expect(new Date(first?.date ?? "").toISOString()).toBe(first?.date);
  });

  it("handles the rejection that comes when the kernel goes away", () => {
    sendCommand(model, "cancel", "u3");
    expect(kernel.handlers).toEqual([expect.any(Function)]);
  });

  it("goes to the connection that is there at the click", () => {
    const restarted = new FakeKernel();
    sendCommand(model, "cancel", "u3");
    model.widget_manager = { kernel: restarted };
    sendCommand(model, "cancel", "u3");
    expect([kernel.messages.length, restarted.messages.length]).toEqual([1, 1]);
  });

  it("goes over the comm when the connection is dead", () => {
    kernel.failure = new Error("Kernel is dead");
    expect(sendCommand(model, "cancel", "u3")).toBe("comm");
    expect(model.sent).toEqual([COMMAND]);
  });

  it("goes over the comm when the kernel does not listen on control", () => {
    model.corrupt("_channel", { control: false, version: 1 });
    expect(sendCommand(model, "cancel", "u3")).toBe("comm");
    expect(kernel.messages).toEqual([]);
    expect(model.sent).toEqual([COMMAND]);
  });

  it.each([[null], [{}], [{ kernel: null }], [{ kernel: { clientId: "", username: "" } }]])(
    "goes over the comm where the frontend gives %j",
    manager => {
      model.widget_manager = manager;
      expect(sendCommand(model, "stop_waiting", "u3")).toBe("comm");
      expect(model.verbs).toEqual(["stop_waiting"]);
    }
  );
});
