/** Every table that is read or written through TypeORM. */
export const ENTITIES = [];
