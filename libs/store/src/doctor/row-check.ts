/** A statement that must find nothing: rows that contradict each other. */
export interface RowCheck {
  /** Short and stable: tools look for it. */
  name: string;
  /** What each row found is. */
  finds: string;
  /** What mends it, as a command where there is one; `{subject}` stands for what was found. */
  mend: string;
  /** Wants a look, and is no contradiction. */
  note?: boolean;
  /** Answers `subject` and `detail`, both text. `asked.down_seconds` is `scheduler.serviceDownSeconds`. */
  sql: string;
}
