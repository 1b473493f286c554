/**
 * The text cut to `limit` characters with a visible mark; `tail` keeps the end instead of the beginning.
 *
 * Counts characters as Python does: those outside the basic plane are one. Looks only at as much as can be kept.
 */
export function clip(text: string, limit: number, tail = false): string {
  if (text.length <= limit) {
    return text;
  }
  const near = Array.from(tail ? text.slice(-2 * limit) : text.slice(0, 2 * limit));
  if (text.length <= 2 * limit && near.length <= limit) {
    return text;
  }
  return tail ? `…${near.slice(1 - limit).join("")}` : `${near.slice(0, limit - 1).join("")}…`;
}
