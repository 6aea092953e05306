import { type CatalogEntry, findEndpoint } from './catalog.js';

const endpoint = (kind: string, region: string): CatalogEntry['endpoints'][number] => ({
  interface: kind,
  region,
  url: `http://${kind}.${region}`,
});
const catalog: CatalogEntry[] = [
  { type: 'image', name: 'glance', endpoints: [endpoint('public', 'one'), endpoint('internal', 'two')] },
];

describe('the catalogue', () => {
  it('prefers the internal endpoint', () => {
    expect(findEndpoint(catalog, { types: ['image'] })).toBe('http://internal.two');
  });

  it('does not send one region to another', () => {
    expect(findEndpoint(catalog, { types: ['image'], region: 'one' })).toBe('http://public.one');
    expect(findEndpoint(catalog, { types: ['image'], region: 'three' })).toBeUndefined();
  });

  it('knows a service by its older names', () => {
    expect(findEndpoint(catalog, { types: ['imageService', 'image'], interfaces: ['public'] })).toBe(
      'http://public.one',
    );
  });
});
