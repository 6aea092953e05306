import type { RequestContext } from '@scoria/domain';

/** Cinder's three personas (cinder-map §9). */
export type Persona = 'reader' | 'member' | 'admin';

/**
 * The role that each persona needs besides being an administrator, who may everything. A higher role is not looked
 * for: Keystone adds the roles that a role implies (admin, member, reader) to the token.
 */
const ROLE_OF: Record<Persona, string | undefined> = {
  reader: 'reader',
  member: 'member',
  admin: undefined,
};

/** Whether the caller may act as `persona` in its own project. Whose a resource is, the caller of this compares. */
export function can(context: Pick<RequestContext, 'isAdmin' | 'roles'>, persona: Persona): boolean {
  const role = ROLE_OF[persona];
  return context.isAdmin || (role !== undefined && hasRole(context.roles, role));
}

/** Role names do not differ by case, as in oslo.policy. */
export function hasRole(roles: readonly string[], wanted: string): boolean {
  const name = wanted.toLowerCase();
  return roles.some((role) => role.toLowerCase() === name);
}
