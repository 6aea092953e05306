/** One service of Keystone's catalogue. */
export interface CatalogEntry {
  type: string;
  name: string;
  endpoints: CatalogEndpoint[];
}

export interface CatalogEndpoint {
  interface: string;
  region: string;
  url: string;
}

export interface EndpointWish {
  /** In order of preference: the official name first, older ones after it, e.g. `['image']`. */
  types: string[];
  /** In order of preference. `['internal', 'public']` unless told. */
  interfaces?: string[];
  region?: string;
}

/** The URL of a service, or undefined when the catalogue has none that fits. */
export function findEndpoint(catalog: readonly CatalogEntry[], wish: EndpointWish): string | undefined {
  for (const type of wish.types) {
    const endpoints = catalog.filter((entry) => entry.type === type).flatMap((entry) => entry.endpoints);
    for (const name of wish.interfaces ?? ['internal', 'public']) {
      const found = endpoints.find(
        (endpoint) =>
          endpoint.interface === name && (wish.region === undefined || endpoint.region === wish.region),
      );
      if (found) return found.url;
    }
  }
  return undefined;
}
