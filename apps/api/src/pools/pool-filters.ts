/** What pools may be filtered by from 3.31 on. Cinder also has `volume_type`, which needs its scheduler's filters. */
export const POOL_FILTERS: readonly string[] = ['name'];
