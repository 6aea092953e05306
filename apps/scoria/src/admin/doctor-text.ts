import type { DoctorReport, Finding } from '@scoria/store';
import { clipped } from './table.js';

/** Characters of a line's detail. */
const DETAIL = 160;

/** The report for people: what was looked at, then each finding with its subjects and what mends it. */
export function doctorText({ agreed, looked, findings }: DoctorReport): string {
  const { checks, volumes, snapshots, attachments, backends } = looked;
  const seen = backends.map(({ backend, inventory }) =>
    inventory ? backend : `${backend} (its driver cannot say what is on its storage)`,
  );
  const what = [
    `${checks} checks of the rows of ${volumes} volumes, ${snapshots} snapshots and ${attachments} attachments.`,
    seen.length === 0 ? 'No storage.' : `Storage and exports of ${seen.join(', ')}.`,
  ];
  const verdict = agreed ? 'Everything agrees.' : 'Not everything agrees.';
  return [`Looked at: ${what.join('\n           ')}`, ...findings.map(findingText), verdict].join('\n\n');
}

function findingText({ check, level, finds, mend, count, subjects }: Finding): string {
  const lines = subjects.map(({ subject, detail }) => `    ${subject}: ${clipped(detail, DETAIL)}`);
  const more = count - subjects.length;
  if (subjects.length > 0 && more > 0) lines.push(`    and ${more} more`);
  const only = subjects.length === 1 && count === 1 ? subjects[0]!.subject : '<it>';
  return [
    `${level === 'wrong' ? 'WRONG' : 'note '}  ${check} (${count}): ${finds}`,
    ...lines,
    `    mend: ${mend.replaceAll('{subject}', only)}`,
  ].join('\n');
}
