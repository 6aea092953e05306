/** What one check has found. */
export interface Finding {
  check: string;
  /** `wrong` is a disagreement; a `note` only wants a look. */
  level: 'wrong' | 'note';
  /** What each subject is. */
  finds: string;
  /** What mends it; `{subject}` stands for one. */
  mend: string;
  /** Of all subjects; those named may be fewer. */
  count: number;
  subjects: { subject: string; detail: string }[];
}

/** What the doctor has seen. */
export interface DoctorReport {
  /** Whether nothing is wrong; notes do not count. */
  agreed: boolean;
  /** By the database's clock: ISO 8601, UTC. */
  at: string;
  /** What was looked at. */
  looked: {
    /** Statements about rows. */
    checks: number;
    volumes: number;
    snapshots: number;
    attachments: number;
    /** Backends whose storage and exports were compared; `inventory` tells whether the storage can say what it holds. */
    backends: { backend: string; inventory: boolean }[];
  };
  findings: Finding[];
}
