import type { JSX } from "preact";

import { CopyButton } from "./copyButton";
import { LongText } from "./longText";
import { SUPPRESS_SHORTCUTS } from "./suppressShortcuts";
import type { FailureFrame, FailureStep, JobError } from "../wire/snapshot";
import { strings } from "../i18n/strings";

/** Shows a line of a cell, by the number of the cell. */
export type GoToLine = (cell: number, line: number) => void;

interface IFailureProps {
  error: JobError;
  announce: (text: string) => void;
  /** Left out where the page has no cells. */
  goToLine: GoToLine | undefined;
}

/** Why a job failed: each exception of the chain with the user's own frames, library frames folded. */
export function Failure({ error, announce, goToLine }: IFailureProps): JSX.Element {
  const { chain, traceback } = error;
  const line = strings.errorLine(error);
  return (
    <div class="primwidgets-JobCard-failure">
      {chain.length === 0 && !traceback?.includes(error.message) && <LongText label={strings.ERROR} text={line} />}
      {chain.length === 0 && traceback && <LongText label={strings.TRACEBACK} text={traceback} follow />}
      {chain.map((step, index) => (
        <Step key={index} step={step} before={chain[index - 1]} goToLine={goToLine} />
      ))}
      <CopyButton text={traceback ?? line} what={strings.TRACEBACK} announce={announce} />
    </div>
  );
}

interface IStepProps {
  step: FailureStep;
  before: FailureStep | undefined;
  goToLine: GoToLine | undefined;
}

function Step({ step, before, goToLine }: IStepProps): JSX.Element {
  return (
    <>
      {before && <div class="primwidgets-JobCard-muted">{step.caused ? strings.CAUSED_BY : strings.RAISED_WHILE}</div>}
      <div class="primwidgets-JobCard-exception" dir="auto">
        <strong>{step.type}</strong>
        {step.message && `: ${step.message}`}
      </div>
      {step.left_out > 0 && <div class="primwidgets-JobCard-muted">{strings.framesLeftOut(step.left_out)}</div>}
      {grouped(step.frames).map((frames, index) =>
        frames[0]?.own ? (
          frames.map((frame, at) => <Frame key={`${index}.${at}`} frame={frame} goToLine={goToLine} />)
        ) : (
          <details key={index}>
            <summary {...SUPPRESS_SHORTCUTS}>{strings.libraryFrames(frames.length)}</summary>
            {frames.map((frame, at) => (
              <Frame key={at} frame={frame} goToLine={undefined} />
            ))}
          </details>
        )
      )}
    </>
  );
}

/** The frames in their order: each of the user's own alone, those of libraries that follow each other together. */
function grouped(frames: readonly FailureFrame[]): readonly (readonly FailureFrame[])[] {
  const groups: FailureFrame[][] = [];
  for (const frame of frames) {
    const last = groups[groups.length - 1];
    if (last && last[0]?.own === frame.own) {
      last.push(frame);
    } else {
      groups.push([frame]);
    }
  }
  return groups;
}

function Frame({ frame, goToLine }: { frame: FailureFrame; goToLine: GoToLine | undefined }): JSX.Element {
  const { file, line, cell, first_line: first, source } = frame;
  const place = strings.framePlace(file, line);
  return (
    <div class="primwidgets-JobCard-frame">
      <div>
        <bdi>{place}</bdi> <bdi class="primwidgets-JobCard-muted">{frame.function}</bdi>
        {goToLine && cell !== null && (
          <button
            type="button"
            class="primwidgets-JobCard-copy"
            aria-label={strings.goToPlace(place)}
            {...SUPPRESS_SHORTCUTS}
            onClick={() => {
              goToLine(cell, line);
            }}
          >
            {strings.GO_TO_LINE}
          </button>
        )}
      </div>
      {source.length > 0 && (
        <pre role="group" aria-label={place} tabIndex={0} {...SUPPRESS_SHORTCUTS}>
          {source.map((text, index) => {
            const failed = first + index === line;
            return (
              <div key={index} class={failed ? "primwidgets-JobCard-failedLine" : undefined}>
                {`${failed ? "→" : " "} ${String(first + index).padStart(4)}  ${text}`}
              </div>
            );
          })}
        </pre>
      )}
    </div>
  );
}
