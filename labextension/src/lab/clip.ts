/** The text in one line, cut with an ellipsis where it has more characters than `length`. */
export function clip(text: string, length: number): string {
  // By code points: half of an emoji is no text.
  const characters = Array.from(text.replace(/\s+/g, " ").trim());
  return characters.length > length ? `${characters.slice(0, length - 1).join("")}…` : characters.join("");
}
