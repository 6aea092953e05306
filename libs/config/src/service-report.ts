/**
 * Seconds between two reports of a service that it is alive. Not a setting: those who read the reports, in other
 * processes with other settings, must know it.
 */
export const SERVICE_REPORT_SECONDS = 5;
