/** Asked every few seconds by machines; a span for each would bury the others. */
const UNTRACED_PATH = /^\/(metrics|live|ready|healthcheck)(\?|$)/;

export const isUntraced = (url: string | undefined): boolean => UNTRACED_PATH.test(url ?? '');
