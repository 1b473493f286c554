import type { RefObject } from "preact";
import { useEffect, useState } from "preact/hooks";

import { epochSeconds, pageClock } from "./pageClock";

/** The time in epoch seconds; it moves while `ticking` and while the element can be seen. */
export function useNow(ticking: boolean, element: RefObject<Element | null>): number {
  const [now, setNow] = useState(epochSeconds);
  const onScreen = useOnScreen(element);
  useEffect(() => {
    if (!ticking || !onScreen) {
      return undefined;
    }
    const tick = (): void => {
      setNow(epochSeconds());
    };
    tick();
    return pageClock().subscribe(tick);
  }, [ticking, onScreen]);
  return now;
}

/** Whether the element can be seen, as far as the browser tells. */
function useOnScreen(element: RefObject<Element | null>): boolean {
  const [onScreen, setOnScreen] = useState(true);
  useEffect(() => {
    const { IntersectionObserver: Observer } = globalThis as { IntersectionObserver?: typeof IntersectionObserver };
    if (!element.current || !Observer) {
      return undefined;
    }
    const observer = new Observer(entries => {
      setOnScreen(entries.some(entry => entry.isIntersecting));
    });
    observer.observe(element.current);
    return () => {
      observer.disconnect();
    };
  }, [element]);
  return onScreen;
}
