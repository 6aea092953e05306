/** The `volume_type_id` of a row of `usages` that counts volumes of all types. */
export const ALL_TYPES = '00000000-0000-0000-0000-000000000000';
