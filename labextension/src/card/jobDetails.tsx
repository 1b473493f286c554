import type { ComponentChildren, JSX } from "preact";

import { attemptRows } from "./attempts";
import { CopyButton } from "./copyButton";
import { Failure, type GoToLine } from "./failure";
import { LongText } from "./longText";
import { MemberList } from "./memberList";
import type { MimeRenderer } from "./mimeBox";
import { ResultPicture } from "./resultPicture";
import { SeriesPlot } from "./seriesPlot";
import type { JobSnapshot, TextMap } from "../wire/snapshot";
import { strings } from "../i18n/strings";
import { TextRows, type TextRow } from "./textRows";
import { TimelineList } from "./timelineList";

interface IJobDetailsProps {
  snapshot: JobSnapshot;
  /** Further rows of a subclass. */
  parts: TextMap;
  now: number;
  /** The snapshot is outdated: how long the last state lasted is unknown. */
  outdated: boolean;
  /** In a list of many: without what the job printed. */
  compact: boolean | undefined;
  announce: (text: string) => void;
  renderMime?: MimeRenderer | undefined;
  goToLine?: GoToLine | undefined;
}

/** The details of a job, below its card. */
export function JobDetails(props: IJobDetailsProps): JSX.Element {
  const { snapshot, parts, now, outdated, compact, announce, renderMime, goToLine } = props;
  const { result_preview: preview, error, group, log, series, metadata, locator, attempts } = snapshot;
  const copy = (
    <CopyButton text={snapshot.job_id} what={strings.ROW_NAMES.job_id} word={strings.COPY_ID} announce={announce} />
  );
  return (
    <div class="primwidgets-JobCard-details">
      {group && group.members.length > 0 && (
        <Section title={strings.MEMBERS}>
          <MemberList group={group} />
        </Section>
      )}
      {preview && (
        <Section title={strings.RESULT}>
          <ResultPicture preview={preview} renderMime={renderMime} announce={announce} />
        </Section>
      )}
      {series.length > 0 && (
        <Section title={strings.VALUES}>
          {series.map((one, index) => (
            <SeriesPlot key={index} series={one} />
          ))}
        </Section>
      )}
      {error && (
        <Section title={strings.ERROR}>
          <Failure error={error} announce={announce} goToLine={goToLine} />
        </Section>
      )}
      <RowSection title={strings.EARLIER_ATTEMPTS} rows={attemptRows(attempts)} />
      {log !== null && !compact && (
        <Section title={strings.OUTPUT}>
          <LongText label={strings.OUTPUT} text={log} follow />
        </Section>
      )}
      <Section title={strings.TIMELINE}>
        <TimelineList snapshot={snapshot} now={now} outdated={outdated} />
      </Section>
      <Section title={strings.JOB}>
        <TextRows label={strings.JOB} rows={[...jobRows(snapshot, copy), ...rowsOf(parts)]} />
      </Section>
      <RowSection title={strings.METADATA} rows={rowsOf(metadata)} />
      <RowSection title={strings.LOCATOR} rows={rowsOf(locator ?? {})} />
    </div>
  );
}

function Section({ title, children }: { title: string; children: ComponentChildren }): JSX.Element {
  return (
    <div class="primwidgets-JobCard-section" role="group" aria-label={title}>
      <div class="primwidgets-JobCard-sectionTitle" aria-hidden="true">
        {title}
      </div>
      {children}
    </div>
  );
}

function RowSection({ title, rows }: { title: string; rows: readonly TextRow[] }): JSX.Element | null {
  return rows.length === 0 ? null : (
    <Section title={title}>
      <TextRows label={title} rows={rows} />
    </Section>
  );
}

function jobRows(snapshot: JobSnapshot, copy: JSX.Element): readonly TextRow[] {
  const rows = Object.entries(strings.ROW_NAMES).map(([field, name]) => ({
    name,
    text: snapshot[field as keyof typeof strings.ROW_NAMES] ?? "",
    extra: field === "job_id" ? copy : null
  }));
  return rows.filter(({ text }) => text !== "");
}

function rowsOf(texts: TextMap): readonly TextRow[] {
  return Object.entries(texts).map(([name, text]) => ({ name, text }));
}
