import type { RefObject } from "preact";
import { useLayoutEffect, useState } from "preact/hooks";

/**
 * Whether the card of an ended job may be drawn as one line. What is below a card moves up when it shrinks, so a card
 * that was taller waits until the pointer is neither on it nor below it.
 *
 * @param isOver - whether the job has ended.
 * @param wasTall - whether the reader has seen the card before that, be it in another view that this one replaces.
 * @param card - the card's element.
 * @param onSettled - called once the card may be one line.
 */
export function useSettled(
  isOver: boolean,
  wasTall: boolean,
  card: RefObject<HTMLElement | null>,
  onSettled?: () => void
): boolean {
  const [isSettled, setIsSettled] = useState(!wasTall);
  if (isSettled && !isOver) {
    setIsSettled(false); // it has not ended, or its provider took the end back
  }
  useLayoutEffect(() => {
    const element = card.current;
    if (!isOver || isSettled || !element) {
      return undefined;
    }
    const settle = (): void => {
      setIsSettled(true);
      onSettled?.();
    };
    const page = element.ownerDocument;
    const look = ({ clientX, clientY }: PointerEvent): void => {
      const { left, right, top } = element.getBoundingClientRect();
      if (clientX < left || clientX > right || clientY < top) {
        settle();
      }
    };
    // A view is put into the page only after it was drawn.
    const frame = requestAnimationFrame(() => {
      if (!isInTheWay(element, page)) {
        settle();
      }
    });
    page.addEventListener("pointermove", look, { passive: true });
    page.documentElement.addEventListener("pointerleave", settle);
    return () => {
      cancelAnimationFrame(frame);
      page.removeEventListener("pointermove", look);
      page.documentElement.removeEventListener("pointerleave", settle);
    };
  }, [isOver, isSettled, card, onSettled]);
  return isOver && isSettled;
}

/** Whether the pointer is on the card, or on something below it, as far as the browser tells without an event. */
function isInTheWay(element: HTMLElement, page: Document): boolean {
  const hovered = [...page.querySelectorAll(":hover")].pop();
  if (!hovered) {
    return false;
  }
  const card = element.getBoundingClientRect();
  const under = hovered.getBoundingClientRect();
  return under.bottom > card.top && under.right > card.left && under.left < card.right;
}
