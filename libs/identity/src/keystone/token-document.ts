import type { CatalogEntry } from '../catalog.js';

/** What a Keystone token says (Identity API v3, `GET /v3/auth/tokens`). */
export interface TokenDocument {
  userId: string;
  /** Absent from tokens that are scoped to a domain, to the system or to nothing. */
  projectId?: string;
  roles: string[];
  /** False when Keystone has an admin project and this is another one; absent, every project is one. */
  isAdminProject: boolean;
  expiresAt: Date;
  catalog?: CatalogEntry[];
}

interface RawToken {
  user: { id: string };
  project?: { id: string };
  roles?: { name: string }[];
  is_admin_project?: boolean;
  expires_at: string;
  catalog?: RawCatalogEntry[];
}

interface RawCatalogEntry {
  type: string;
  name?: string;
  endpoints?: { interface: string; region?: string | null; url: string }[];
}

/** @throws Error when the body is no token */
export function parseToken(body: unknown): TokenDocument {
  const token = (body as { token?: RawToken } | undefined)?.token;
  const expiresAt = new Date(token?.expires_at ?? '');
  if (typeof token?.user?.id !== 'string' || Number.isNaN(expiresAt.getTime())) {
    throw new Error('Keystone answered with something that is no token');
  }
  return {
    userId: token.user.id,
    ...(token.project === undefined ? {} : { projectId: token.project.id }),
    roles: (token.roles ?? []).map((role) => role.name),
    isAdminProject: token.is_admin_project ?? true,
    expiresAt,
    ...(token.catalog === undefined ? {} : { catalog: token.catalog.map(parseCatalogEntry) }),
  };
}

function parseCatalogEntry({ type, name, endpoints }: RawCatalogEntry): CatalogEntry {
  return {
    type,
    name: name ?? type,
    endpoints: (endpoints ?? []).map((endpoint) => ({
      interface: endpoint.interface,
      region: endpoint.region ?? '',
      url: endpoint.url,
    })),
  };
}
