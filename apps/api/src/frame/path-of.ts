/** The path of a request's target, where the router ends it: before a query, and before a fragment, though no client sends one. */
export const pathOf = (url: string): string => url.split(/[?#]/, 1)[0]!;
