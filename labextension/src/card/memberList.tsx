import type { JSX } from "preact";

import { formatPercentage } from "../i18n/percentage";
import { strings } from "../i18n/strings";
import type { GroupMember, GroupSummary } from "../wire/snapshot";
import { StateIcon } from "./stateIcon";

/** The members of a group, each in a line; the kernel sends those that need attention first, and not all of many. */
export function MemberList({ group }: { group: GroupSummary }): JSX.Element {
  const more = group.total - group.members.length;
  return (
    <>
      <ul class="primwidgets-JobCard-members" aria-label={strings.MEMBERS} tabIndex={0}>
        {group.members.map(member => (
          <Member key={member.uid} member={member} />
        ))}
      </ul>
      {more > 0 && <div class="primwidgets-JobCard-muted">{strings.moreJobs(more)}</div>}
    </>
  );
}

function Member({ member: { name, state, progress, seconds, note } }: { member: GroupMember }): JSX.Element {
  const extent = seconds === null ? progress !== null && formatPercentage(progress, state) : strings.duration(seconds);
  return (
    <li>
      <StateIcon state={state} />
      <bdi class="primwidgets-JobCard-memberName" title={name}>
        {name}
      </bdi>
      <span class="primwidgets-JobCard-muted">
        {strings.STATE_WORDS[state]}
        {extent && ` · ${extent}`}
      </span>
      {note !== null && (
        <bdi class="primwidgets-JobCard-memberNote" title={note}>
          {note}
        </bdi>
      )}
    </li>
  );
}
