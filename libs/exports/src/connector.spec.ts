import { generateChap } from './chap.js';
import { isIscsiName, parseConnector, requireHost, requireInitiator } from './connector.js';

describe('connector', () => {
  it('takes the names that real initiators have', () => {
    const names = [
      'iqn.1993-08.org.debian:01:af5bf2af245',
      'iqn.1994-05.com.redhat:7e37d2b3a4',
      'iqn.1991-05.com.microsoft:win-ABC',
      'iqn.2008-11.org.linux-kvm',
      'eui.02004567A425678D',
      'naa.52004567BA64678D',
    ];
    expect(names.filter((name) => !isIscsiName(name))).toEqual([]);
  });

  it('a name that tgt would take for an address, a parameter or everyone is no initiator', () => {
    const names = [
      'ALL',
      '10.0.0.1',
      '10.0.0.0/8',
      'iqn.2026-11.x:a,b',
      'iqn.2026-11.x:a b',
      'iqn.2026-11.x:a\n',
      '--force',
    ];
    const long = `iqn.2026-11.x:${'a'.repeat(223)}`;
    for (const initiator of [...names, long, 7 as never, {} as never]) {
      expect(() => requireInitiator({ initiator })).toThrow(
        expect.objectContaining({ kind: 'badRequest' }) as Error,
      );
    }
  });

  it('what is missing is named in Cinder’s words', () => {
    expect(() => requireInitiator({ host: 'a' })).toThrow(
      "Connector doesn't have required information: initiator",
    );
    expect(() => requireHost({ initiator: 'a' })).toThrow(
      "Connector doesn't have required information: host",
    );
  });

  it('keeps keys that it does not know', () => {
    const connector = { host: 'a', wwpns: ['50014380186b3f65'], multipath: true };
    expect(parseConnector(connector)).toEqual(connector);
  });
});

describe('generateChap', () => {
  it('makes pairs that differ, in Cinder’s lengths and letters', () => {
    const pairs = Array.from({ length: 200 }, generateChap);
    for (const { username, password } of pairs) {
      expect(username).toMatch(/^[2-9A-HJ-NP-Za-km-z]{20}$/);
      expect(password).toMatch(/^[2-9A-HJ-NP-Za-km-z]{16}$/);
    }
    expect(new Set(pairs.flatMap(({ username, password }) => [username, password])).size).toBe(400);
  });
});
