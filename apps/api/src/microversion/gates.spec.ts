import { CONTROLLERS } from '../api.module.js';
import { assertPolicies, routesOf } from '../frame/route-table.js';
import { POLICY } from '../policy/policy.js';
import { listGates } from './gates.js';
import { HISTORY } from './history.js';
import { MAX_VERSION, minorOf } from './microversion.js';

describe('the history of the wire', () => {
  it('has every microversion once and in order', () => {
    const minors = Object.keys(HISTORY).map((version) => Number(version.split('.')[1]));
    expect(minors).toEqual(Array.from({ length: minorOf(MAX_VERSION) + 1 }, (_, minor) => minor));
  });

  it('can be listed from the code, and names known versions only', () => {
    const gates = listGates();
    expect(gates.filter(({ since }) => HISTORY[since] === undefined)).toEqual([]);
    expect(gates).toEqual(
      expect.arrayContaining([
        { since: '3.12', what: 'VolumesController.summary' },
        { since: '3.13', what: 'CreateVolumeBody.group_id' },
        { since: '3.65', what: 'volumes: field consumes_quota' },
      ]),
    );
  });
});

describe('policy', () => {
  it('covers every route, and names no route that is not there', () => {
    const routes = routesOf(CONTROLLERS).map(({ route }) => route);
    expect(() => assertPolicies(routes)).not.toThrow();
    expect(() => assertPolicies(['GET /forgotten'])).toThrow('GET /forgotten');
    const listed = Object.keys(POLICY).filter((route) => route.split(' ').length === 2);
    expect(listed.filter((route) => !routes.includes(route))).toEqual([]);
  });
});
