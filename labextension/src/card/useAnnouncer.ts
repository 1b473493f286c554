import { useEffect, useRef, useState } from "preact/hooks";

/**
 * What a live region says: `phrase` after each change of it, and what is announced in between. What is true from the
 * start is not announced.
 */
export function useAnnouncer(phrase: string): readonly [spoken: string, announce: (text: string) => void] {
  const [spoken, setSpoken] = useState("");
  const lastRef = useRef(phrase);
  useEffect(() => {
    if (lastRef.current !== phrase) {
      lastRef.current = phrase;
      setSpoken(phrase);
    }
  }, [phrase]);
  return [spoken, setSpoken];
}
