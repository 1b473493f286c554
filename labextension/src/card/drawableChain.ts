/** What of a failure's chain of exceptions is drawn, up to the numbers that the kernel sends. */
import { drawableTree } from "../wire/drawableText";
import { listOf } from "../wire/readers";
import { readFailureStep } from "../wire/schema";
import type { FailureStep } from "../wire/snapshot";

const readChain = listOf(readFailureStep, 5);

/** The exceptions; none where they are not in the form that the kernel sends. */
export function drawableChain(chain: unknown): readonly FailureStep[] {
  return drawableTree(readChain(chain) ?? []);
}
