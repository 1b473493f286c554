import { withoutOverrides } from "../wire/drawableText";

/** Characters of a longer text that are looked at: of one that is far too long, the rest is not even split up. */
const ENOUGH = 4;

/** The text in one line, cut with an ellipsis where it has more characters than `length`; it moves no text around it. */
export function clip(text: string, length: number): string {
  const line = withoutOverrides(text.slice(0, ENOUGH * (length + 1)))
    .replace(/\s+/g, " ")
    .trim();
  // By code points: half of an emoji is no text.
  const characters = Array.from(line);
  const isCut = characters.length > length || text.length > ENOUGH * (length + 1);
  return isCut ? `${characters.slice(0, length - 1).join("")}…` : characters.join("");
}
