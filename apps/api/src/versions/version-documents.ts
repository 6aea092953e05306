import { MAX_VERSION, MIN_VERSION } from '../microversion/microversion.js';

const MEDIA_TYPE = 'application/vnd.openstack.volume+json;version=3';
const DOCS = 'https://docs.openstack.org/';

/** What clients read to learn the versions (cinder-map §0). */
export function versionDocument(linkBase: string): object {
  return {
    versions: [
      {
        id: 'v3.0',
        status: 'CURRENT',
        version: MAX_VERSION,
        min_version: MIN_VERSION,
        updated: '2023-08-31T00:00:00Z',
        links: [
          { rel: 'describedby', type: 'text/html', href: DOCS },
          { rel: 'self', href: `${linkBase}/v3/` },
        ],
        'media-types': [{ base: 'application/json', type: MEDIA_TYPE }],
      },
    ],
  };
}
