import { can, type Persona } from './personas.js';

const may = (isAdmin: boolean, roles: string[]): Persona[] =>
  (['reader', 'member', 'admin'] as const).filter((persona) => can({ isAdmin, roles }, persona));

describe('personas', () => {
  it.each([
    ['an administrator may everything', true, [], ['reader', 'member', 'admin']],
    ['a member with the implied role reads too', false, ['member', 'reader'], ['reader', 'member']],
    ['a reader changes nothing', false, ['reader'], ['reader']],
    ['the case of a role does not matter', false, ['Member'], ['member']],
    ['the admin role alone, in a project that is not the admin project, gives nothing', false, ['admin'], []],
    ['no role, no right', false, [], []],
  ] as const)('%s', (_, isAdmin, roles, expected) => {
    expect(may(isAdmin, [...roles])).toEqual(expected);
  });
});
