import { Component, createRef, type JSX } from "preact";

import { SUPPRESS_SHORTCUTS } from "./suppressShortcuts";

interface ILongTextProps {
  label: string;
  text: string;
  /** Grows at its end: the end stays in sight unless the user scrolled away from it. */
  follow?: boolean;
}

/** Pixels that an end may be off and still be in sight: positions are rounded where the page is zoomed. */
const NEAR = 8;

/**
 * Text that may be long. It scrolls, so it takes the focus: a keyboard has no other way to scroll it. It is no live
 * region, not even where it grows: what a job prints would never let a screen reader say anything else.
 */
export class LongText extends Component<ILongTextProps> {
  readonly #box = createRef<HTMLPreElement>();

  override componentDidMount(): void {
    this.#follow(true);
  }

  override getSnapshotBeforeUpdate(): boolean {
    const box = this.#box.current;
    return box !== null && box.scrollHeight - box.scrollTop - box.clientHeight < NEAR;
  }

  override componentDidUpdate(_props: ILongTextProps, _state: object, atEnd: boolean): void {
    this.#follow(atEnd);
  }

  override render(): JSX.Element {
    const { label, text } = this.props;
    return (
      <pre
        class="primwidgets-JobCard-longText"
        tabIndex={0}
        role="group"
        aria-label={label}
        dir="auto"
        ref={this.#box}
        {...SUPPRESS_SHORTCUTS}
      >
        {text}
      </pre>
    );
  }

  #follow(atEnd: boolean): void {
    const box = this.#box.current;
    if (box && atEnd && this.props.follow) {
      box.scrollTop = box.scrollHeight;
    }
  }
}
