import { Component, createRef, type ComponentChildren, type JSX, type RefObject } from "preact";

interface IFocusPreserverProps {
  class: string;
  /** Where the focus goes when no button is left. */
  fallback: RefObject<HTMLElement | null>;
  children: ComponentChildren;
}

/** A box of buttons that come and go: when the focused one goes, the focus moves to a neighbour instead of being lost. */
export class FocusPreserver extends Component<IFocusPreserverProps> {
  readonly #box = createRef<HTMLDivElement>();

  override getSnapshotBeforeUpdate(): boolean {
    return this.#hasFocus();
  }

  override componentDidUpdate(_props: IFocusPreserverProps, _state: object, hadFocus: boolean): void {
    if (hadFocus && !this.#hasFocus()) {
      const box = this.#box.current;
      const next = box?.querySelector<HTMLElement>("[data-preferred]") ?? box?.querySelector<HTMLElement>("button");
      (next ?? this.props.fallback.current)?.focus();
    }
  }

  override render(): JSX.Element {
    return (
      <div class={this.props.class} ref={this.#box}>
        {this.props.children}
      </div>
    );
  }

  #hasFocus(): boolean {
    const box = this.#box.current;
    return box?.contains(box.ownerDocument.activeElement) ?? false;
  }
}
