import { useEffect, useState } from "preact/hooks";

/** Longer than the pause between two keys while typing. */
const DELAY_MS = 700;

/** The text once it has stayed the same for a while: for what is read out, so that no half-typed word is answered. */
export function useDebounced(text: string): string {
  const [calm, setCalm] = useState("");
  useEffect(() => {
    const timer = setTimeout(() => {
      setCalm(text);
    }, DELAY_MS);
    return () => {
      clearTimeout(timer);
    };
  }, [text]);
  return calm;
}
