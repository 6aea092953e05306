/** Where root keeps what the unprivileged user must reach, when it cannot lie where it was asked for. */
export const SHARED_STATE = '/var/lib/scoria';
