/** A set of limits with the name of whose they are; both are JSON text. */
export const withId = (id: string, set: string): string =>
  `{"id":${JSON.stringify(id)},${set.trim().slice(1)}`;
